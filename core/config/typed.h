#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/check.h"
#include "config/graph_spec.h"
#include "generalizer/registry.h"

namespace generalizer {

/// What a `type` in a graph file can choose.
enum class TypeKind : std::uint8_t { layer, loss, optimizer, dataset, backend };

/// The parameters that a type declares; null, and reported at `where`, when no plugin has registered it. `place` is where it stands, for the
/// message: `layer "conv1"`; `blocks` are a graph's own, which a layer's type may be, too. Throws `PluginError` for a backend whose plugin is missing (`refuse_absent_backend`).
const std::vector<ParameterSpec>* find_type(TypeKind kind, const std::string& name,
                                            const SourcePosition& where, const std::string& place,
                                            const Registry& registry, Diagnostics& found,
                                            const std::vector<std::string>& blocks = {});

/// Throws `PluginError` (exit code 3) when a backend that the registry lacks is right all the same and its plugin alone is missing: it could not
/// be loaded, or it is one of this project's own and in none of the searched folders. Returns for any other name, which then is a mistake.
void refuse_absent_backend(const std::string& name, const Registry& registry);

/// Throws `PluginError` when no plugin was found at all: one error in place of an unknown type wherever one is named.
void refuse_empty_registry(const Registry& registry);

/// The string under the table's `type`; nothing, and a report, when it is missing or no string. `label` is what messages call the table.
std::optional<Located> read_type_name(const TomlNode& table, TypeKind kind, const std::string& label,
                                      const Registry& registry, Diagnostics& found);

/// A table that chooses a type, or the short form that only names it. A backend's type may be followed by its device: "cuda:1" is
/// { type = "cuda", device = 1 }. `label` is what messages call it ("the optimizer of [classifier]"), `context` the table that holds it.
/// Mistakes are reported there; the result then lacks what is wrong.
TypedSpec read_typed(const TomlNode& node, TypeKind kind, const std::string& label,
                     const TableContext& context, const Registry& registry);

/// The hint that lists the known types of a kind where plugins were searched, and which of them could not be loaded.
std::string known_types(TypeKind kind, const Registry& registry);

}  // namespace generalizer
