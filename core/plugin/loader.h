#pragma once

#include <string>
#include <vector>

#include "generalizer/registry.h"

namespace generalizer {

/// Loads one plugin file into the registry; a file that is there already (under any path) is left alone. The
/// descriptor is checked before anything else in it is called. A plugin stays loaded until the program ends.
/// Throws `PluginError` naming the file, what was found, and what to do.
void load_plugin(const std::string& path, Registry& registry);

/// Loads every `.so` of a folder, in the order of their names. One that can't be loaded stops nothing: it is
/// remembered in `registry.failures()`. Two plugins that claim one name are an error all the same. Throws
/// `PluginError`.
void load_folder(const std::string& folder, Registry& registry);

/// Where plugins are looked for. Each of `paths` and of the environment's parts is a folder or a plugin file.
struct PluginSearch {
  std::vector<std::string> graph_files;  ///< the graph's `plugins = […]`
  std::vector<std::string> paths;        ///< `--plugin-path`
  std::string environment;               ///< GENERALIZER_PLUGIN_PATH: parts between colons
  std::string
      program;  ///< file of the running program: its ../lib/generalizer is the installed plugin folder; "": none
};

/// One place of a search.
struct PluginLocation {
  std::string path;
  std::string
      named_by;  ///< "the graph's plugins", "--plugin-path", "GENERALIZER_PLUGIN_PATH", "the installed plugin folder"
  bool must_exist = true;  ///< the installed folder may be missing
};

/// The places in the order in which they are searched.
std::vector<PluginLocation> find_plugin_locations(const PluginSearch& search);

/// Loads all that a search finds. Throws `PluginError`, for a place that doesn't exist, too.
void load_plugins(const PluginSearch& search, Registry& registry);

/// File of the running program ("/usr/bin/generalizer"); "" when the system doesn't say.
std::string running_program();

}  // namespace generalizer
