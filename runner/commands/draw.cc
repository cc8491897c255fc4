#include "graph/draw.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>

#include "commands/commands.h"
#include "process.h"
#include "trainer/trainer.h"

namespace generalizer {
namespace {

struct DrawCommand {
  GraphOptions graph;
  std::string out;
  std::string format;  ///< "": what the file's ending says
  std::string direction = "down";
  bool fold_blocks = false;
  bool no_legend = false;
};

/// What Graphviz is to make: "svg", "png", "pdf"; "dot" for DOT itself.
std::string format_of(const DrawCommand& options) {
  if (!options.format.empty()) return options.format;
  if (options.out.empty()) return "dot";
  std::string ending = std::filesystem::path(options.out).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  if (ending == ".dot" || ending == ".gv") return "dot";
  if (ending == ".svg" || ending == ".png" || ending == ".pdf") return ending.substr(1);
  throw UsageError("The picture's file " + options.out +
                   " must end in .svg, .png, .pdf or .dot, or --format must say what it is to be.");
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

/// Without `out` the picture goes to standard output.
void render(const std::string& dot, const std::string& format, const std::string& out) {
  std::vector<std::string> command = {"dot", "-T" + format};
  if (format == "png") command.emplace_back("-Gdpi=144");
  if (!out.empty()) {
    // A name that begins with a dash would be an option to dot.
    command.insert(command.end(), {"-o", out.starts_with("-") ? "./" + out : out});
  }
  const int code = run_process(
      command, dot,
      "Graphviz draws the picture. On Debian: apt-get install graphviz. Without it, `--format dot` "
      "writes the drawing as text.");
  if (code != 0)
    throw Error("Graphviz (dot) could not write " + (out.empty() ? "the picture" : out) +
                ": it ended with code " + std::to_string(code) + "; what it said is above.");
}

ExitCode draw(Context& context, const DrawCommand& options) {
  const std::string format = format_of(options);
  require_folder_of(options.out);
  const GraphSpec spec = load_graph(context, options.graph);
  const auto data = open_dataset(spec, context.registry, Split::train);
  const Graph graph(spec, shape_of(*data), context.registry);
  const std::string dot =
      to_dot(graph, {options.direction == "right", options.fold_blocks, !options.no_legend});
  if (format != "dot") {
    render(dot, format, options.out);
  } else if (options.out.empty()) {
    print(dot);
  } else {
    write(options.out, dot);
  }
  if (!options.out.empty()) context.terminal.note("Drawn to " + options.out + ".");
  return ExitCode::done;
}

}  // namespace

void add_draw(CLI::App& program, Action& chosen) {
  CLI::App* command = program.add_subcommand(
      "draw", "Draw the network with its taps and decoders, and which step trains what");
  auto options = std::make_shared<DrawCommand>();
  add_graph_argument(*command, options->graph)->required();
  command
      ->add_option("-o,--out", options->out,
                   "File to make: .svg, .png, .pdf, or .dot; without it the drawing goes to standard output")
      ->type_name("FILE")
      ->check(not_empty());
  command
      ->add_option("--format", options->format,
                   "svg, png, pdf or dot; without it what the file's ending says, or dot")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"svg", "png", "pdf", "dot"}));
  command->add_option("--direction", options->direction, "Where the network grows to: `down` or `right`")
      ->type_name("DIRECTION")
      ->check(CLI::IsMember({"down", "right"}));
  command->add_flag("--fold-blocks", options->fold_blocks, "Draw each block as one box, for long networks");
  command->add_flag("--no-legend", options->no_legend, "Leave out what the colours and lines mean");
  add_override_options(*command, options->graph);
  add_plugin_path_option(*command, options->graph.plugin_paths);
  add_examples(*command, {{"draw graphs/fashion-generalizer.toml --out network.svg", "draws the network"},
                          {"draw graphs/fashion-resnet20.toml --fold-blocks -o resnet.pdf",
                           "a long one, a box a block"},
                          {"draw my.toml | dot -Tpng > my.png", "the same by hand"}});
  command->callback(
      [options, &chosen] { chosen = [options](Context& context) { return draw(context, *options); }; });
}

}  // namespace generalizer
