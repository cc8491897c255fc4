#include <algorithm>
#include <cctype>

#include "config/expectation.h"
#include "config/names.h"
#include "inspection/checks.h"

namespace generalizer {
namespace {

bool is_key(const std::string& name) {
  return is_identifier(name) && std::none_of(name.begin(), name.end(), [](unsigned char c) { return std::isupper(c) || c == '-'; });
}

bool allows(const ParameterSpec& spec, ParameterType type) {
  return std::find(spec.types.begin(), spec.types.end(), type) != spec.types.end();
}

/// What is wrong with a default by its own declaration; "" when nothing is.
struct DefaultProblem {
  const ParameterSpec& spec;

  std::string number(double x) const {
    return within_bounds(spec, x) ? "" : "lies outside of its range (" + bounds(spec) + ")";
  }
  template <class List>
  std::string list(const List& values, ParameterType type) const {
    if (!allows(spec, type)) return std::string("is ") + describe(type) + ", which it may not be";
    if (spec.length && values.size() != *spec.length) return "doesn't have " + std::to_string(*spec.length) + " elements";
    if constexpr (!std::is_same_v<List, std::vector<std::string>>) {
      for (const auto x : values) {
        if (const std::string problem = number(static_cast<double>(x)); !problem.empty()) return problem;
      }
    }
    return {};
  }

  std::string operator()(bool) const { return allows(spec, ParameterType::boolean) ? "" : "is a boolean, which it may not be"; }
  std::string operator()(std::int64_t x) const {
    if (!allows(spec, ParameterType::integer) && !allows(spec, ParameterType::number))
      return "is an integer, which it may not be";
    return number(static_cast<double>(x));
  }
  std::string operator()(double x) const {
    return allows(spec, ParameterType::number) ? number(x) : "is a number, which it may not be";
  }
  std::string operator()(const std::string& x) const {
    if (!allows(spec, ParameterType::string) && !allows(spec, ParameterType::path)) return "is a string, which it may not be";
    const bool known = spec.choices.empty() || std::find(spec.choices.begin(), spec.choices.end(), x) != spec.choices.end();
    return known ? "" : "is none of its choices";
  }
  std::string operator()(const std::vector<std::int64_t>& x) const { return list(x, ParameterType::integers); }
  std::string operator()(const std::vector<double>& x) const { return list(x, ParameterType::numbers); }
  std::string operator()(const std::vector<std::string>& x) const { return list(x, ParameterType::strings); }
  std::string operator()(const std::vector<Parameters>&) const {
    return allows(spec, ParameterType::table) || allows(spec, ParameterType::tables) ? "" : "is a table, which it may not be";
  }
};

void judge(const std::vector<ParameterSpec>& specs, const std::string& before, std::vector<std::string>& problems) {
  for (const ParameterSpec& spec : specs) {
    const std::string key = "The parameter \"" + before + spec.name + "\" ";
    if (!is_key(spec.name)) problems.push_back(key + "must be called with small letters, digits and \"_\", beginning with a letter.");
    if (spec.help.empty()) problems.push_back(key + "has no help: a sentence, with units.");
    if (spec.minimum && spec.maximum && *spec.minimum > *spec.maximum)
      problems.push_back(key + "has a minimum above its maximum: no value is in range.");
    if (!spec.choices.empty() && !allows(spec, ParameterType::string))
      problems.push_back(key + "has choices, but may not be a string.");
    if (!spec.fields.empty() && !allows(spec, ParameterType::table) && !allows(spec, ParameterType::tables))
      problems.push_back(key + "has fields, but may not be a table.");
    if (spec.default_value) {
      const std::string problem = std::visit(DefaultProblem{spec}, *spec.default_value);
      if (!problem.empty()) problems.push_back(key + "has a default that " + problem + ".");
    }
    judge(spec.fields, before + spec.name + ".", problems);
  }
}

}  // namespace

std::vector<std::string> problems_of_declaration(const std::string& name, const std::string& summary,
                                                 const std::vector<ParameterSpec>& parameters) {
  std::vector<std::string> problems;
  if (!is_key(name))
    problems.push_back("The name \"" + name + "\" must be small letters, digits and \"_\", beginning with a letter.");
  if (summary.empty()) problems.push_back("It has no summary: a sentence for `generalizer plugins`.");
  judge(parameters, "", problems);
  return problems;
}

}  // namespace generalizer
