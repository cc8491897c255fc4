#pragma once

#include <string>
#include <vector>

#include "config/document.h"

namespace generalizer {

// Trees that aren't read from a text.

/// A string, which no environment variable is looked up for.
TomlNode string_node(const std::string& text, const SourcePosition& where);
TomlNode list_node(const std::vector<TomlNode>& items, const SourcePosition& where);

/// A value that nothing more is to be said of.
TomlNode reported(TomlNode value);

/// The string under `key`; "" when there is none.
std::string text_of(const TomlNode& table, const std::string& key);

/// Gives the table this value under `key`, in the place of another one.
void put(TomlNode& table, const std::string& key, TomlNode value);

}  // namespace generalizer
