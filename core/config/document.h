#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "generalizer/error.h"

namespace generalizer {

struct TomlEntry;

/// A value of a TOML text with its place. Unlike toml++'s own tree it keeps keys in the order of the file and its positions when it is
/// copied, so that `--set` can put values of one text into another.
struct TomlNode {
  enum class Kind : std::uint8_t { boolean, integer, number, string, time, list, table };

  Kind kind = Kind::table;
  SourcePosition where;
  bool broken = false;  ///< its mistake has been reported: nothing more is to be said of it
  bool expanded = false;  ///< of a string: environment variables have been replaced
  bool literal = false;   ///< of a string: a "$" that it begins with is no block's parameter
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0;
  std::string string;              ///< of a string, or a date or time as it is written
  std::vector<TomlNode> items;     ///< of a list
  std::vector<TomlEntry> entries;  ///< of a table, in the order of the file

  const TomlEntry* find(const std::string& key) const;  ///< null when the table has no such key
  TomlEntry* find(const std::string& key);
  bool is(Kind asked) const { return kind == asked; }
  bool is_list_of_tables() const;
};

/// A key of a table and its value.
struct TomlEntry {
  std::string key;
  SourcePosition where;  ///< the key
  TomlNode value;
};

/// Whether a mistake has been reported of the node itself or of one inside it.
bool holds_mistake(const TomlNode& node);

/// Takes the key out of the table, if it is there.
void erase_key(TomlNode& table, const std::string& key);
/// Takes out of the table what `key` says in another way (`alternative_to`).
void drop_alternative(TomlNode& table, const std::string& key);

/// The text's root table. `name` stands for the file in positions. Throws `GraphError` at the place where it stops being TOML.
TomlNode parse_document(const std::string& text, const std::string& name);

/// The value as TOML on one line: `[1, 2]`, `{ a = 1, b = "x" }`.
std::string to_text(const TomlNode& node);

/// What a message calls a value: "the integer 3", "the string \"x\"", "a list", …
std::string describe(const TomlNode& node);

}  // namespace generalizer
