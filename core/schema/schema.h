#pragma once

#include <nlohmann/json.hpp>

#include "generalizer/registry.h"

namespace generalizer {

/// The JSON Schema (draft-07) of graph files with the types that the registry holds, made of the same tables that check them. It takes every graph that
/// `read_graph` takes, but for one whose `set` alone gives a layer a key that it needs; what hangs on names and shapes it lets pass.
nlohmann::ordered_json graph_schema(const Registry& registry);

}  // namespace generalizer
