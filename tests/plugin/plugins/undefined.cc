// Calls something that no library has.
#include "generalizer/plugin.h"

extern "C" int nobody_defines_this();

GENERALIZER_PLUGIN("undefined", "0.1", "MIT", [](generalizer::Registry&) { nobody_defines_this(); })
