#pragma once

#include <string>
#include <vector>

#include "config/document.h"
#include "generalizer/registry.h"

namespace generalizer {

// Examples of how a graph file uses a type, made of its declaration alone, so that a plugin's own types have them, too.

/// The keys that must be given, as TOML, each with a value that is usual for its name, or else the least that its range allows: `units = 64`. `input` is
/// what a layer takes, without the batch.
std::string example_keys(const std::vector<ParameterSpec>& specs, const Shape& input = {});
/// Such keys as a table.
TomlNode table_of(const std::string& keys);
/// The table's values, read and checked as from a graph file. Throws `GraphError` where a declaration refuses them.
Parameters read_keys(const TomlNode& table, const std::vector<ParameterSpec>& specs);

/// The keys of a layer that takes images, vectors or tokens of this shape (without the batch), as TOML: `units = 64, activation = "relu"`. Required
/// parameters get a value that is usual for their name, or else the least that their range allows.
std::string example_parameters(const LayerType& type, const Shape& input);
/// `{ name = "conv2d1", type = "conv2d", filters = 32, kernel = 3, activation = "relu" }`; `inputs` is what a layer of several takes.
std::string layer_example(const LayerType& type, const Shape& input, const std::vector<std::string>& inputs);
/// `loss = { type = "huber", delta = 1.0 }`, or `loss = "mse"` for one without parameters.
std::string loss_example(const LossType& type);
/// `optimizer = { type = "sgd", learning_rate = 0.01, … }` with all its defaults.
std::string optimizer_example(const OptimizerType& type);
/// A whole [data] table: what is required, and where the files are.
std::string dataset_example(const DatasetType& type);
/// `backend = "onednn"`, or as a table where it has parameters.
std::string backend_example(const BackendType& type);

}  // namespace generalizer
