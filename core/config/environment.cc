#include "config/environment.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "config/quote.h"

namespace generalizer {
namespace {

/// What is wrong with one string; turned into a diagnostic at the string's place.
struct Refusal {
  std::string message;
  std::string hint;
};

bool is_name(const std::string& text) {
  const auto letter = [](unsigned char c) { return std::isalpha(c) != 0 || c == '_'; };
  return !text.empty() && letter(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(),
                     [&](unsigned char c) { return letter(c) || std::isdigit(c) != 0; });
}

/// The index of the `}` that closes the `${` whose name begins at `begin`; npos when nothing does.
std::size_t closing_brace(const std::string& text, std::size_t begin) {
  int depth = 1;
  for (std::size_t at = begin; at < text.size(); ++at) {
    if (text.compare(at, 2, "$$") == 0) {
      ++at;
    } else if (text.compare(at, 2, "${") == 0) {
      ++depth;
      ++at;
    } else if (text[at] == '}' && --depth == 0) {
      return at;
    }
  }
  return std::string::npos;
}

std::string expand(const std::string& text);

/// The value of `NAME` or `NAME:-default`, what stands between the braces.
std::string look_up(const std::string& inside) {
  const std::size_t split = inside.find(":-");
  const std::string name = inside.substr(0, split);
  if (!is_name(name)) {
    throw Refusal{
        quoted("${" + inside + "}") + " does not name an environment variable",
        "write ${NAME} or ${NAME:-default}, the name of letters, digits and underscores; $$ stands for a $"};
  }
  const char* value = std::getenv(name.c_str());
  if (split != std::string::npos)
    return value != nullptr && *value != '\0' ? value : expand(inside.substr(split + 2));
  if (value != nullptr) return value;
  throw Refusal{"the environment variable " + name + " is not set and has no default here",
                "set it, or give a default: ${" + name + ":-default}"};
}

std::string expand(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.compare(at, 2, "$$") == 0) {
      out += '$';
      ++at;
    } else if (text.compare(at, 2, "${") == 0) {
      const std::size_t close = closing_brace(text, at + 2);
      if (close == std::string::npos) {
        throw Refusal{"a ${ is opened in " + quoted(text) + " and never closed",
                      "write ${NAME} or ${NAME:-default}; $$ stands for a $"};
      }
      out += look_up(text.substr(at + 2, close - at - 2));
      at = close;
    } else {
      out += text[at];
    }
  }
  return out;
}

}  // namespace

void expand_environment(TomlNode& node, Diagnostics& found) {
  if (node.is(TomlNode::Kind::string) && !node.expanded) {
    node.expanded = true;
    try {
      const bool plain = node.string.starts_with("$$") || node.string.starts_with("${");
      node.string = expand(node.string);
      node.literal = plain && node.string.starts_with("$");
    } catch (const Refusal& refusal) {
      found.add(node.where, refusal.message, refusal.hint);
      node.broken = true;
    }
  }
  for (TomlNode& item : node.items) expand_environment(item, found);
  for (TomlEntry& entry : node.entries) expand_environment(entry.value, found);
}

std::string escape_environment(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '$' ? "$$" : std::string(1, c);
  return out;
}

}  // namespace generalizer
