// Needs a library that isn't where the system looks.
#include "generalizer/plugin.h"

extern "C" int answer();

GENERALIZER_PLUGIN("needy", "0.1", "MIT", [](generalizer::Registry&) { answer(); })
