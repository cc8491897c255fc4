#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "generalizer/error.h"

namespace generalizer {

/// Collects the mistakes of one graph file, so that they can be shown all at once.
class Diagnostics {
 public:
  void add(SourcePosition where, std::string message, std::string hint = {}) {
    found_.push_back({std::move(where), std::move(message), std::move(hint)});
  }
  /// True when a mistake has been reported at this very place.
  bool has_one_at(const SourcePosition& where) const {
    return std::any_of(found_.begin(), found_.end(), [&](const Diagnostic& d) { return d.where == where; });
  }
  bool empty() const { return found_.empty(); }
  std::size_t size() const { return found_.size(); }

  /// Throws `GraphError` when anything was found: the file's mistakes from its top down, those of the files that it extends, then those of `--set`.
  /// `file` is the graph file's name in positions.
  void throw_if_any(const std::string& file);

 private:
  std::vector<Diagnostic> found_;
};

}  // namespace generalizer
