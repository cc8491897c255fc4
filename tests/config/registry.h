#pragma once

#include <memory>

#include "generalizer/registry.h"

/// A registry as plugins would fill it, with types that only declare their parameters: the config stage builds nothing.
std::unique_ptr<generalizer::Registry> make_registry();
