#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "generalizer/error.h"

namespace generalizer {

/// Mistakes as they are told: those of the graph file `file` from its top down, those of the files that it extends, then those of `--set`. What is said
/// twice is told once, and so is what is wrong alike in several uses of a block.
std::vector<Diagnostic> as_told(std::vector<Diagnostic> found, const std::string& file);

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
  /// In the order of finding.
  const std::vector<Diagnostic>& all() const { return found_; }

  /// Throws `GraphError` when anything was found, `as_told`.
  void throw_if_any(const std::string& file) const;

 private:
  std::vector<Diagnostic> found_;
};

}  // namespace generalizer
