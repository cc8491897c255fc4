#include "audit/audit.h"

#include <fmt/format.h>

#include <algorithm>

#include "commands/audit_report.h"
#include "commands/commands.h"
#include "commands/open_run.h"
#include "interrupt.h"
#include "terminal/format.h"

namespace generalizer {
namespace {

struct AuditCommand {
  RunOptions run;
  AuditOptions audit;
  std::vector<std::string> attacker_files;
  std::string noise = "both";
  bool json = false;
};

AttackedNoise noise_of(const std::string& word) {
  return word == "off" ? AttackedNoise::off : word == "on" ? AttackedNoise::on : AttackedNoise::both;
}

void check_options(const AuditCommand& command) {
  if (command.audit.without_baseline && !command.audit.baseline.empty())
    throw UsageError("--no-baseline and --baseline " + command.audit.baseline + " exclude each other; leave one of them out.");
  require_folder(command.run.run);
  if (!command.audit.baseline.empty()) require_folder(command.audit.baseline);
}

void load_plugins_of(Context& context, const AuditCommand& command) {
  std::vector<std::string> files = plugins_of_run(command.run.run);
  if (!command.audit.baseline.empty()) {
    for (const std::string& file : plugins_of_run(command.audit.baseline)) {
      if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
    }
  }
  load_all_plugins(context, files, command.run.plugin_paths);
  require_backend(context, command.run.backend);
}

ExitCode audit_command(Context& context, const AuditCommand& command) {
  check_options(command);
  load_plugins_of(context, command);
  const Interrupt interrupt;
  AuditOptions options = command.audit;
  options.checkpoint = command.run.checkpoint;
  options.backend = command.run.backend;
  options.noise = noise_of(command.noise);
  options.command = context.command_line;
  options.stop_requested = [&interrupt] { return interrupt.requested(); };
  for (const std::string& file : command.attacker_files) options.attacker_files.push_back(read_source(file));
  AuditProgress progress(context.terminal);
  AuditReport report;
  try {
    report = audit(command.run.run, options, context.registry, progress);
  } catch (const AuditStopped&) {
    progress.finish();
    context.terminal.note("Stopped. Attacks begin anew next time; what was trained of a baseline is kept.");
    return ExitCode::interrupted;
  } catch (...) {
    progress.finish();
    throw;
  }
  progress.finish();
  if (command.json) {
    print_json(to_json(report, options));
  } else {
    print(audit_text(report));
  }
  context.terminal.note(fmt::format("Written in {}: {}{}", format_duration(report.seconds), report.file,
                                    report.picture.empty() ? "" : " and " + report.picture));
  return ExitCode::done;
}

/// The options that say what is attacked, and with what.
void add_attack_options(CLI::App& app, AuditCommand& command) {
  app.add_option("--tap", command.audit.tap, "Attack this layer instead of those that the decoders tap")->type_name("LAYER")->check(not_empty());
  app.add_option("--attackers", command.audit.attackers, "Which of the program's own attackers: linear,two_layer,convolutional")
      ->type_name("NAMES")
      ->delimiter(',')
      ->check(not_empty());
  app.add_option("--attacker", command.attacker_files, "Attack with the decoder of this file, too: TOML with layers, and optimizer, loss, epochs; repeatable")
      ->type_name("FILE")
      ->check(not_empty())
      ->allow_extra_args(false);
  app.add_option("--noise", command.noise, "Which representations to attack where noise is on: without it, with it, or both")
      ->check(CLI::IsMember({"off", "on", "both"}));
  app.add_option("--baseline", command.audit.baseline,
                 "A run to compare with; without it the same graph without its negative term is trained, in RUN/audit/baseline")
      ->type_name("RUN")
      ->check(not_empty());
  app.add_flag("--no-baseline", command.audit.without_baseline, "Compare with no baseline");
}

void add_effort_options(CLI::App& app, AuditCommand& command) {
  const auto count = [&app](const char* name, std::int64_t& value, const char* help) {
    app.add_option(name, value, help)->type_name("N")->check(CLI::Range(std::int64_t{1}, std::int64_t{1000000000}))->capture_default_str();
  };
  count("--seeds", command.audit.seeds, "Beginnings of each attacker; the strongest counts, and what they scatter is said");
  count("--epochs", command.audit.epochs, "Epochs of an attacker at most; it stops earlier when held-out images say so");
  count("--batch", command.audit.batch, "Images of one step of an attacker");
  app.add_option("--images", command.audit.images, "Use only the first so many training and test images; 0: all")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--out", command.audit.out, "Folder for audit.json and pictures.png, instead of RUN and RUN/audit")->type_name("DIR")->check(not_empty());
}

}  // namespace

void add_audit(CLI::App& program, Action& chosen) {
  CLI::App* app = program.add_subcommand("audit", "Find out what a trained network has forgotten, by attackers trained from scratch");
  auto command = std::make_shared<AuditCommand>();
  add_run_options(*app, command->run);
  add_attack_options(*app, *command);
  add_effort_options(*app, *command);
  add_json_option(*app, command->json);
  add_examples(*app, {{"audit runs/fashion-generalizer", "what fresh decoders recreate, beside a baseline that is trained for it"},
                      {"audit runs/strong --baseline runs/plain --seeds 1 --images 10000", "quicker, against a run that is there already"},
                      {"audit runs/plain --tap embedding --attacker my-decoder.toml --no-baseline", "any layer, and an attacker of one's own"}});
  app->callback([command, &chosen] { chosen = [command](Context& context) { return audit_command(context, *command); }; });
}

}  // namespace generalizer
