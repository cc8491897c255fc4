#pragma once

#include <string>

/// Where what tests use lies: the project's sources, the plugins that were built, and the program. Functions, as such paths among the options of the compiler would keep
/// two copies of the project from sharing what ccache holds.
std::string project_folder();
std::string plugin_folder();
std::string program_file();
