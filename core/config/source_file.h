#pragma once

#include <string>

namespace generalizer {

/// Throws `GraphError` at the first byte that is not UTF-8, or NUL. `name` stands for the file. (`read_source` is in graph_spec.h.)
void require_utf8(const std::string& text, const std::string& name);

}  // namespace generalizer
