#pragma once

#include <vector>

#include "generalizer/parameter.h"

namespace generalizer {

// The keys of a graph file that no plugin declares, as the same tables that plugins use: checks, help, schema and the resolved graph all come
// from them. Keys of the types {string, table} choose a plugin's type, by its name alone or by a table with `type` and that type's own keys.

/// At the top of the file: name, seed, precision, backend, plugins, data, train, classifier, decoder.
const std::vector<ParameterSpec>& graph_keys();
/// [train]
const std::vector<ParameterSpec>& train_keys();
/// [classifier]
const std::vector<ParameterSpec>& classifier_keys();
/// [[decoder]]
const std::vector<ParameterSpec>& decoder_keys();
/// What every layer has beside its type's parameters: name, type, inputs.
const std::vector<ParameterSpec>& layer_keys();
/// What every table that chooses a type has beside that type's parameters: type.
const std::vector<ParameterSpec>& typed_keys();

/// The spec called `name`, or null.
const ParameterSpec* find_key(const std::vector<ParameterSpec>& keys, const std::string& name);
/// True when the key's value is a table, a list of tables, or chooses a type.
bool holds_tables(const ParameterSpec& spec);
/// True when the key's value chooses a type: a name or a table.
bool chooses_type(const ParameterSpec& spec);

}  // namespace generalizer
