#include "config/document.h"

// toml++ asserts where a text such as `[1, }` reaches code that refuses it a few lines further on: without the assertion a debug build reports
// the mistake, too, as a release build does.
#define TOML_ASSERT(condition) static_cast<void>(0)
#include <toml++/toml.h>

#include <algorithm>
#include <cctype>
#include <sstream>
#include <tuple>
#include <utility>

#include "config/keys.h"
#include "config/names.h"
#include "config/quote.h"
#include "config/stray.h"

namespace generalizer {
namespace {

/// Turns toml++'s places into ours, which carry the line's text.
class Places {
 public:
  Places(const std::string& text, std::string name) : name_(std::move(name)) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      lines_.push_back(std::move(line));
    }
  }

  /// The place of a byte of the text; a byte order mark has no column.
  SourcePosition at_byte(const std::string& text, std::size_t byte) const {
    toml::source_position place{1, 1};
    for (std::size_t i = text.starts_with("\xEF\xBB\xBF") ? 3 : 0; i < byte; ++i) {
      if (text[i] == '\n') {
        ++place.line;
        place.column = 1;
      } else if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) {
        ++place.column;
      }
    }
    return at(place);
  }

  SourcePosition at(const toml::source_position& place) const {
    const std::size_t line = place.line;
    return {name_, static_cast<int>(line), static_cast<int>(place.column),
            line >= 1 && line <= lines_.size() ? lines_[line - 1] : std::string()};
  }

 private:
  std::string name_;
  std::vector<std::string> lines_;
};

template <typename Time>
std::string written(const Time& time) {
  std::ostringstream out;
  out << time;
  return out.str();
}

TomlNode convert(const toml::node& source, const Places& places);

TomlNode convert_table(const toml::table& source, const Places& places) {
  TomlNode node;
  for (const auto& [key, value] : source) {
    node.entries.push_back({std::string(key.str()), places.at(key.source().begin), convert(value, places)});
  }
  // toml++ sorts keys by name. A `[table]`'s key stands inside the brackets, so keys alone give the order of the file.
  std::stable_sort(node.entries.begin(), node.entries.end(), [](const TomlEntry& a, const TomlEntry& b) {
    return std::tie(a.where.line, a.where.column) < std::tie(b.where.line, b.where.column);
  });
  return node;
}

TomlNode convert_value(const toml::node& source, const Places& places) {
  TomlNode node;
  source.visit([&](const auto& value) {
    using Value = std::decay_t<decltype(value)>;
    if constexpr (toml::is_table<Value>) {
      node = convert_table(value, places);
    } else if constexpr (toml::is_array<Value>) {
      node.kind = TomlNode::Kind::list;
      for (const toml::node& item : value) node.items.push_back(convert(item, places));
    } else if constexpr (toml::is_boolean<Value>) {
      node.kind = TomlNode::Kind::boolean;
      node.boolean = value.get();
    } else if constexpr (toml::is_integer<Value>) {
      node.kind = TomlNode::Kind::integer;
      node.integer = value.get();
    } else if constexpr (toml::is_floating_point<Value>) {
      node.kind = TomlNode::Kind::number;
      node.number = value.get();
    } else if constexpr (toml::is_string<Value>) {
      node.kind = TomlNode::Kind::string;
      node.string = value.get();
    } else {
      node.kind = TomlNode::Kind::time;
      node.string = written(value.get());
    }
  });
  return node;
}

TomlNode convert(const toml::node& source, const Places& places) {
  TomlNode node = convert_value(source, places);
  node.where = places.at(source.source().begin);
  return node;
}

/// What to do about the mistakes that toml++'s own words don't explain to somebody new to TOML.
std::string advice(std::string_view description) {
  const auto says = [&](std::string_view words) { return description.find(words) != std::string_view::npos; };
  if (says("cannot redefine")) return "every key may be given once: remove one of the two";
  if (says("string: unescaped control") || says("string: control characters"))
    return "a text that is opened with a quote ends with the same quote on the same line";
  if (says("dangling comma")) return "leave out the comma before the closing }";
  if (says("inline table") && says("'\\n'"))
    return "a table in braces stands on one line: { type = \"flatten\" }; a list of layers stands in square "
           "brackets: layers = [ … ]";
  if (says("inline table: expected comma"))
    return "a comma stands between two keys: { type = \"dense\", units = 10 }";
  if (says("parsing array: expected comma"))
    return "a comma stands between two elements of a list; one is missing before this";
  if (says("expected '='")) return "a key and its value have a = between them: epochs = 5";
  if (says("expected a comment or whitespace"))
    return "one key and its value stand on a line; the next key begins a new line";
  if (says("parsing boolean"))
    return "true and false are written in small letters, and text stands in quotes: backend = \"onednn\"";
  if (says("expected decimal digit, saw '.'")) return "a number has a digit before its point: 0.5";
  if (says("boolean") || says("expected value") || says("value type"))
    return "text stands in quotes: backend = \"onednn\"";
  if (says("end-of-file")) return "a quote or a bracket is opened here or before, and never closed";
  if (says("table header")) return "a table begins with its name in brackets on a line of its own: [train]";
  if (says("escape sequence"))
    return "a backslash in double quotes is written twice; in single quotes it stands for itself";
  return {};
}

}  // namespace

const TomlEntry* TomlNode::find(const std::string& key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const TomlEntry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

TomlEntry* TomlNode::find(const std::string& key) {
  return const_cast<TomlEntry*>(std::as_const(*this).find(key));
}

bool holds_mistake(const TomlNode& node) {
  return node.broken || std::any_of(node.items.begin(), node.items.end(), holds_mistake) ||
         std::any_of(node.entries.begin(), node.entries.end(),
                     [](const TomlEntry& entry) { return holds_mistake(entry.value); });
}

void erase_key(TomlNode& table, const std::string& key) {
  std::erase_if(table.entries, [&](const TomlEntry& entry) { return entry.key == key; });
}

void drop_alternative(TomlNode& table, const std::string& key) {
  const std::string other = alternative_to(key);
  if (!other.empty()) erase_key(table, other);
}

bool TomlNode::is_list_of_tables() const {
  return is(Kind::list) &&
         std::all_of(items.begin(), items.end(), [](const TomlNode& item) { return item.is(Kind::table); });
}

TomlNode parse_document(const std::string& text, const std::string& name) {
  const Places places(text, name);
  // toml++ 3.3 is undefined at some of these characters, and typographic quotes deserve words of their own.
  if (const std::size_t stray = find_stray_character(text); stray != std::string::npos) {
    throw GraphError(places.at_byte(text, stray),
                     "this is not valid TOML: only ASCII may stand outside quotes and comments",
                     "text stands in straight quotes, not in “typographic” ones: backend = \"onednn\"");
  }
  try {
    return convert(toml::parse(std::string_view(text)), places);
  } catch (const toml::parse_error& error) {
    std::string description(error.description());
    std::replace(description.begin(), description.end(), '\n', ' ');
    if (!description.empty())
      description[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(description[0])));
    SourcePosition where = places.at(error.source().begin);
    if (const std::size_t end = description.find("' is not representable in 64 bits");
        end != std::string::npos) {
      const std::size_t begin = description.find('\'') + 1;
      const std::string digits = description.substr(begin, end - begin);
      // toml++ points behind the number.
      if (where.column > static_cast<int>(digits.size())) where.column -= static_cast<int>(digits.size());
      throw GraphError(where, "the integer " + digits + " is outside the 64-bit range",
                       "integers go from -9223372036854775808 to 9223372036854775807");
    }
    throw GraphError(where, "this is not valid TOML: " + description, advice(error.description()));
  }
}

std::string describe(const TomlNode& node) {
  switch (node.kind) {
    case TomlNode::Kind::boolean:
      return node.boolean ? "true" : "false";
    case TomlNode::Kind::integer:
      return "the integer " + std::to_string(node.integer);
    case TomlNode::Kind::number:
      return "the number " + number_text(node.number);
    case TomlNode::Kind::string:
      return "the string " + quoted(node.string);
    case TomlNode::Kind::time:
      return "the date or time " + node.string;
    case TomlNode::Kind::list:
      return node.items.empty() ? "an empty list" : "a list of " + std::to_string(node.items.size());
    case TomlNode::Kind::table:
      return "a table";
  }
  return "a value";
}

std::string to_text(const TomlNode& node) {
  const auto joined = [](const auto& elements, const auto& text) {
    std::string all;
    for (const auto& element : elements) all += (all.empty() ? "" : ", ") + text(element);
    return all;
  };
  switch (node.kind) {
    case TomlNode::Kind::boolean:
      return node.boolean ? "true" : "false";
    case TomlNode::Kind::integer:
      return std::to_string(node.integer);
    case TomlNode::Kind::number:
      return number_text(node.number);
    case TomlNode::Kind::string:
      return quoted(node.string);
    case TomlNode::Kind::time:
      return node.string;
    case TomlNode::Kind::list:
      return "[" + joined(node.items, [](const TomlNode& item) { return to_text(item); }) + "]";
    case TomlNode::Kind::table:
      return node.entries.empty() ? "{}"
                                  : "{ " + joined(node.entries, [](const TomlEntry& entry) {
                                      return (is_identifier(entry.key) ? entry.key : quoted(entry.key)) + " = " + to_text(entry.value);
                                    }) + " }";
  }
  return {};
}

}  // namespace generalizer
