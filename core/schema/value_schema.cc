#include "schema/value_schema.h"

#include <algorithm>
#include <cmath>

#include "config/keys.h"

namespace generalizer {
namespace {

using Type = ParameterType;

/// The text as a regular expression that matches it alone.
std::string literal(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::string("\\^$.|?*+()[]{}").find(c) != std::string::npos) out += '\\';
    out += c;
  }
  return out;
}

/// A whole bound without a point, as people write it.
Json bound(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) return static_cast<std::int64_t>(value);
  return value;
}

Json json_of(const ParameterValue& value);

Json json_of(const Parameters& table) {
  Json json = Json::object();
  for (const std::string& name : table.names()) json[name] = json_of(table.value(name));
  return json;
}

struct ToJson {
  Json operator()(const std::vector<Parameters>& tables) const {
    if (tables.size() == 1) return json_of(tables.front());
    Json list = Json::array();
    for (const Parameters& table : tables) list.push_back(json_of(table));
    return list;
  }
  template <class Value>
  Json operator()(const Value& value) const {
    return value;
  }
};

Json json_of(const ParameterValue& value) { return std::visit(ToJson{}, value); }

const char* json_type(Type type) {
  switch (type) {
    case Type::boolean:
      return "boolean";
    case Type::integer:
      return "integer";
    case Type::number:
      return "number";
    case Type::string:
    case Type::path:
      return "string";
    case Type::integers:
    case Type::numbers:
    case Type::strings:
    case Type::tables:
      return "array";
    case Type::table:
      return "object";
  }
  return "null";
}

bool allows(const ParameterSpec& spec, Type type) {
  return std::find(spec.types.begin(), spec.types.end(), type) != spec.types.end();
}

/// Adds a word once: {integers, numbers} are both an "array".
void add_type(Json& schema, const std::string& type) {
  Json& types = schema["type"];
  if (std::find(types.begin(), types.end(), type) == types.end()) types.push_back(type);
}

void add_range(Json& schema, const ParameterSpec& spec) {
  if (spec.minimum) schema[spec.above_minimum ? "exclusiveMinimum" : "minimum"] = bound(*spec.minimum);
  if (spec.maximum) schema["maximum"] = bound(*spec.maximum);
}

/// Adds what stands for a value that is no string within a block: "$filters". (What stands for an environment's variable, "${…}", is a string.)
void allow_block_parameter(Json& schema) {
  add_type(schema, "string");
  schema["pattern"] = "^\\$[^{]";
}

/// The elements of a list.
Json items_of(const ParameterSpec& spec) {
  Json items;
  items["type"] = Json::array();
  if (allows(spec, Type::tables)) {
    items.update(table_schema(spec.fields, true));
    add_type(items, "object");
  }
  if (allows(spec, Type::numbers) || allows(spec, Type::integers)) {
    add_type(items, allows(spec, Type::numbers) ? "number" : "integer");
    add_range(items, spec);
  }
  if (allows(spec, Type::strings)) {
    add_type(items, "string");
  } else if (!allows(spec, Type::tables)) {
    allow_block_parameter(items);
  }
  return items;
}

}  // namespace

Json one_of_names(const std::vector<std::string>& names) {
  std::string pattern;
  for (const std::string& name : names) pattern += (pattern.empty() ? "" : "|") + literal(name);
  Json schema;
  schema["type"] = "string";
  schema["pattern"] = "^(" + pattern + ")$|" + kStandsForAnother;
  // Any string passes here: this is what editors offer, the pattern is what is checked.
  schema["anyOf"] = Json::array({Json::object(), Json{{"enum", names}}});
  return schema;
}

Json value_schema(const ParameterSpec& spec) {
  Json schema;
  if (!spec.help.empty()) schema["description"] = spec.help;
  schema["type"] = Json::array();
  bool numeric = false;
  bool list = false;
  for (const Type type : spec.types) {
    add_type(schema, json_type(type));
    numeric = numeric || type == Type::integer || type == Type::number;
    list = list || json_type(type) == std::string("array");
  }
  if (numeric) add_range(schema, spec);
  if (allows(spec, Type::table) || allows(spec, Type::tables)) {
    add_type(schema, "object");  // a single table stands for a list of one
    schema.update(table_schema(spec.fields, true));
  }
  if (list) {
    schema["items"] = items_of(spec);
    if (spec.length) {
      schema["minItems"] = *spec.length;
      schema["maxItems"] = *spec.length;
    }
  }
  if (allows(spec, Type::string) && !spec.choices.empty()) {
    Json names = one_of_names(spec.choices);
    schema["pattern"] = names["pattern"];
    schema["anyOf"] = names["anyOf"];
  } else if (!allows(spec, Type::string) && !allows(spec, Type::path)) {
    allow_block_parameter(schema);
  }
  if (spec.default_value) schema["default"] = json_of(*spec.default_value);
  return schema;
}

Json table_schema(const std::vector<ParameterSpec>& keys, bool required) {
  Json schema;
  schema["properties"] = Json::object();
  for (const ParameterSpec& key : keys) schema["properties"][key.name] = value_schema(key);
  if (const Json names = required_keys(keys); required && !names.empty()) schema["required"] = names;
  refuse_alternatives(schema, keys);
  schema["additionalProperties"] = false;
  return schema;
}

Json required_keys(const std::vector<ParameterSpec>& keys) {
  Json names = Json::array();
  for (const ParameterSpec& key : keys) {
    const bool table = key.types == std::vector{Type::table};
    const bool filled = table && !key.fields.empty() && required_keys(key.fields).empty();
    if (!key.default_value && !key.optional && !filled) names.push_back(key.name);
  }
  return names;
}

void refuse_alternatives(Json& table, const std::vector<ParameterSpec>& keys) {
  for (const ParameterSpec& key : keys) {
    const std::string other = alternative_to(key.name);
    // Each pair once, from the one that stands first.
    if (other.empty() || key.name > other || find_key(keys, other) == nullptr) continue;
    table["not"] = {{"type", "object"}, {"required", {key.name, other}}};
  }
}

}  // namespace generalizer
