#include "catalogue/example.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "config/check.h"
#include "config/quote.h"

namespace generalizer {
namespace {

using Type = ParameterType;

bool allows(const ParameterSpec& spec, Type type) {
  return std::find(spec.types.begin(), spec.types.end(), type) != spec.types.end();
}

std::string list_text(const std::vector<std::int64_t>& numbers) {
  std::string text;
  for (const std::int64_t number : numbers) text += (text.empty() ? "" : ", ") + std::to_string(number);
  return "[" + text + "]";
}

/// What people usually write, by the parameter's name.
std::string usual_value(const ParameterSpec& spec, const Shape& input) {
  static const std::map<std::string, std::string> usual = {
      {"filters", "32"}, {"kernel", "3"},  {"units", "64"},   {"heads", "4"},          {"count", "16"},
      {"rate", "0.5"},   {"padding", "1"}, {"cropping", "1"}, {"function", "\"relu\""}, {"learning_rate", "0.001"}};
  if (const auto found = usual.find(spec.name); found != usual.end()) return found->second;
  if (spec.name == "order" && allows(spec, Type::integers)) {  // the axes turned by one: the batch stays
    std::vector<std::int64_t> order(input.rank());
    std::iota(order.begin(), order.end(), 1);
    if (order.size() > 1) std::rotate(order.begin(), order.begin() + 1, order.end());
    return list_text(order);
  }
  if (spec.name == "shape" && allows(spec, Type::integers)) {
    const std::int64_t numbers = input.elements();
    return input.rank() == 1 && numbers % 2 == 0 ? list_text({2, numbers / 2}) : list_text({numbers});
  }
  return {};
}

/// The least integer that the range allows, but no less than 1.
std::int64_t least_integer(const ParameterSpec& spec) {
  double least = 1.0;
  if (spec.minimum)
    least = std::max(least, std::ceil(*spec.minimum) +
                                (spec.above_minimum && std::ceil(*spec.minimum) == *spec.minimum ? 1 : 0));
  if (spec.maximum) least = std::min(least, std::floor(*spec.maximum));
  return static_cast<std::int64_t>(least);
}

double some_number(const ParameterSpec& spec) {
  if (spec.minimum && spec.maximum) return (*spec.minimum + *spec.maximum) / 2;
  if (spec.minimum) return *spec.minimum + 1;
  return spec.maximum ? std::min(1.0, *spec.maximum) : 1.0;
}

std::string table_text(const std::vector<ParameterSpec>& fields);

/// A value that the declaration allows.
std::string allowed_value(const ParameterSpec& spec) {
  const std::size_t length = spec.length.value_or(1);
  const auto repeated = [&](const std::string& value) {
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text += (i == 0 ? "" : ", ") + value;
    return "[" + text + "]";
  };
  switch (spec.types.front()) {
    case Type::boolean:
      return "true";
    case Type::integer:
      return std::to_string(least_integer(spec));
    case Type::number:
      return number_text(some_number(spec));
    case Type::string:
      return quoted(spec.choices.empty() ? "name" : spec.choices.front());
    case Type::path:
      return quoted("path/to/" + spec.name);
    case Type::integers:
      return repeated(std::to_string(least_integer(spec)));
    case Type::numbers:
      return repeated(number_text(some_number(spec)));
    case Type::strings:
      return repeated("\"name\"");
    case Type::table:
      return table_text(spec.fields);
    case Type::tables:
      return "[" + table_text(spec.fields) + "]";
  }
  return {};
}

std::string pairs_text(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string text;
  for (const auto& [key, value] : pairs) text += (text.empty() ? "" : ", ") + key + " = " + value;
  return text;
}

bool required(const ParameterSpec& spec) { return !spec.default_value && !spec.optional; }

std::string table_text(const std::vector<ParameterSpec>& fields) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const ParameterSpec& field : fields) {
    if (required(field)) pairs.emplace_back(field.name, allowed_value(field));
  }
  return "{ " + pairs_text(pairs) + " }";
}

/// A default as TOML; "" for tables, which examples leave out.
std::string default_text(const ParameterSpec& spec) {
  struct Writer {
    const ParameterSpec& spec;
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const {
      return allows(spec, Type::integer) ? std::to_string(value) : number_text(static_cast<double>(value));
    }
    std::string operator()(double value) const { return number_text(value); }
    std::string operator()(const std::string& value) const { return quoted(value); }
    std::string operator()(const std::vector<std::int64_t>& value) const {
      return value.empty() ? "" : list_text(value);
    }
    std::string operator()(const std::vector<double>&) const { return ""; }
    std::string operator()(const std::vector<std::string>&) const { return ""; }
    std::string operator()(const std::vector<Parameters>&) const { return ""; }
  };
  return spec.default_value ? std::visit(Writer{spec}, *spec.default_value) : "";
}

/// `type`, then what is required, then defaults for which `shown` holds.
template <class Shown>
std::vector<std::pair<std::string, std::string>> pairs_of(const std::string& type,
                                                          const std::vector<ParameterSpec>& specs,
                                                          Shown shown) {
  std::vector<std::pair<std::string, std::string>> pairs = {{"type", quoted(type)}};
  for (const ParameterSpec& spec : specs) {
    const std::string text = required(spec) ? allowed_value(spec) : shown(spec) ? default_text(spec) : "";
    if (!text.empty()) pairs.emplace_back(spec.name, text);
  }
  return pairs;
}

/// `key = "type"`, or a table where there is more to say.
std::string choice_text(const std::string& key, const std::string& type,
                        const std::vector<ParameterSpec>& specs) {
  const auto pairs = pairs_of(type, specs, [](const ParameterSpec&) { return true; });
  return key + " = " + (pairs.size() == 1 ? quoted(type) : "{ " + pairs_text(pairs) + " }");
}

}  // namespace

std::string example_keys(const std::vector<ParameterSpec>& specs, const Shape& input) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const ParameterSpec& spec : specs) {
    if (!required(spec)) continue;
    const std::string usual = usual_value(spec, input);
    pairs.emplace_back(spec.name, usual.empty() ? allowed_value(spec) : usual);
  }
  return pairs_text(pairs);
}

TomlNode table_of(const std::string& keys) {
  return parse_document("example = { " + keys + " }", "example").find("example")->value;
}

Parameters read_keys(const TomlNode& table, const std::vector<ParameterSpec>& specs) {
  Diagnostics found;
  const Folders folders{".", {}};
  Parameters values = read_table(table, specs, {"the example", folders, found});
  found.throw_if_any("example");
  return values;
}

std::string example_parameters(const LayerType& type, const Shape& input) {
  std::string keys = example_keys(type.parameters, input);
  for (const ParameterSpec& spec : type.parameters) {
    if (!required(spec) && spec.name == "activation" && spec.choices == activation_names())
      keys += (keys.empty() ? "" : ", ") + std::string("activation = \"relu\"");
  }
  return keys;
}

std::string layer_example(const LayerType& type, const Shape& input, const std::vector<std::string>& inputs) {
  std::string text = "{ name = " + quoted(type.name + "1") + ", type = " + quoted(type.name);
  if (inputs.size() > 1) text += ", inputs = [" + listed_quoted(inputs) + "]";
  const std::string parameters = example_parameters(type, input);
  return text + (parameters.empty() ? "" : ", " + parameters) + " }";
}

std::string loss_example(const LossType& type) {
  // One that says how much the tap tells of the target is to be made small.
  return choice_text("loss", type.name, type.parameters) + (type.any_shape ? "\nsign = \"positive\"" : "");
}

std::string optimizer_example(const OptimizerType& type) {
  return choice_text("optimizer", type.name, type.parameters);
}

std::string backend_example(const BackendType& type) {
  return choice_text("backend", type.name, type.parameters);
}

std::string dataset_example(const DatasetType& type) {
  std::string text = "[data]\n";
  const auto files = [](const ParameterSpec& spec) { return allows(spec, Type::path); };
  for (const auto& [key, value] : pairs_of(type.name, type.parameters, files))
    text += key + " = " + value + "\n";
  return text;
}

}  // namespace generalizer
