#include "plugin/loader.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <optional>

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>

#include "generalizer/plugin.h"
#include "plugin/elf_file.h"
#include "plugin/name_conflict.h"

namespace generalizer {
namespace fs = std::filesystem;
namespace {

constexpr const char* symbol = "generalizer_plugin";
constexpr char expected_magic[8] = {'G', 'E', 'N', 'P', 'L', 'U', 'G', '\0'};

/// What the dynamic linker said. Boost wraps it in words of its own and appends errno's text, which misleads
/// ("Bad file descriptor").
std::string linker_text(const std::string& what) {
  const std::string opening = "(dlerror system message: ";
  const auto begin = what.find(opening);
  if (begin == std::string::npos) return what;
  const auto end = what.rfind(')');
  return what.substr(begin + opening.size(), end - begin - opening.size());
}

/// What to do about the linker's message, in a sentence.
std::string linker_advice(const std::string& file, const std::string& text) {
  if (text.find("cannot open shared object file") != std::string::npos && !text.starts_with(file)) {
    const std::string library = text.substr(0, text.find(':'));
    return "It needs the library " + library +
           ", which isn't installed where the system looks: install it, or add its folder to "
           "LD_LIBRARY_PATH.";
  }
  if (text.find("undefined symbol") != std::string::npos) {
    return "It uses something that neither this program nor the plugin's libraries have: build the plugin "
           "against this version's headers, and "
           "link the libraries that it needs.";
  }
  if (text.find("invalid ELF header") != std::string::npos ||
      text.find("file too short") != std::string::npos || text.find("wrong ELF class") != std::string::npos) {
    return "It is no shared library for this kind of machine.";
  }
  return "";
}

boost::dll::shared_library open_library(const std::string& file) {
  using boost::dll::load_mode::rtld_local;
  using boost::dll::load_mode::rtld_now;
  check_elf_file(file);
  try {
    // Now, not lazily: what is missing must show here and not in the middle of a training.
    boost::dll::shared_library library(file, rtld_now | rtld_local);
    // Pins it until the program ends. A plugin's libraries start threads and keep thread-local state (OpenMP
    // does), which would be left without their code; and exceptions and types of the plugin may outlive any
    // handle that is kept here.
    dlopen(file.c_str(), RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
    return library;
  } catch (const std::exception& error) {
    const std::string text = linker_text(error.what());
    const std::string advice = linker_advice(file, text);
    throw PluginError("The plugin " + file + " can't be loaded: " + text + "." +
                      (advice.empty() ? "" : " " + advice));
  }
}

/// The descriptor, after its plain data has been found to fit this program. Nothing of the plugin is called
/// here.
const GeneralizerPlugin& checked_descriptor(const boost::dll::shared_library& library,
                                            const std::string& file) {
  if (!library.has(symbol)) {
    throw PluginError("The file " + file +
                      " is a shared library but no plugin of generalizer: it doesn't export \"" + symbol +
                      "\". Define it with GENERALIZER_PLUGIN(…).");
  }
  const auto& plugin = library.get<const GeneralizerPlugin>(symbol);
  if (std::memcmp(plugin.magic, expected_magic, sizeof expected_magic) != 0) {
    throw PluginError("The file " + file + " exports \"" + symbol +
                      "\", but it isn't the descriptor of a generalizer plugin: its first bytes are wrong. "
                      "Define it with GENERALIZER_PLUGIN(…).");
  }
  if (plugin.api_version != GENERALIZER_API_VERSION) {
    throw PluginError(
        "The plugin " + file + " was built for version " + std::to_string(plugin.api_version) +
        " of the plugin interface, and this program has version " + std::to_string(GENERALIZER_API_VERSION) +
        ". Build the plugin again with this program's headers, or use the program that it was built for.");
  }
  const std::string fingerprint = plugin.fingerprint == nullptr ? "(none)" : plugin.fingerprint;
  if (fingerprint != GENERALIZER_FINGERPRINT) {
    throw PluginError("The plugin " + file + " was built as \"" + fingerprint +
                      "\", and this program as \"" GENERALIZER_FINGERPRINT
                      "\" (compiler, C++ ABI, standard library and build options that change layouts). Build "
                      "the plugin again with the same ones.");
  }
  if (plugin.name == nullptr || plugin.version == nullptr || plugin.licence == nullptr ||
      plugin.register_with == nullptr) {
    throw PluginError(
        "The plugin " + file +
        " leaves out its name, version, licence or register function. Define it with GENERALIZER_PLUGIN(…).");
  }
  return plugin;
}

void register_plugin(const GeneralizerPlugin& plugin, const std::string& file, Registry& registry) {
  registry.begin_plugin({plugin.name, plugin.version, plugin.licence, file, {}});
  try {
    plugin.register_with(registry);
  } catch (const NameConflict&) {
    registry.end_plugin(false);
    throw;
  } catch (const std::exception& error) {
    registry.end_plugin(false);
    throw PluginError("The plugin " + file + " (" + plugin.name + " " + plugin.version +
                      ") failed to register its types: " + error.what());
  } catch (...) {
    registry.end_plugin(false);
    throw PluginError("The plugin " + file + " (" + plugin.name + " " + plugin.version +
                      ") failed to register its types: it threw something that is no std::exception.");
  }
  registry.end_plugin(true);
}

bool is_loaded(const std::string& file, const Registry& registry) {
  return std::any_of(registry.plugins().begin(), registry.plugins().end(),
                     [&](const PluginRecord& p) { return p.file == file; });
}

/// Loads a file whose path is absolute and free of links.
void load_canonical(const std::string& file, Registry& registry) {
  if (is_loaded(file, registry)) return;
  const boost::dll::shared_library library = open_library(file);
  register_plugin(checked_descriptor(library, file), file, registry);
}

/// The absolute path without links, by which the same file is recognised; nothing when there is no such file.
std::optional<fs::path> canonical(const std::string& path) {
  std::error_code error;
  fs::path result = fs::canonical(path, error);
  if (error) return std::nullopt;
  return result;
}

}  // namespace

void load_plugin(const std::string& path, Registry& registry) {
  const auto file = canonical(path);
  std::error_code error;
  if (!file && fs::is_symlink(fs::symlink_status(path, error))) {
    (void)fs::status(path, error);  // follows the link, for the reason why it can't be followed
    if (!error) error = std::make_error_code(std::errc::no_such_file_or_directory);
    throw PluginError("The plugin " + path + " is a symbolic link that can't be followed: " + error.message() +
                      ". Let it lead to the plugin's file, or remove it.");
  }
  if (!file) throw PluginError("There is no plugin file " + path + ".");
  if (fs::is_directory(*file))
    throw PluginError("The plugin " + path +
                      " is a folder. Name the file of the plugin, or search the folder with --plugin-path.");
  load_canonical(file->string(), registry);
}

void load_folder(const std::string& folder, Registry& registry) {
  const auto absolute = canonical(folder);
  if (!absolute || !fs::is_directory(*absolute))
    throw PluginError("There is no plugin folder " + folder + ".");
  registry.add_searched_folder(absolute->string());
  std::vector<std::string> files;
  try {
    for (const auto& entry : fs::directory_iterator(*absolute)) {
      if (entry.path().extension() == ".so") files.push_back(entry.path().string());
    }
  } catch (const fs::filesystem_error& error) {
    throw PluginError("The plugin folder " + absolute->string() +
                      " can't be read: " + error.code().message() + ".");
  }
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) {
    try {
      load_plugin(file, registry);
    } catch (const NameConflict&) {
      throw;
    } catch (const PluginError& failure) {
      registry.add_failure({file, failure.what()});
    }
  }
}

std::vector<PluginLocation> find_plugin_locations(const PluginSearch& search) {
  std::vector<PluginLocation> locations;
  for (const std::string& file : search.graph_files) locations.push_back({file, "the graph's plugins"});
  for (const std::string& path : search.paths) locations.push_back({path, "--plugin-path"});
  for (std::size_t begin = 0; begin <= search.environment.size();) {
    const std::size_t end = std::min(search.environment.find(':', begin), search.environment.size());
    if (end > begin)
      locations.push_back({search.environment.substr(begin, end - begin), "GENERALIZER_PLUGIN_PATH"});
    begin = end + 1;
  }
  if (!search.program.empty()) {
    const fs::path folder = fs::path(search.program).parent_path().parent_path() / "lib" / "generalizer";
    locations.push_back({folder.string(), "the installed plugin folder", false});
  }
  return locations;
}

void load_plugins(const PluginSearch& search, Registry& registry) {
  for (const PluginLocation& location : find_plugin_locations(search)) {
    const auto path = canonical(location.path);
    if (!path && !location.must_exist) {
      registry.add_searched_folder(location.path + " (missing)");
    } else if (!path) {
      throw PluginError("There is no plugin file or folder " + location.path + ", named by " + location.named_by +
                        ". Build it, or give its path anew.");
    } else if (fs::is_directory(*path) && location.named_by != "the graph's plugins") {
      load_folder(path->string(), registry);
    } else {
      load_plugin(location.path, registry);
    }
  }
}

std::string running_program() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return error ? std::string() : program.string();
}

}  // namespace generalizer
