#include "commands/describe_type.h"

#include <fmt/format.h>

#include "terminal/format.h"

namespace generalizer {
namespace {

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

std::string figure(double number) { return fmt::format("{}", number); }

template <class Value, class Writer>
std::string list_of(const std::vector<Value>& values, Writer write) {
  std::vector<std::string> words;
  for (const Value& value : values) words.push_back(write(value));
  return "[" + join(words, ", ") + "]";
}

nlohmann::ordered_json json_of(const ParameterValue& value);

nlohmann::ordered_json json_of(const Parameters& table) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const std::string& name : table.names()) json[name] = json_of(table.value(name));
  return json;
}

nlohmann::ordered_json json_of(const ParameterValue& value) {
  if (const auto* tables = std::get_if<std::vector<Parameters>>(&value))
    return tables->empty() ? nullptr : json_of(tables->front());
  return std::visit(
      [](const auto& v) -> nlohmann::ordered_json {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::vector<Parameters>>) {
          return nullptr;
        } else {
          return v;
        }
      },
      value);
}

}  // namespace

std::string describe_types(const ParameterSpec& spec) {
  std::vector<std::string> words;
  for (const ParameterType type : spec.types) words.emplace_back(describe(type));
  std::string text = join(words, " or ");
  if (spec.length) text += fmt::format(" of {}", *spec.length);
  return text;
}

std::string describe_range(const ParameterSpec& spec) {
  if (!spec.choices.empty()) {
    std::vector<std::string> words;
    for (const std::string& choice : spec.choices) words.push_back(quoted(choice));
    return join(words, " or ");
  }
  std::string text;
  if (spec.minimum) text = (spec.above_minimum ? "above " : "at least ") + figure(*spec.minimum);
  if (spec.maximum) text += (text.empty() ? "at most " : ", at most ") + figure(*spec.maximum);
  return text;
}

std::string to_toml_text(const ParameterValue& value) {
  struct Writer {
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(std::int64_t v) const { return std::to_string(v); }
    std::string operator()(double v) const { return figure(v); }
    std::string operator()(const std::string& v) const { return quoted(v); }
    std::string operator()(const std::vector<std::int64_t>& v) const { return list_of(v, *this); }
    std::string operator()(const std::vector<double>& v) const { return list_of(v, *this); }
    std::string operator()(const std::vector<std::string>& v) const { return list_of(v, *this); }
    std::string operator()(const std::vector<Parameters>& v) const {
      std::vector<std::string> words;
      if (v.size() == 1) {
        for (const std::string& name : v[0].names())
          words.push_back(name + " = " + std::visit(*this, v[0].value(name)));
      }
      return "{ " + join(words, ", ") + " }";
    }
  };
  return std::visit(Writer{}, value);
}

std::string describe_default(const ParameterSpec& spec) {
  if (spec.default_value) return to_toml_text(*spec.default_value);
  return spec.optional ? "none" : "required";
}

nlohmann::ordered_json to_json(const ParameterSpec& spec) {
  nlohmann::ordered_json json;
  json["name"] = spec.name;
  json["types"] = nlohmann::ordered_json::array();
  for (const ParameterType type : spec.types) json["types"].push_back(describe(type));
  json["help"] = spec.help;
  json["required"] = !spec.default_value && !spec.optional;
  json["default"] = spec.default_value ? json_of(*spec.default_value) : nlohmann::ordered_json(nullptr);
  if (spec.minimum) json[spec.above_minimum ? "above" : "minimum"] = *spec.minimum;
  if (spec.maximum) json["maximum"] = *spec.maximum;
  if (!spec.choices.empty()) json["choices"] = spec.choices;
  if (spec.length) json["length"] = *spec.length;
  for (const ParameterSpec& field : spec.fields) json["fields"].push_back(to_json(field));
  return json;
}

}  // namespace generalizer
