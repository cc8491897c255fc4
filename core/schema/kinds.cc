#include "schema/kinds.h"

#include <algorithm>
#include <limits>

#include "config/augment_keys.h"
#include "config/keys.h"
#include "config/schedule_keys.h"

namespace generalizer {
namespace {

/// A schema that holds for tables whose type this is.
Json if_type(const std::string& type, Json then) {
  Json rule;
  rule["if"] = {{"type", "object"}, {"properties", {{"type", {{"const", type}}}}}, {"required", {"type"}}};
  rule["then"] = std::move(then);
  return rule;
}

Json type_definition(const SchemaType& type, const SchemaKind& kind) {
  Json schema;
  schema["type"] = "object";
  schema["description"] = type.summary;
  schema.update(table_schema(type.keys, !kind.merges));
  schema["properties"]["type"] = {{"description", type.summary}, {"const", type.name}};
  for (const auto& [key, place] : kind.places) schema["properties"][key] = place;
  if (Json* inputs = schema["properties"].contains("inputs") ? &schema["properties"]["inputs"] : nullptr) {
    (*inputs)["minItems"] = type.minimum_inputs;
    if (type.maximum_inputs != 0) (*inputs)["maxItems"] = type.maximum_inputs;
  }
  return schema;
}

/// In an overlay a table may leave its type to the file below; its keys then are some type's.
Json keys_of_any_type(const SchemaKind& kind) {
  Json names = Json::array();
  for (const SchemaType& type : kind.types) {
    for (const ParameterSpec& key : type.keys) {
      if (std::find(names.begin(), names.end(), key.name) == names.end()) names.push_back(key.name);
    }
  }
  Json rule;
  rule["if"] = {{"type", "object"}, {"not", {{"required", {"type"}}}}};
  rule["then"] = {{"propertyNames", {{"enum", names}}}};
  return rule;
}

template <class Find>
SchemaKind from_registry(std::string name, const std::vector<std::string>& types,
                         const std::vector<ParameterSpec>& common, Find find) {
  SchemaKind kind{std::move(name), {}, true, {}};
  for (const std::string& type : types) {
    const auto* found = find(type);
    kind.types.push_back({found->name, found->summary, with_types_keys(common, found->parameters), 0, 0});
  }
  return kind;
}

SchemaKind of_own_types(std::string name, const std::vector<OwnType>& types, bool merges) {
  SchemaKind kind{std::move(name), {}, merges, {}};
  for (const OwnType& type : types)
    kind.types.push_back({type.name, type.summary, with_types_keys(typed_keys(), type.keys), 0, 0});
  return kind;
}

}  // namespace

SchemaKind layer_kind(const Registry& registry) {
  SchemaKind kind{"layer", {}, false, {}};
  for (const std::string& name : registry.layer_names()) {
    const LayerType& type = *registry.find_layer(name);
    const bool limited = type.maximum_inputs != std::numeric_limits<std::size_t>::max();
    kind.types.push_back({type.name, type.summary, with_types_keys(layer_keys(), type.parameters),
                          type.minimum_inputs, limited ? type.maximum_inputs : 0});
  }
  return kind;
}

SchemaKind loss_kind(const Registry& registry, LossTarget target) {
  std::vector<std::string> names;
  for (const std::string& name : registry.loss_names()) {
    if (registry.find_loss(name)->target == target) names.push_back(name);
  }
  return from_registry(target == LossTarget::labels ? "classifier_loss" : "decoder_loss", names, loss_keys(),
                       [&](const std::string& type) { return registry.find_loss(type); });
}

SchemaKind optimizer_kind(const Registry& registry) {
  SchemaKind kind = from_registry("optimizer", registry.optimizer_names(), optimizer_keys(),
                                  [&](const std::string& type) { return registry.find_optimizer(type); });
  kind.places["schedule"] = choice_of(*find_key(optimizer_keys(), "schedule"), schedule_kind());
  return kind;
}

SchemaKind data_kind(const Registry& registry) {
  SchemaKind kind = from_registry("data", registry.dataset_names(), data_keys(),
                                  [&](const std::string& type) { return registry.find_dataset(type); });
  kind.places["augment"] = choice_of(*find_key(data_keys(), "augment"), augmentation_kind());
  return kind;
}

SchemaKind backend_kind(const Registry& registry) {
  return from_registry("backend", registry.backend_names(), typed_keys(),
                       [&](const std::string& type) { return registry.find_backend(type); });
}

SchemaKind schedule_kind() { return of_own_types("schedule", schedule_types(), true); }

SchemaKind augmentation_kind() { return of_own_types("augmentation", augmentation_types(), false); }

std::vector<std::string> names_of(const SchemaKind& kind) {
  std::vector<std::string> names;
  for (const SchemaType& type : kind.types) names.push_back(type.name);
  return names;
}

Json choice_of(const ParameterSpec& key, const SchemaKind& kind) {
  const auto takes = [&](ParameterType type) {
    return std::find(key.types.begin(), key.types.end(), type) != key.types.end();
  };
  Json schema;
  schema["description"] = key.help;
  schema["type"] = Json::array();
  Json offered = Json::array({Json::object()});
  if (takes(ParameterType::string)) {
    const Json names = one_of_names(names_of(kind));
    schema["type"].push_back("string");
    schema["pattern"] = names["pattern"];
    offered.push_back(names["anyOf"][1]);
  }
  if (takes(ParameterType::table)) {
    schema["type"].push_back("object");
    schema["allOf"] = Json::array({reference(kind.name)});
    offered.push_back(reference(kind.name));
  }
  if (takes(ParameterType::tables)) {
    schema["type"].push_back("array");
    schema["items"] = {{"type", "object"},
                       {"allOf", Json::array({reference(kind.name), completeness_of(kind)})},
                       {"anyOf", Json::array({Json::object(), reference(kind.name)})}};
  }
  schema["anyOf"] = std::move(offered);
  return schema;
}

Json reference(const std::string& definition) { return {{"$ref", "#/definitions/" + definition}}; }

void define_kind(Json& definitions, const SchemaKind& kind, bool closed) {
  Json rules = Json::array();
  Json offered = Json::array({Json::object()});
  if (closed && !kind.types.empty())
    rules.push_back({{"properties", {{"type", one_of_names(names_of(kind))}}}});
  if (kind.merges) rules.push_back(keys_of_any_type(kind));
  for (const SchemaType& type : kind.types) {
    const std::string name = kind.name + "_" + type.name;
    definitions[name] = type_definition(type, kind);
    rules.push_back(if_type(type.name, reference(name)));
    offered.push_back(reference(name));
  }
  Json& schema = definitions[kind.name];
  if (!kind.merges) schema["required"] = {"type"};
  if (!rules.empty()) schema["allOf"] = std::move(rules);
  schema["anyOf"] = std::move(offered);
}

Json completeness_of(const SchemaKind& kind) {
  Json rules = Json::array();
  rules.push_back({{"required", {"type"}}});
  for (const SchemaType& type : kind.types) {
    if (Json keys = required_keys(type.keys); !keys.empty())
      rules.push_back(if_type(type.name, {{"required", keys}}));
  }
  return {{"allOf", std::move(rules)}};
}

}  // namespace generalizer
