#pragma once

#include <string>
#include <vector>

namespace generalizer {

/// One key of the graph with a value for it, as `--set` takes them.
struct Variation {
  std::string key;
  std::string value;

  std::string text() const { return key + "=" + value; }
  bool operator==(const Variation&) const = default;
};

/// What one point of a sweep changes in the graph, in the order of the command line.
using Combination = std::vector<Variation>;

/// One `--over`: a key and the values that it takes in turn.
struct Axis {
  std::string key;
  std::vector<std::string> values;
};

/// "decoder.weight=0,0.5,1" taken apart; commas within [], {} and quotes belong to a value. Throws `UsageError` for what is no KEY=A,B,…, and for a
/// value that is there twice.
Axis parse_axis(const std::string& text);

/// "decoder.weight=2,decoder.objective=class_mean" taken apart, for `--case`. Throws `UsageError`.
Combination parse_case(const std::string& text);

/// Every combination of the axes' values, the last axis running fastest, then the cases that are none of those. Without axes the cases alone. Throws
/// `UsageError` for a key that two axes have, and for `seed`, which is `--seeds`' business.
std::vector<Combination> combinations_of(const std::vector<Axis>& axes,
                                         const std::vector<Combination>& cases);

/// The keys of all combinations, in the order in which they first appear.
std::vector<std::string> keys_of(const std::vector<Combination>& combinations);

/// "decoder.weight=2, decoder.objective=class_mean"; "the graph as it is" for none.
std::string label_of(const Combination& combination);

/// A folder's name for it: "weight-2-objective-class_mean", of letters, digits, dots and dashes alone; not unique.
std::string slug_of(const Combination& combination);

/// The value of `key`; "" when the combination leaves it as it is in the graph.
std::string value_of(const Combination& combination, const std::string& key);

}  // namespace generalizer
