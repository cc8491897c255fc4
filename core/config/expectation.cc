#include "config/expectation.h"

#include <cmath>

#include "config/aliases.h"
#include "config/quote.h"

namespace generalizer {
namespace {

std::string bound_text(double bound) {
  if (std::abs(bound) < 1e15 && bound == std::floor(bound))
    return std::to_string(static_cast<std::int64_t>(bound));
  return number_text(bound);
}

std::string describe_list(ParameterType type, const ParameterSpec& spec) {
  std::string words = describe(type);
  if (spec.length) words.insert(words.find("of ") + 3, std::to_string(*spec.length) + " ");
  return words;
}

}  // namespace

std::string joined_by_or(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += words[i];
  }
  return out;
}

std::string expected(const ParameterSpec& spec) {
  std::vector<std::string> words;
  for (const ParameterType type : spec.types) {
    switch (type) {
      case ParameterType::string:
        if (spec.choices.empty()) words.emplace_back(describe(type));
        for (const std::string& choice : spec.choices) words.push_back(quoted(choice));
        break;
      case ParameterType::integers:
      case ParameterType::numbers:
      case ParameterType::strings:
      case ParameterType::tables:
        words.push_back(describe_list(type, spec));
        break;
      default:
        words.emplace_back(describe(type));
    }
  }
  return joined_by_or(words);
}

std::string bounds(const ParameterSpec& spec) {
  std::string text;
  if (spec.minimum) text = (spec.above_minimum ? "above " : "at least ") + bound_text(*spec.minimum);
  if (spec.maximum) text += (text.empty() ? "at most " : " and at most ") + bound_text(*spec.maximum);
  return text;
}

bool within_bounds(const ParameterSpec& spec, double value) {
  if (spec.minimum && !(spec.above_minimum ? value > *spec.minimum : value >= *spec.minimum)) return false;
  return !spec.maximum || value <= *spec.maximum;
}

std::string meant(const std::string& name, const std::vector<std::string>& candidates) {
  // Another library's word is surer than a few equal letters.
  const std::string alias = alias_of(name, candidates);
  return alias.empty() ? nearest_name(name, candidates) : alias;
}

std::string suggestion(const std::string& name, const std::vector<std::string>& candidates) {
  const std::string nearest = meant(name, candidates);
  return nearest.empty() ? "" : "; did you mean " + quoted(nearest) + "?";
}

}  // namespace generalizer
