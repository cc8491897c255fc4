#include <fmt/format.h>

#include "commands/commands.h"
#include "commands/open_run.h"
#include "terminal/format.h"
#include "terminal/table.h"

namespace generalizer {
namespace {

struct EvalOptions {
  RunOptions run;
  bool json = false;
};

nlohmann::ordered_json number_or_null(const std::optional<double>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json report_json(const EvalOptions& options, const LoadedRun& run,
                                   const EpochMetrics& metrics) {
  nlohmann::ordered_json json;
  json["run"] = options.run.run;
  json["checkpoint"] = run.checkpoint;
  json["device"] = run.network->session().device();
  json["epoch"] = run.epoch;
  json["step"] = run.step;
  json["test"] = {{"loss", number_or_null(metrics.test.loss)},
                  {"accuracy", number_or_null(metrics.test.accuracy)}};
  json["decoders"] = nlohmann::ordered_json::object();
  for (const auto& [name, decoder] : metrics.decoders) {
    json["decoders"][name] = {{"test_loss", number_or_null(decoder.test_loss)},
                              {"mean_image_loss", number_or_null(decoder.mean_image_loss)},
                              {"never_trained", decoder.never_trained}};
  }
  return json;
}

/// What a decoder's loss means: against the loss of showing everybody the mean image.
std::string meaning(const DecoderMetrics& decoder) {
  if (decoder.never_trained) return "never trained: its `every` is more than the steps so far";
  if (!decoder.test_loss || !decoder.mean_image_loss || *decoder.mean_image_loss <= 0) return "";
  const double recreated = 1.0 - *decoder.test_loss / *decoder.mean_image_loss;
  if (recreated <= 0) return "recreates no more than the mean image does";
  return fmt::format("makes good {:.0f} % of what the mean image misses", 100.0 * recreated);
}

std::string report_text(const LoadedRun& run, const EpochMetrics& metrics) {
  using enum Table::Align;
  std::string text = fmt::format("{}, after epoch {} (step {}), on {}\n", run.checkpoint, run.epoch,
                                 format_count(run.step), run.network->session().device());
  if (metrics.test.loss || metrics.test.accuracy) {
    text += fmt::format("\nclassifier: test accuracy {}, test loss {}\n", format_share(metrics.test.accuracy),
                        format_figure(metrics.test.loss));
  }
  Table table({{"decoder"}, {"test loss", right}, {"mean image", right}, {""}});
  for (const auto& [name, decoder] : metrics.decoders) {
    table.add(
        {name, format_figure(decoder.test_loss), format_figure(decoder.mean_image_loss), meaning(decoder)});
  }
  return table.empty() ? text : text + "\n" + table.to_string();
}

ExitCode eval(Context& context, const EvalOptions& options) {
  LoadedRun run = open_run(context, options.run);
  const EpochMetrics metrics = evaluate_run(run, context.registry);
  if (options.json) {
    print_json(report_json(options, run, metrics));
  } else {
    print(report_text(run, metrics));
  }
  return ExitCode::done;
}

}  // namespace

void add_eval(CLI::App& program, Action& chosen) {
  CLI::App* command = program.add_subcommand("eval", "Measure a trained network on its test set");
  auto options = std::make_shared<EvalOptions>();
  add_run_options(*command, options->run);
  add_json_option(*command, options->json);
  add_examples(*command, {{"eval runs/fashion-generalizer", "test accuracy, and what each decoder recreates"},
                          {"eval runs/fashion-generalizer --backend reference --json",
                           "computed by another backend, for a script"},
                          {"eval runs/fashion-generalizer --checkpoint best", "the best epoch's weights, with [train] best_by"}});
  command->callback(
      [options, &chosen] { chosen = [options](Context& context) { return eval(context, *options); }; });
}

}  // namespace generalizer
