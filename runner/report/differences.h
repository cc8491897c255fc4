#pragma once

#include <string>
#include <utility>
#include <vector>

namespace generalizer {

/// A key that graph files don't agree in, and its value in each; "" where a file lacks it.
struct GraphDifference {
  std::string key;  ///< "decoder.autoencoder.weight"
  std::vector<std::string> values;
};

/// The keys and values of a resolved graph, in its order: tables and lists of tables are walked through, their elements called by `name`, `type` or number.
/// Throws `GraphError` for what is no TOML.
std::vector<std::pair<std::string, std::string>> keys_and_values(const std::string& toml,
                                                                 const std::string& file);

/// Where resolved graphs differ, in the order of the first that has the key. `name` is left out: it changes nothing.
std::vector<GraphDifference> graph_differences(const std::vector<std::string>& graphs);

}  // namespace generalizer
