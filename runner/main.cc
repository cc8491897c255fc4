#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <sstream>

#include "commands/commands.h"
#include "failure.h"
#include "terminal/format.h"

namespace generalizer {
namespace {

/// OpenMP's threads spin while they wait, by default for so long that a busy machine loses milliseconds at
/// every operation. libgomp reads this when it is loaded, which is when a backend's plugin is. What the user
/// has set stays.
void tame_openmp() {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) setenv("GOMP_SPINCOUNT", "1000", 0);
}

std::string typed(int argc, char** argv) {
  std::string line;
  for (int i = 0; i < argc; ++i) line += (i == 0 ? "" : " ") + std::string(argv[i]);
  return line;
}

bool is_command(const CLI::App& program, const std::string& word) {
  const auto commands = program.get_subcommands({});
  return std::any_of(commands.begin(), commands.end(),
                     [&](const CLI::App* command) { return command->get_name() == word; });
}

/// CLI11's words, and for a command that doesn't exist the nearest one that does.
ExitCode refuse(const CLI::App& program, const CLI::ParseError& error, const Context& context,
                const std::string& first_word) {
  std::vector<std::string> commands;
  for (const CLI::App* command : program.get_subcommands({})) commands.push_back(command->get_name());
  const auto chosen = program.get_subcommands();
  std::string message;
  if (chosen.empty() && !first_word.empty() && !first_word.starts_with("-")) {
    const std::string near = nearest_name(first_word, commands);
    message = "There is no command \"" + first_word + "\"." +
              (near.empty() ? "" : " Did you mean \"" + near + "\"?") + " Commands: " + join(commands) + ".";
  } else {
    message = std::string(error.what()) + (std::string(error.what()).ends_with('.') ? "" : ".") +
              " `generalizer " + (chosen.empty() ? "" : chosen.front()->get_name() + " ") +
              "--help` shows what there is.";
  }
  context.terminal.error(message);
  print_errors(context, {{{}, message, {}}});
  return ExitCode::usage;
}

ExitCode act(Context& context, const Action& action) {
  try {
    return action(context);
  } catch (...) {
    return report_failure(context);
  }
}

ExitCode run(int argc, char** argv) {
  tame_openmp();
  Context context;
  context.command_line = typed(argc, argv);
  // Asked of the words, not of the parsed options: a command line that can't be parsed is a failure, too.
  context.json = std::any_of(argv + 1, argv + argc, [](const char* word) { return word == std::string("--json"); });

  CLI::App program("Trains networks that keep what they need for their answer and forget the rest.",
                   "generalizer");
  program.set_version_flag("--version", std::string("generalizer ") + GENERALIZER_VERSION);
  program.require_subcommand(1);
  program.footer(
      "\n`generalizer COMMAND --help` explains a command and shows examples.\n"
      "Exit codes: 0 done, 1 the work failed, 2 the command or graph is wrong, 3 a plugin or backend can't "
      "be had, 130 interrupted.");
  Action action;
  add_train(program, action);
  add_check(program, action);
  add_eval(program, action);
  add_predict(program, action);
  add_audit(program, action);
  add_sweep(program, action);
  add_report(program, action);
  add_draw(program, action);
  add_plugins(program, action);
  add_schema(program, action);
  add_new_layer(program, action);
  add_test_plugin(program, action);

  if (argc == 1) {
    std::cerr << program.help();
    return ExitCode::usage;
  }
  try {
    if (argv[1] == std::string("help")) {
      // `help COMMAND` is `COMMAND --help`. CLI11 takes its words from the last to the first.
      std::vector<std::string> words;
      if (argc == 2 || is_command(program, argv[2])) words.emplace_back("--help");
      if (argc > 2) words.emplace_back(argv[2]);
      program.parse(words);
    } else {
      program.parse(argc, argv);
    }
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0)
      return refuse(program, error, context,
                    argv[argc > 2 && argv[1] == std::string("help") ? 2 : 1]);
    std::ostringstream text;  // --help, --version
    program.exit(error, text, text);
    return act(context, [&text](Context&) {
      print(text.str());
      return ExitCode::done;
    });
  }
  return act(context, action);
}

}  // namespace
}  // namespace generalizer

int main(int argc, char** argv) { return static_cast<int>(generalizer::run(argc, argv)); }
