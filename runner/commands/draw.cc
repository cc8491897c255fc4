#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>

#include "commands/commands.h"
#include "graph/draw.h"
#include "process.h"
#include "trainer/trainer.h"

namespace generalizer {
namespace {

struct DrawOptions {
  GraphOptions graph;
  std::string out;
};

/// What Graphviz is to make, by the file's ending: "svg", "png", "pdf"; "" for DOT itself.
std::string format_of(const std::string& out) {
  std::string ending = std::filesystem::path(out).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  if (out.empty() || ending == ".dot" || ending == ".gv") return {};
  if (ending == ".svg" || ending == ".png" || ending == ".pdf") return ending.substr(1);
  throw UsageError("The picture's file " + out + " must end in .svg, .png, .pdf or .dot.");
}

/// Before any work: the folder of the picture must be there.
void require_folder_of(const std::string& out) {
  const std::filesystem::path folder = std::filesystem::path(out).parent_path();
  if (out.empty() || folder.empty() || std::filesystem::is_directory(folder)) return;
  throw Error("The folder " + folder.string() + ", in which " + out +
              " is to be made, is not there. Make it, or choose another with --out.");
}

void write(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw Error("The file " + path + " can't be written. Choose another with --out.");
}

void render(const std::string& dot, const std::string& format, const std::string& out) {
  // A name that begins with a dash would be an option to dot.
  const std::string file = out.starts_with("-") ? "./" + out : out;
  const int code = run_process(
      {"dot", "-T" + format, "-o", file}, dot,
      "Graphviz draws the picture. On Debian: apt-get install graphviz. Without it, `--out FILE.dot` writes "
      "the drawing as text.");
  if (code != 0)
    throw Error("Graphviz (dot) could not write " + out + ": it ended with code " + std::to_string(code) +
                "; what it said is above.");
}

ExitCode draw(Context& context, const DrawOptions& options) {
  const std::string format = format_of(options.out);
  require_folder_of(options.out);
  const GraphSpec spec = load_graph(context, options.graph);
  const auto data = open_dataset(spec, context.registry, Split::train);
  const std::string dot = to_dot(Graph(spec, shape_of(*data), context.registry));
  if (options.out.empty()) {
    print(dot);
  } else if (format.empty()) {
    write(options.out, dot);
  } else {
    render(dot, format, options.out);
  }
  if (!options.out.empty()) context.terminal.note("Drawn to " + options.out + ".");
  return ExitCode::done;
}

}  // namespace

void add_draw(CLI::App& program, Action& chosen) {
  CLI::App* command = program.add_subcommand("draw", "Draw the network with its tap and decoders");
  auto options = std::make_shared<DrawOptions>();
  add_graph_argument(*command, options->graph)->required();
  command
      ->add_option("--out", options->out,
                   "File to make: .svg, .png, .pdf, or .dot; without it DOT goes to standard output")
      ->type_name("FILE")
      ->check(not_empty());
  add_override_options(*command, options->graph);
  add_plugin_path_option(*command, options->graph.plugin_paths);
  add_examples(*command, {{"draw graphs/fashion-generalizer.toml --out network.svg", "draws the network"},
                          {"draw my.toml | dot -Tpng > my.png", "the same by hand"}});
  command->callback(
      [options, &chosen] { chosen = [options](Context& context) { return draw(context, *options); }; });
}

}  // namespace generalizer
