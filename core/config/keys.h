#pragma once

#include <string>
#include <vector>

#include "generalizer/parameter.h"

namespace generalizer {

// The keys of a graph file that no plugin declares, as the same tables that plugins use: checks, help, schema and the resolved graph all come
// from them. Keys of the types {string, table} choose a plugin's type, by its name alone or by a table with `type` and that type's own keys.

/// A type of table that no plugin declares: of a learning-rate schedule, of an augmentation.
struct OwnType {
  std::string name;
  std::string summary;
  std::vector<ParameterSpec> keys;  ///< beside `type`
};

/// At the top of the file: name, seed, precision, backend, plugins, data, train, classifier, decoder, blocks, extends, set.
const std::vector<ParameterSpec>& graph_keys();
/// What [data] has beside its type's parameters: type, validation, label_noise, prefetch, augment.
const std::vector<ParameterSpec>& data_keys();
/// [train]
const std::vector<ParameterSpec>& train_keys();
/// [classifier]
const std::vector<ParameterSpec>& classifier_keys();
/// [[decoder]]
const std::vector<ParameterSpec>& decoder_keys();
/// What every loss has beside its type's parameters: type, weight.
const std::vector<ParameterSpec>& loss_keys();
/// What every optimizer has beside its type's parameters: type, clip_norm, clip_value, schedule (whose types are in schedule_keys.h).
const std::vector<ParameterSpec>& optimizer_keys();
/// What every layer has beside its type's parameters: name, type, inputs, freeze, learning_rate_factor, l1, l2.
const std::vector<ParameterSpec>& layer_keys();
/// What the use of a block has beside the block's parameters: the same, and repeat.
const std::vector<ParameterSpec>& block_use_keys();
/// What a backend, and any other table that chooses a type, has beside that type's parameters: type.
const std::vector<ParameterSpec>& typed_keys();

/// The keys of a table: what every one of its kind has and what its type has, the type's own behind name, type and inputs.
std::vector<ParameterSpec> with_types_keys(const std::vector<ParameterSpec>& common,
                                           const std::vector<ParameterSpec>& of_type);
/// The key that says in another way what `key` says (`epochs` and `steps`, `every` and `at`), so that one put on top of a file replaces the other;
/// "" for any other.
std::string alternative_to(const std::string& key);
/// The spec called `name`, or null.
const ParameterSpec* find_key(const std::vector<ParameterSpec>& keys, const std::string& name);
/// True when the key's value is a table, a list of tables, or chooses a type.
bool holds_tables(const ParameterSpec& spec);
/// True when the key's value chooses a type: a name, a table, or a list of tables.
bool chooses_type(const ParameterSpec& spec);

}  // namespace generalizer
