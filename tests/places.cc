#include "places.h"

std::string project_folder() { return GENERALIZER_SOURCE_DIR; }
std::string plugin_folder() { return GENERALIZER_TEST_PLUGINS; }
std::string program_file() { return GENERALIZER_TEST_PROGRAM; }
