#pragma once

#include <string>
#include <vector>

namespace generalizer {

/// The text in double quotes, escaped as TOML wants it.
std::string quoted(const std::string& text);
/// The shortest text that TOML reads back as the same double; always with a point or an exponent, so that it stays a float.
std::string number_text(double value);
/// `a, b, c`
std::string listed(const std::vector<std::string>& words);
/// `"a", "b", "c"`
std::string listed_quoted(const std::vector<std::string>& words);

}  // namespace generalizer
