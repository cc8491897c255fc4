#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "commands/commands.h"
#include "generalizer/plugin.h"
#include "inspection/inspect.h"
#include "isolated.h"
#include "terminal/format.h"
#include "terminal/table.h"

namespace generalizer {
namespace {

struct TestPluginOptions {
  std::string file;
  std::string cases;
  std::vector<std::string> plugin_paths;
  int seconds = 120;
  bool json = false;
};

struct Row {
  std::string subject, check;
  Finding finding;
};

const char* word(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return "passed";
    case Verdict::failed:
      return "FAILED";
    case Verdict::skipped:
      return "skipped";
  }
  return "";
}

std::ptrdiff_t count(const std::vector<Row>& rows, Verdict verdict) {
  return std::count_if(rows.begin(), rows.end(), [&](const Row& row) { return row.finding.verdict == verdict; });
}

/// Loads the plugin into two registries, as a program with several networks does, the second time from another working folder.
Finding loads(const std::string& file) {
  Registry first, second;
  load_plugin(file, first);
  std::filesystem::current_path("/");
  try {
    load_plugin(file, second);
  } catch (const Error& error) {
    return failed("It can be loaded in the folder where test-plugin was started, once, and not again in another: its registration must hang neither on the "
                  "working folder nor on what was before. " + text_of(error));
  }
  if (first.plugins().front().provides != second.plugins().front().provides)
    return failed("It registers other types when it is loaded into a second registry: its registration must not hang on what was before.");
  if (first.plugins().front().provides.empty()) return failed("It registers nothing.");
  return passed(fmt::format("interface {}, {}", GENERALIZER_API_VERSION, GENERALIZER_FINGERPRINT));
}

void print_rows(const std::vector<Row>& rows) {
  Table table({{"of"}, {"check"}, {"result"}, {"detail"}});
  std::string subject;
  for (const Row& row : rows) {
    if (row.subject != subject && !subject.empty()) table.add_rule();
    table.add({row.subject == subject ? "" : row.subject, row.check, word(row.finding.verdict), row.finding.detail});
    subject = row.subject;
  }
  print(table.to_string(output_width()));
}

void print_rows_json(const PluginRecord& plugin, const std::vector<Row>& rows) {
  nlohmann::ordered_json json;
  json["plugin"] = plugin.name;
  json["version"] = plugin.version;
  json["file"] = plugin.file;
  json["checks"] = nlohmann::ordered_json::array();
  for (const Row& row : rows) {
    const char* verdict = row.finding.verdict == Verdict::failed ? "failed" : word(row.finding.verdict);
    json["checks"].push_back({{"of", row.subject}, {"check", row.check}, {"result", verdict}, {"detail", row.finding.detail}});
  }
  json["passed"] = count(rows, Verdict::passed);
  json["failed"] = count(rows, Verdict::failed);
  json["skipped"] = count(rows, Verdict::skipped);
  print_json(json);
}

ExitCode test_plugin(Context& context, const TestPluginOptions& options) {
  const std::chrono::seconds limit(options.seconds);
  const std::string name = std::filesystem::path(options.file).filename();
  std::vector<Row> rows;
  const auto run = [&](const Check& check) {
    if (context.terminal.interactive()) context.terminal.note(context.terminal.faint(check.subject + ": " + check.name));
    rows.push_back({check.subject, check.name, run_isolated(check, limit)});
  };
  // Loading runs the plugin's initialisers, which may crash: in a process of its own first.
  // Absolute only where that leads somewhere: messages show the name as it was given.
  std::error_code missing;
  const std::string file = std::filesystem::exists(options.file, missing) ? std::filesystem::absolute(options.file).string() : options.file;
  const Finding loading = run_isolated({"plugin " + name, "loads", [&](const Tell&) { return loads(file); }}, limit);
  if (loading.verdict == Verdict::failed)
    throw PluginError(loading.detail.starts_with("It ") ? "The plugin " + options.file + " fails while it is being loaded. " + loading.detail
                                                        : loading.detail);
  {
    const OutputAside aside;
    load_plugin(file, context.registry);
    load_all_plugins(context, {}, options.plugin_paths);
  }
  const PluginRecord plugin = context.registry.plugins().front();
  rows.push_back({"plugin " + plugin.name, "loads", loading});
  const std::vector<WrittenCase> cases =
      options.cases.empty() ? std::vector<WrittenCase>{} : read_cases(options.cases, context.registry);
  for (const Check& check : checks_of(plugin.file, context.registry, cases)) run(check);

  if (options.json) {
    print_rows_json(plugin, rows);
  } else {
    print_rows(rows);
  }
  const auto bad = count(rows, Verdict::failed);
  context.terminal.note(fmt::format("{}: {} checks passed, {} failed, {} skipped.", plugin.name, count(rows, Verdict::passed), bad,
                                    count(rows, Verdict::skipped)));
  return bad == 0 ? ExitCode::done : ExitCode::failed;
}

}  // namespace

void add_test_plugin(CLI::App& program, Action& chosen) {
  CLI::App* command = program.add_subcommand(
      "test-plugin", "Check a plugin: interface, parameters, shapes, gradients, every backend, saving, threads");
  auto options = std::make_shared<TestPluginOptions>();
  command->add_option("FILE", options->file, "The plugin's file")->option_text(" ")->required();
  command->add_option("--cases", options->cases, "A file of [[case]] tables: layers with their keys and the shapes that they take")
      ->type_name("FILE")
      ->check(not_empty());
  command->add_option("--seconds", options->seconds, "End a check that takes longer")
      ->type_name("N")
      ->check(CLI::Range(1, 86400))
      ->capture_default_str();
  add_plugin_path_option(*command, options->plugin_paths);
  add_json_option(*command, options->json);
  add_examples(*command, {{"test-plugin build/my_layer.so", "every check of every type in it, as a table"},
                          {"test-plugin build/my_layer.so --cases cases.toml", "with uses of your own, for shapes that can't be guessed"}});
  command->callback([options, &chosen] { chosen = [options](Context& context) { return test_plugin(context, *options); }; });
}

}  // namespace generalizer
