#pragma once

#include <filesystem>
#include <string>

namespace generalizer {

/// The text within HTML, or within an attribute in double quotes: nothing in it is read as markup. Bytes that are no UTF-8 become U+FFFD.
std::string escaped(const std::string& text);

/// The text within a script element of type application/json: a "<" in it can end nothing.
std::string escaped_json(std::string json);

/// "data:image/png;base64,…"
std::string data_uri(const std::string& type, const std::string& bytes);

}  // namespace generalizer
