#include "generalizer/parameter.h"

#include <algorithm>

namespace generalizer {

const char* describe(ParameterType type) {
  switch (type) {
    case ParameterType::boolean:
      return "true or false";
    case ParameterType::integer:
      return "an integer";
    case ParameterType::number:
      return "a number";
    case ParameterType::string:
      return "a string";
    case ParameterType::path:
      return "a path";
    case ParameterType::integers:
      return "a list of integers";
    case ParameterType::numbers:
      return "a list of numbers";
    case ParameterType::strings:
      return "a list of strings";
    case ParameterType::table:
      return "a table";
    case ParameterType::tables:
      return "a list of tables";
  }
  return "a value";
}

ParameterSpec required_parameter(std::string name, std::vector<ParameterType> types, std::string help) {
  ParameterSpec spec;
  spec.name = std::move(name);
  spec.types = std::move(types);
  spec.help = std::move(help);
  return spec;
}

ParameterSpec parameter(std::string name, std::vector<ParameterType> types, ParameterValue default_value,
                        std::string help) {
  ParameterSpec spec = required_parameter(std::move(name), std::move(types), std::move(help));
  spec.default_value = std::move(default_value);
  return spec;
}

ParameterSpec at_least(ParameterSpec spec, double minimum) {
  spec.minimum = minimum;
  spec.above_minimum = false;
  return spec;
}

ParameterSpec above(ParameterSpec spec, double minimum) {
  spec.minimum = minimum;
  spec.above_minimum = true;
  return spec;
}

ParameterSpec at_most(ParameterSpec spec, double maximum) {
  spec.maximum = maximum;
  return spec;
}

ParameterSpec one_of(ParameterSpec spec, std::vector<std::string> choices) {
  spec.choices = std::move(choices);
  return spec;
}

namespace {

const char* describe(const ParameterValue& value) {
  struct Words {
    const char* operator()(bool) const { return "true or false"; }
    const char* operator()(std::int64_t) const { return "an integer"; }
    const char* operator()(double) const { return "a number"; }
    const char* operator()(const std::string&) const { return "a string"; }
    const char* operator()(const std::vector<std::int64_t>&) const { return "a list of integers"; }
    const char* operator()(const std::vector<double>&) const { return "a list of numbers"; }
    const char* operator()(const std::vector<std::string>&) const { return "a list of strings"; }
    const char* operator()(const std::vector<Parameters>&) const { return "a table"; }
  };
  return std::visit(Words{}, value);
}

[[noreturn]] void refuse(const std::string& name, const char* asked, const ParameterValue& value) {
  throw Error("Parameter \"" + name + "\" was asked for as " + asked + ", but it holds " + describe(value) +
              ". Ask for the type that its ParameterSpec declares.");
}

template <typename T>
const T& get(const Parameters& parameters, const std::string& name, const char* asked) {
  const ParameterValue& value = parameters.value(name);
  if (const T* found = std::get_if<T>(&value)) return *found;
  refuse(name, asked, value);
}

/// `[]` fits a list of any type; the reader keeps it as the first list type that the spec declares.
bool is_empty_list(const ParameterValue& value) {
  return std::visit(
      [](const auto& held) {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::vector<std::int64_t>> ||
                      std::is_same_v<Held, std::vector<double>> ||
                      std::is_same_v<Held, std::vector<std::string>>) {
          return held.empty();
        } else {
          return false;
        }
      },
      value);
}

}  // namespace

bool Parameters::has(const std::string& name) const { return entries_.contains(name); }

const ParameterValue& Parameters::value(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found != entries_.end()) return found->second.value;
  std::string known;
  for (const std::string& key : order_) known += (known.empty() ? "" : ", ") + key;
  throw Error("Parameter \"" + name + "\" was asked for, but there is none of this name; there is " +
              (known.empty() ? std::string("none at all") : known) +
              ". Declare it in the type's `parameters`.");
}

bool Parameters::boolean(const std::string& name) const { return get<bool>(*this, name, "true or false"); }

std::int64_t Parameters::integer(const std::string& name) const {
  return get<std::int64_t>(*this, name, "an integer");
}

double Parameters::number(const std::string& name) const {
  if (const auto* whole = std::get_if<std::int64_t>(&value(name))) return static_cast<double>(*whole);
  return get<double>(*this, name, "a number");
}

const std::string& Parameters::string(const std::string& name) const {
  return get<std::string>(*this, name, "a string");
}

std::vector<std::int64_t> Parameters::integers(const std::string& name) const {
  if (is_empty_list(value(name))) return {};
  return get<std::vector<std::int64_t>>(*this, name, "a list of integers");
}

std::vector<double> Parameters::numbers(const std::string& name) const {
  if (is_empty_list(value(name))) return {};
  if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&value(name)))
    return {whole->begin(), whole->end()};
  return get<std::vector<double>>(*this, name, "a list of numbers");
}

std::vector<std::string> Parameters::strings(const std::string& name) const {
  if (is_empty_list(value(name))) return {};
  return get<std::vector<std::string>>(*this, name, "a list of strings");
}

const Parameters& Parameters::table(const std::string& name) const {
  const auto& tables = get<std::vector<Parameters>>(*this, name, "a table");
  if (tables.size() != 1) {
    throw Error("Parameter \"" + name + "\" was asked for as a table, but it is a list of " +
                std::to_string(tables.size()) + " tables. Take them from `value`.");
  }
  return tables.front();
}

std::vector<std::int64_t> Parameters::repeated(const std::string& name, std::size_t count) const {
  if (const auto* single = std::get_if<std::int64_t>(&value(name)))
    return std::vector<std::int64_t>(count, *single);
  std::vector<std::int64_t> list = integers(name);
  if (list.size() != count) {
    throw GraphError(where(name),
                     "\"" + name + "\" must be one integer or a list of " + std::to_string(count) +
                         ", found a list of " + std::to_string(list.size()),
                     "one integer stands for all " + std::to_string(count));
  }
  return list;
}

bool Parameters::is_string(const std::string& name) const {
  return std::holds_alternative<std::string>(value(name));
}

SourcePosition Parameters::where(const std::string& name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? SourcePosition{} : found->second.where;
}

void Parameters::set(const std::string& name, ParameterValue value, SourcePosition where) {
  if (!entries_.contains(name)) order_.push_back(name);
  entries_[name] = Entry{std::move(value), std::move(where)};
}

bool Parameters::operator==(const Parameters& other) const {
  return std::equal(
      entries_.begin(), entries_.end(), other.entries_.begin(), other.entries_.end(),
      [](const auto& a, const auto& b) { return a.first == b.first && a.second.value == b.second.value; });
}

}  // namespace generalizer
