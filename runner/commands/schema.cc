#include "schema/schema.h"

#include "commands/commands.h"
#include "config/typed.h"

namespace generalizer {
namespace {

struct SchemaOptions {
  std::string graph;
  std::vector<std::string> plugin_paths;
};

ExitCode schema(Context& context, const SchemaOptions& options) {
  load_all_plugins(context,
                   options.graph.empty() ? std::vector<std::string>() : plugins_named_by(options.graph),
                   options.plugin_paths);
  refuse_empty_registry(context.registry);
  print_json(graph_schema(context.registry));
  return ExitCode::done;
}

}  // namespace

void add_schema(CLI::App& program, Action& chosen) {
  CLI::App* command = program.add_subcommand(
      "schema", "Print the JSON Schema of graph files, for an editor to complete and check them");
  auto options = std::make_shared<SchemaOptions>();
  command->add_option("GRAPH", options->graph, "Load the plugins that this graph file names, too")
      ->option_text(" ")
      ->check(not_empty());
  add_plugin_path_option(*command, options->plugin_paths);
  add_examples(
      *command,
      {{"schema > generalizer.schema.json",
        "writes it beside your graphs; one whose first line is `#:schema ./generalizer.schema.json` uses it"},
       {"schema --plugin-path ./build > generalizer.schema.json", "the same with layers of your own"}});
  command->callback(
      [options, &chosen] { chosen = [options](Context& context) { return schema(context, *options); }; });
}

}  // namespace generalizer
