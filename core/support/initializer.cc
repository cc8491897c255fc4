#include <algorithm>
#include <cmath>

#include "generalizer/layer.h"

namespace generalizer {
namespace {

Initializer uniform_within(double limit) { return {Initializer::Kind::uniform, -limit, limit}; }
Initializer normal_with(double deviation) { return {Initializer::Kind::normal, 0.0, deviation}; }

double mean_of(std::int64_t fan_in, std::int64_t fan_out) {
  return 0.5 * static_cast<double>(fan_in + fan_out);
}

/// The kinds in the order in which messages list them, each with the keys that its table may have.
struct Choice {
  const char* name;
  std::vector<std::string> keys;
};

const std::vector<Choice>& choices() {
  static const std::vector<Choice> all = {
      {"glorot_uniform", {}},    {"glorot_normal", {}},
      {"he_uniform", {}},        {"he_normal", {}},
      {"lecun_uniform", {}},     {"lecun_normal", {}},
      {"orthogonal", {"gain"}},  {"constant", {"value"}},
      {"zeros", {}},             {"ones", {}},
      {"uniform", {"minimum", "maximum"}}, {"normal", {"mean", "deviation"}},
      {"file", {"file", "tensor"}}};
  return all;
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const Choice& choice : choices()) result.emplace_back(choice.name);
  return result;
}

ParameterSpec optional_field(const char* name, ParameterType type, const char* help) {
  ParameterSpec spec = required_parameter(name, {type}, help);
  spec.optional = true;
  return spec;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "\"" : " and \"") + word + "\"";
  return text;
}

/// Fails at a key that the chosen kind doesn't look at: what is written must count.
void refuse_stray_keys(const LayerBuilder& layer, const std::string& parameter, const Parameters& table,
                       const Choice& choice) {
  for (const std::string& key : table.names()) {
    if (key == "type") continue;
    const bool known = std::find(choice.keys.begin(), choice.keys.end(), key) != choice.keys.end();
    if (known) continue;
    layer.fail_at(parameter, "the initializer \"" + std::string(choice.name) + "\" has no key \"" + key + "\"",
                  choice.keys.empty() ? "it has none but type" : "it has " + joined(choice.keys));
  }
}

double number_or(const Parameters& table, const char* key, double otherwise) {
  return table.has(key) ? table.number(key) : otherwise;
}

Initializer from_table(const LayerBuilder& layer, const std::string& parameter, const Parameters& table) {
  const std::string& type = table.string("type");
  const auto need = [&](const char* key) {
    if (table.has(key)) return;
    layer.fail_at(parameter, "the initializer \"" + type + "\" needs the key \"" + key + "\"",
                  "write " + parameter + " = { type = \"" + type + "\", " + key + " = … }");
  };
  if (type == "orthogonal") return orthogonal(number_or(table, "gain", 1.0));
  if (type == "constant") {
    need("value");
    return constant(table.number("value"));
  }
  if (type == "uniform") {
    const double low = number_or(table, "minimum", -0.05);
    const double high = number_or(table, "maximum", 0.05);
    if (!(low < high)) layer.fail_at(parameter, "minimum must be below maximum", "swap the two");
    return {Initializer::Kind::uniform, low, high};
  }
  if (type == "normal")
    return {Initializer::Kind::normal, number_or(table, "mean", 0.0), number_or(table, "deviation", 0.05)};
  need("file");
  Initializer result{Initializer::Kind::file};
  result.file = table.string("file");
  if (table.has("tensor")) result.tensor = table.string("tensor");
  return result;
}

}  // namespace

Initializer zeros() { return constant(0.0); }
Initializer ones() { return constant(1.0); }
Initializer constant(double value) { return {Initializer::Kind::constant, value, 0.0}; }

Initializer glorot_uniform(std::int64_t fan_in, std::int64_t fan_out) {
  return uniform_within(std::sqrt(6.0 / static_cast<double>(fan_in + fan_out)));
}
Initializer glorot_normal(std::int64_t fan_in, std::int64_t fan_out) {
  return normal_with(std::sqrt(1.0 / mean_of(fan_in, fan_out)));
}
Initializer he_uniform(std::int64_t fan_in) {
  return uniform_within(std::sqrt(6.0 / static_cast<double>(fan_in)));
}
Initializer he_normal(std::int64_t fan_in) {
  return normal_with(std::sqrt(2.0 / static_cast<double>(fan_in)));
}
Initializer lecun_uniform(std::int64_t fan_in) {
  return uniform_within(std::sqrt(3.0 / static_cast<double>(fan_in)));
}
Initializer lecun_normal(std::int64_t fan_in) {
  return normal_with(std::sqrt(1.0 / static_cast<double>(fan_in)));
}
Initializer orthogonal(double gain) { return {Initializer::Kind::orthogonal, gain, 0.0}; }

ParameterSpec initializer_parameter(std::string name, std::string default_type) {
  ParameterSpec spec = one_of(
      parameter(std::move(name), {ParameterType::string, ParameterType::table}, std::move(default_type),
                "How the weight begins: a name, or a table with type and that type's keys."),
      names());
  spec.fields = {
      one_of(required_parameter("type", {ParameterType::string}, "Which initializer this is."), names()),
      optional_field("gain", ParameterType::number, "orthogonal: the factor; 1 without it."),
      optional_field("value", ParameterType::number, "constant: the value of every element."),
      optional_field("minimum", ParameterType::number, "uniform: the lower bound; −0.05 without it."),
      optional_field("maximum", ParameterType::number, "uniform: the upper bound; 0.05 without it."),
      optional_field("mean", ParameterType::number, "normal: the mean; 0 without it."),
      at_least(optional_field("deviation", ParameterType::number,
                              "normal: the standard deviation; 0.05 without it."),
               0),
      optional_field("file", ParameterType::path,
                     "file: a safetensors or .npy file, relative to the graph file."),
      optional_field("tensor", ParameterType::string,
                     "file: which tensor of a safetensors file; without it the one called like the weight."),
  };
  return spec;
}

Initializer chosen_initializer(const LayerBuilder& layer, const std::string& name, std::int64_t fan_in,
                               std::int64_t fan_out) {
  const bool named = layer.parameters().is_string(name);
  const std::string type = named ? layer.string(name) : layer.parameters().table(name).string("type");
  if (!named) {
    const auto choice = std::find_if(choices().begin(), choices().end(),
                                     [&](const Choice& candidate) { return type == candidate.name; });
    refuse_stray_keys(layer, name, layer.parameters().table(name), *choice);
    if (!choice->keys.empty()) return from_table(layer, name, layer.parameters().table(name));
  }
  if (type == "glorot_uniform") return glorot_uniform(fan_in, fan_out);
  if (type == "glorot_normal") return glorot_normal(fan_in, fan_out);
  if (type == "he_uniform") return he_uniform(fan_in);
  if (type == "he_normal") return he_normal(fan_in);
  if (type == "lecun_uniform") return lecun_uniform(fan_in);
  if (type == "lecun_normal") return lecun_normal(fan_in);
  if (type == "zeros") return zeros();
  if (type == "ones") return ones();
  Parameters table;  // the kinds with keys, called by their name alone: each key's default, or an error at a needed one
  table.set("type", type);
  return from_table(layer, name, table);
}

}  // namespace generalizer
