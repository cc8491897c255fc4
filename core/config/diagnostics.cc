#include "config/diagnostics.h"

#include <algorithm>
#include <tuple>

namespace generalizer {

void Diagnostics::throw_if_any(const std::string& file) {
  if (found_.empty()) return;
  // The graph file, then the files that it extends as they turn up, then what was typed.
  std::vector<std::string> files{file};
  for (const Diagnostic& diagnostic : found_) {
    if (std::find(files.begin(), files.end(), diagnostic.where.file) == files.end())
      files.push_back(diagnostic.where.file);
  }
  const auto rank = [&](const Diagnostic& diagnostic) {
    const bool typed = diagnostic.where.file.starts_with("--");
    const auto at = std::find(files.begin(), files.end(), diagnostic.where.file) - files.begin();
    // What was typed stays in the order of typing.
    return typed ? std::tuple(files.end() - files.begin(), 0, 0)
                 : std::tuple(at, diagnostic.where.line, diagnostic.where.column);
  };
  std::stable_sort(found_.begin(), found_.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return rank(a) < rank(b); });
  throw GraphError(found_);
}

}  // namespace generalizer
