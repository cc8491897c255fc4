#pragma once

#include <string>

namespace generalizer {

/// The whole text of a graph file. Throws `GraphError` that says what is wrong with the file (missing, a folder, unreadable, too large) and
/// what to do.
std::string read_text(const std::string& path);

/// Throws `GraphError` at the first byte that is not UTF-8. `name` stands for the file.
void require_utf8(const std::string& text, const std::string& name);

}  // namespace generalizer
