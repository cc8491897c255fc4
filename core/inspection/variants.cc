#include "inspection/variants.h"

#include <cmath>

#include "catalogue/example.h"
#include "config/quote.h"

namespace generalizer {
namespace {

std::string integer_text(double x) { return std::to_string(static_cast<std::int64_t>(x)); }

void add_integers(const ParameterSpec& spec, std::vector<TriedValue>& values) {
  const auto add = [&](double x, bool end) { values.push_back({spec.name, integer_text(x), end}); };
  if (spec.minimum) {
    const double least = std::ceil(*spec.minimum) + (spec.above_minimum && std::ceil(*spec.minimum) == *spec.minimum ? 1 : 0);
    add(least, true);
    add(least - 1, false);
    add(-1e15, false);
  } else {
    for (const double x : {-1e15, -1.0, 0.0}) add(x, false);
  }
  if (spec.maximum) {
    add(std::floor(*spec.maximum), true);
    add(std::floor(*spec.maximum) + 1, false);
  } else {
    for (const double x : {1e6, 1e15}) add(x, false);
  }
}

void add_numbers(const ParameterSpec& spec, std::vector<TriedValue>& values) {
  const auto add = [&](double x, bool end) { values.push_back({spec.name, number_text(x), end}); };
  if (spec.minimum) {
    // An open end is approached, and is itself refused.
    const double width = spec.maximum ? *spec.maximum - *spec.minimum : 1.0;
    if (spec.above_minimum) add(*spec.minimum + 1e-3 * width, true);
    add(*spec.minimum, !spec.above_minimum);
    add(*spec.minimum - 1e-6 * std::max(1.0, std::abs(*spec.minimum)), false);
  }
  if (spec.maximum) {
    add(*spec.maximum, true);
    add(*spec.maximum + 1e-6 * std::max(1.0, std::abs(*spec.maximum)), false);
  }
  for (const double x : {-1e30, 0.0, 1e30}) add(x, false);
  for (const char* text : {"nan", "inf", "-inf"}) values.push_back({spec.name, text, false});
}

void add_lists(const ParameterSpec& spec, const std::vector<std::string>& elements, std::vector<TriedValue>& values) {
  values.push_back({spec.name, "[]", false});
  for (const std::string& element : elements) {
    std::string text;
    for (int length = 1; length <= 6; ++length) {
      text += (text.empty() ? "" : ", ") + element;
      values.push_back({spec.name, "[" + text + "]", false});
    }
  }
}

void add_strings(const ParameterSpec& spec, std::vector<TriedValue>& values) {
  for (const std::string& choice : spec.choices) values.push_back({spec.name, quoted(choice), true});
  for (const char* text : {"", "no such thing"}) values.push_back({spec.name, quoted(text), false});
}

}  // namespace

std::vector<TriedValue> values_to_try(const std::vector<ParameterSpec>& parameters) {
  std::vector<TriedValue> values;
  for (const ParameterSpec& spec : parameters) {
    for (const ParameterType type : spec.types) {
      switch (type) {
        case ParameterType::boolean:
          values.push_back({spec.name, "true", true});
          values.push_back({spec.name, "false", true});
          break;
        case ParameterType::integer:
          add_integers(spec, values);
          break;
        case ParameterType::number:
          add_numbers(spec, values);
          break;
        case ParameterType::string:
          add_strings(spec, values);
          break;
        case ParameterType::path:
          values.push_back({spec.name, quoted("no/such/file"), false});
          break;
        case ParameterType::integers:
          add_lists(spec, {"-1", "0", "1", "2"}, values);
          break;
        case ParameterType::numbers:
          add_lists(spec, {"-1.0", "0.0", "0.5", "1e30"}, values);
          break;
        case ParameterType::strings:
          add_lists(spec, {"\"\"", "\"a\""}, values);
          break;
        case ParameterType::table:
          values.push_back({spec.name, "{}", false});
          break;
        case ParameterType::tables:
          values.push_back({spec.name, "[]", false});
          values.push_back({spec.name, "[{}]", false});
          break;
      }
    }
  }
  return values;
}

TomlNode with_key(TomlNode table, const TriedValue& tried) {
  erase_key(table, tried.key);
  table.entries.push_back(table_of(tried.key + " = " + tried.value).entries.front());
  return table;
}

std::vector<Use> variants_of(const std::vector<ParameterSpec>& parameters, const Use& use) {
  std::vector<Use> variants;
  for (const TriedValue& tried : values_to_try(parameters)) {
    const bool choice = tried.value.starts_with('"') || tried.value == "true" || tried.value == "false";
    if (!tried.end_of_range || !choice) continue;
    Use variant = use;
    variant.table = with_key(use.table, tried);
    try {
      variant.parameters = read_keys(variant.table, parameters);
      (void)variant.built();
    } catch (const GraphError&) {
      continue;  // a choice that this use doesn't allow
    }
    variants.push_back(std::move(variant));
  }
  return variants;
}

}  // namespace generalizer
