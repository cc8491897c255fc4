#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/check.h"
#include "config/graph_spec.h"
#include "generalizer/registry.h"

namespace generalizer {

/// What a layer's `type` can be; the blocks have been replaced by their layers, and are here for the suggestions of messages.
struct LayerTypes {
  const Registry& registry;
  const std::vector<std::string>& blocks;
};

/// Appends the layers under the key `layers` of a player's table, whose own keys are `specs`. Mistakes are reported; false when the list itself or
/// a layer's name has one.
bool read_layers(const TomlNode& player, const std::vector<ParameterSpec>& specs, const TableContext& context,
                 const LayerTypes& types, std::vector<LayerSpec>& layers);

/// The table or list of tables under `key`; null when it is absent, which is reported of a required one, or of another kind, which is, too.
const TomlNode* find_child(const TomlNode& parent, const std::string& key, TomlNode::Kind kind,
                           const std::vector<ParameterSpec>& specs, const TableContext& context,
                           const std::string& hint);

/// Reports an empty text where `label` must name a layer.
void refuse_empty_name(const TomlNode& name, const std::string& label, Diagnostics& found);

/// The string under `name` with its place: the table's when it is a default, and no text when its mistake has been reported.
Located located(const Parameters& values, const std::string& name, const SourcePosition& table);

/// Reports a name that is no identifier, and the second of two that are the same, with both places; false when it does. `seen` holds the names
/// before it.
bool check_name(const Located& name, const std::string& noun, std::map<std::string, SourcePosition>& seen,
                Diagnostics& found);

}  // namespace generalizer
