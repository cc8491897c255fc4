#pragma once

#include <map>
#include <vector>

#include "generalizer/program.h"

namespace generalizer {

/// Builds a program from another one, node by node. Inputs are there from the start, so that their indices stay.
class Rewriter {
 public:
  explicit Rewriter(const Program& source);

  /// What stands for a value of the source; `no_value` before `declare`, `copy` or `replace`.
  ValueId operator()(ValueId id) const { return map_[static_cast<std::size_t>(id)]; }
  /// Takes over a variable of the source.
  void declare(ValueId variable);
  void declare_all_variables();
  /// Takes over a node with its scope and the names of its results; what it reads must be there.
  void copy(const Node& node);
  /// Lets a value of the new program stand for one of the source.
  void replace(ValueId id, ValueId by) { map_[static_cast<std::size_t>(id)] = by; }
  Program& result() { return result_; }
  /// Takes over assignments and outputs, and gives up the program. `instead`: for a value of the source the value of
  /// the new program that they take in its place.
  Program finish(const std::map<ValueId, ValueId>& instead = {});

 private:
  const Program& source_;
  Program result_;
  std::vector<ValueId> map_;
};

}  // namespace generalizer
