// A plugin that crashes while it is being loaded.
#include <csignal>

#include "generalizer/plugin.h"

namespace {

[[gnu::constructor]] void crash() { std::raise(SIGSEGV); }

}  // namespace

GENERALIZER_PLUGIN("crashing", "0.1", "MIT", [](generalizer::Registry&) {})
