#include "config/diagnostics.h"

#include <algorithm>
#include <tuple>

namespace generalizer {

void Diagnostics::throw_if_any(const std::string& file) {
  if (found_.empty()) return;
  std::stable_sort(found_.begin(), found_.end(), [&file](const Diagnostic& a, const Diagnostic& b) {
    const bool a_outside = a.where.file != file;
    const bool b_outside = b.where.file != file;
    if (a_outside || b_outside) return a_outside < b_outside;
    return std::tie(a.where.line, a.where.column) < std::tie(b.where.line, b.where.column);
  });
  throw GraphError(found_);
}

}  // namespace generalizer
