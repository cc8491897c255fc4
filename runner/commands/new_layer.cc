#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "commands/commands.h"
#include "templates/templates.h"
#include "terminal/format.h"

namespace generalizer {
namespace {

namespace fs = std::filesystem;

struct NewLayerOptions {
  std::string name;
  std::string out;
  bool json = false;
};

/// A name that is a layer's type, a file's and a C++ identifier at once. `@NAME@_layer` is the only one made of it, so that C++'s own words do no harm.
void check_layer_name(const std::string& name) {
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  const bool fits = !name.empty() && small(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
    return small(c) || (c >= '0' && c <= '9') || c == '_';
  });
  // The project's target is called like the layer, and CMake has targets of its own.
  static const std::array own = {"all", "clean", "depend", "help", "install", "package", "preinstall", "test"};
  if (std::find(own.begin(), own.end(), name) != own.end())
    throw UsageError("\"" + name + "\" is the name of a target of CMake's own. Choose another, such as " + name + "_layer.");
  if (fits) return;
  throw UsageError("\"" + name + "\" can't be a layer's name: it must be small letters, digits and \"_\", beginning with a letter, such as channel_scale.");
}

std::string with_name(std::string_view text, const std::string& name) {
  constexpr std::string_view mark = "@NAME@";
  std::string result(text);
  for (std::size_t at = result.find(mark); at != std::string::npos; at = result.find(mark, at + name.size()))
    result.replace(at, mark.size(), name);
  return result;
}

void check_folder(const fs::path& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (!fs::exists(status)) return;
  if (!fs::is_directory(status)) throw UsageError("There is a file " + folder.string() + " already. Choose another folder with --out.");
  if (!fs::is_empty(folder, error) || error)
    throw UsageError("The folder " + folder.string() + " is there already and isn't empty. Choose another with --out, or remove it.");
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw Error("The file " + path.string() + " can't be written: is the disk full, or the folder not yours?");
}

/// Where a project finds the package of the running program: its prefix, installed or a build's; "PREFIX" where there is no package beside it.
std::string prefix() {
  const fs::path prefix = fs::path(running_program()).parent_path().parent_path();
  std::error_code ignored;
  return fs::exists(prefix / "lib" / "cmake" / "generalizer" / "generalizerConfig.cmake", ignored) ? prefix.string() : "PREFIX";
}

/// A path as a shell takes it.
std::string shell_word(const std::string& text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) != 0 || std::string_view("/._-+").find(static_cast<char>(c)) != std::string_view::npos; });
  if (plain && !text.empty()) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

ExitCode new_layer(Context& context, const NewLayerOptions& options) {
  check_layer_name(options.name);
  load_all_plugins(context, {}, {});
  if (context.registry.find_layer(options.name) != nullptr) {
    throw UsageError(fmt::format("There is a layer type \"{}\" already, from {}. Choose another name: two plugins can't have types of one name.",
                                 options.name, context.registry.origin("layer", options.name)));
  }
  const fs::path folder = options.out.empty() ? fs::path(options.name) : fs::path(options.out);
  check_folder(folder);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error("The folder " + folder.string() + " can't be made: " + error.message() + ".");
  std::vector<std::string> files;
  for (const TemplateFile& file : layer_template()) {
    files.push_back(with_name(file.name, options.name));
    write(folder / files.back(), with_name(file.text, options.name));
  }
  if (options.json) {
    print_json({{"folder", folder.string()}, {"files", files}});
    return ExitCode::done;
  }
  print(fmt::format("Wrote {}/: {}.\n\nBuild it, check it, train with it:\n"
                    "  cd {}\n"
                    "  cmake -S . -B build -DCMAKE_PREFIX_PATH={} && cmake --build build && ctest --test-dir build\n"
                    "  generalizer train graph.toml\n\n"
                    "The layer is {}.cc; what it is made of is in generalizer/layer.h and generalizer/ops.h.\n",
                    folder.string(), join(files), shell_word(folder.string().starts_with('-') ? "./" + folder.string() : folder.string()), shell_word(prefix()), options.name));
  return ExitCode::done;
}

}  // namespace

void add_new_layer(CLI::App& program, Action& chosen) {
  CLI::App* command = program.add_subcommand("new-layer", "Write the project of a new layer: it builds, passes its test and trains at once");
  auto options = std::make_shared<NewLayerOptions>();
  command->add_option("NAME", options->name, "The layer's type, as graph files will call it")->option_text(" ")->required();
  command->add_option("--out", options->out, "The folder to make; NAME where nothing is said")->type_name("FOLDER")->check(not_empty());
  add_json_option(*command, options->json);
  add_examples(*command, {{"new-layer channel_scale", "a folder channel_scale with everything in it"}});
  command->callback([options, &chosen] { chosen = [options](Context& context) { return new_layer(context, *options); }; });
}

}  // namespace generalizer
