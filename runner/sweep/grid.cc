#include "sweep/grid.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "context.h"

namespace generalizer {
namespace {

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  return begin == std::string::npos ? std::string()
                                    : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// The parts between commas that stand outside brackets and quotes.
std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  char quote = '\0';
  for (const char c : text) {
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ',' && depth == 0) {
      parts.emplace_back();
      continue;
    }
    parts.back() += c;
  }
  for (std::string& part : parts) part = trimmed(part);
  return parts;
}

Variation split_at_equals(const std::string& text, const std::string& option, const std::string& example) {
  const std::size_t equals = text.find('=');
  const std::string key = trimmed(text.substr(0, equals));
  if (equals == std::string::npos || key.empty())
    throw UsageError(option + " wants " + example + ", and \"" + text + "\" was found.");
  if (key == "seed")
    throw UsageError(
        "The seeds are the business of --seeds, which runs every combination with so many of them; leave "
        "\"seed\" out of " +
        option + ".");
  return {key, text.substr(equals + 1)};
}

}  // namespace

Axis parse_axis(const std::string& text) {
  const Variation parts =
      split_at_equals(text, "--over", "KEY=VALUE,VALUE,…, such as decoder.weight=0,0.5,1");
  Axis axis{parts.key, split_at_commas(parts.value)};
  std::set<std::string> seen;
  for (const std::string& value : axis.values) {
    if (value.empty())
      throw UsageError(
          "--over " + text +
          " has an empty value; write KEY=VALUE,VALUE without a comma too many. An empty text is '\"\"'.");
    if (!seen.insert(value).second)
      throw UsageError("--over " + text + " has the value " + value + " twice.");
  }
  return axis;
}

Combination parse_case(const std::string& text) {
  Combination combination;
  for (const std::string& part : split_at_commas(text)) {
    Variation assignment =
        split_at_equals(part, "--case", "KEY=VALUE,KEY=VALUE,…, such as decoder.weight=2,decoder.every=5");
    assignment.value = trimmed(assignment.value);
    for (const Variation& other : combination) {
      if (other.key == assignment.key)
        throw UsageError("--case " + text + " has the key " + assignment.key + " twice.");
    }
    combination.push_back(std::move(assignment));
  }
  return combination;
}

std::vector<Combination> combinations_of(const std::vector<Axis>& axes,
                                         const std::vector<Combination>& cases) {
  std::set<std::string> keys;
  for (const Axis& axis : axes) {
    if (!keys.insert(axis.key).second)
      throw UsageError("Two --over have the key " + axis.key +
                       "; write its values behind one another: --over " + axis.key + "=A,B,C.");
  }
  std::vector<Combination> all;
  if (!axes.empty() || cases.empty()) all.emplace_back();
  for (const Axis& axis : axes) {
    std::vector<Combination> longer;
    for (const Combination& shorter : all) {
      for (const std::string& value : axis.values) {
        longer.push_back(shorter);
        longer.back().push_back({axis.key, value});
      }
    }
    all = std::move(longer);
  }
  for (const Combination& one : cases) {
    if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
  }
  return all;
}

std::vector<std::string> keys_of(const std::vector<Combination>& combinations) {
  std::vector<std::string> keys;
  for (const Combination& combination : combinations) {
    for (const Variation& assignment : combination) {
      if (std::find(keys.begin(), keys.end(), assignment.key) == keys.end()) keys.push_back(assignment.key);
    }
  }
  return keys;
}

std::string label_of(const Combination& combination) {
  if (combination.empty()) return "the graph as it is";
  std::string text;
  for (const Variation& assignment : combination) text += (text.empty() ? "" : ", ") + assignment.text();
  return text;
}

std::string slug_of(const Combination& combination) {
  constexpr std::size_t longest = 80;  // with the rest of the name well below what file systems take
  std::string slug;
  for (const Variation& assignment : combination) {
    const std::string key = assignment.key.substr(assignment.key.find_last_of('.') + 1);
    slug += (slug.empty() ? "" : "-") + key + "-" + assignment.value;
  }
  for (char& c : slug) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '-' && c != '_') c = '_';
  }
  return slug.substr(0, longest);
}

std::string value_of(const Combination& combination, const std::string& key) {
  for (const Variation& assignment : combination) {
    if (assignment.key == key) return assignment.value;
  }
  return "";
}

}  // namespace generalizer
