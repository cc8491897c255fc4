#pragma once

#include <cstddef>
#include <string>

namespace generalizer {

/// The first byte of the first character beyond ASCII that stands outside strings and comments, where TOML allows none; npos without one. A byte
/// order mark at the beginning is let be. `text` is UTF-8.
std::size_t find_stray_character(const std::string& text);

}  // namespace generalizer
