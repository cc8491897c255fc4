#include "schema/schema.h"

#include <algorithm>
#include <map>

#include "config/keys.h"
#include "schema/kinds.h"

namespace generalizer {
namespace {

/// What `is_path_of_identifiers` takes: the resolved graph's names of layers in blocks, too.
constexpr const char* kLayerName = "^[A-Za-z_][A-Za-z0-9_-]*(/([A-Za-z_][A-Za-z0-9_-]*|[1-9][0-9]*))*$|\\$";
constexpr const char* kDecoderName = "^[A-Za-z_][A-Za-z0-9_-]*$|\\$";

Json list_of_layers(const ParameterSpec& key) {
  return {{"description", key.help}, {"type", "array"}, {"minItems", 1}, {"items", reference("layer")}};
}

/// A table of the graph with the keys of `keys`; those in `places` are other than their declaration alone says.
Json graph_table(const std::vector<ParameterSpec>& keys, const std::map<std::string, Json>& places) {
  Json table;
  table["type"] = "object";
  table.update(table_schema(keys, false));
  for (const auto& [key, place] : places) table["properties"][key] = place;
  return table;
}

Json loss_of(const std::vector<ParameterSpec>& keys, const SchemaKind& losses) {
  Json loss = choice_of(*find_key(keys, "loss"), losses);
  loss["minItems"] = 1;
  return loss;
}

/// "onednn", or "cuda:1" where a backend has devices. The project's own backends are right in a graph on a machine that lacks them.
Json backend_choice(const SchemaKind& backends) {
  SchemaKind all = backends;
  for (const char* own : {"cuda", "onednn", "reference"}) {
    const std::vector<std::string> known = names_of(all);
    if (std::find(known.begin(), known.end(), own) == known.end()) all.types.push_back({own, "", {}, 0, 0});
  }
  Json choice = choice_of(*find_key(graph_keys(), "backend"), all);
  choice["allOf"].push_back({{"properties", {{"type", one_of_names(names_of(all))}}}});
  std::string pattern = choice["pattern"];
  pattern.insert(pattern.find(")$"), ")(:[0-9]+");  // ^(cuda|…)(:[0-9]+)?$
  pattern.insert(pattern.find(")$") + 1, "?");
  choice["pattern"] = pattern;
  return choice;
}

Json block_definition() {
  Json block;
  block["type"] = "object";
  block["description"] = "Layers with parameters: used as a layer of the type that the block is called.";
  Json& keys = block["properties"];
  keys["parameters"] = {{"description",
                         "The parameters that may be left out, with their defaults; \"$NAME\" in a layer is "
                         "the parameter NAME."},
                        {"type", "object"}};
  keys["required"] = {{"description", "The names of the parameters that must be given."},
                      {"type", "array"},
                      {"items", {{"type", "string"}}}};
  keys["layers"] = list_of_layers(*find_key(classifier_keys(), "layers"));
  block["required"] = {"layers"};
  block["additionalProperties"] = false;
  return block;
}

/// A layer of a type that no plugin has registered: its other keys are the block's parameters.
Json block_use_definition() {
  Json use;
  use["description"] = "The layers of a block, in this place.";
  for (const ParameterSpec& key : block_use_keys()) use["properties"][key.name] = value_schema(key);
  use["properties"]["name"]["pattern"] = kLayerName;
  use["properties"]["inputs"]["minItems"] = 1;
  return use;
}

Json blocks(const SchemaKind& layers) {
  return {{"description", find_key(graph_keys(), "blocks")->help},
          {"type", "object"},
          {"propertyNames", {{"not", {{"enum", names_of(layers)}}}}},
          {"additionalProperties", reference("block")}};
}

Json decoder_definition(const SchemaKind& losses, const SchemaKind& optimizers) {
  Json decoder = graph_table(decoder_keys(),
                             {{"loss", loss_of(decoder_keys(), losses)},
                              {"schedule", choice_of(*find_key(decoder_keys(), "schedule"), schedule_kind())},
                              {"optimizer", choice_of(*find_key(decoder_keys(), "optimizer"), optimizers)},
                              {"layers", list_of_layers(*find_key(decoder_keys(), "layers"))}});
  decoder["properties"]["name"]["pattern"] = kDecoderName;
  decoder["properties"]["name"]["not"] = {{"const", "classifier"}};
  decoder["properties"]["tap"]["minItems"] = 1;
  return decoder;
}

Json classifier_definition(const SchemaKind& losses, const SchemaKind& optimizers) {
  return graph_table(classifier_keys(),
                     {{"loss", loss_of(classifier_keys(), losses)},
                      {"optimizer", choice_of(*find_key(classifier_keys(), "optimizer"), optimizers)},
                      {"layers", list_of_layers(*find_key(classifier_keys(), "layers"))}});
}

/// The kinds of a graph's tables, made once.
struct Kinds {
  explicit Kinds(const Registry& registry)
      : layers(layer_kind(registry)),
        classifier_losses(loss_kind(registry, LossTarget::labels)),
        decoder_losses(loss_kind(registry, LossTarget::values)),
        optimizers(optimizer_kind(registry)),
        data(data_kind(registry)),
        backends(backend_kind(registry)) {}

  SchemaKind layers, classifier_losses, decoder_losses, optimizers, data, backends;
};

/// A player's keys that it must have, and its tables', where no file below completes them.
Json whole_player(const std::vector<ParameterSpec>& keys, const SchemaKind& losses,
                  const SchemaKind& optimizers) {
  Json optimizer = completeness_of(optimizers);
  optimizer["properties"]["schedule"] = completeness_of(schedule_kind());
  Json player;
  player["required"] = required_keys(keys);
  player["properties"] = {{"loss", completeness_of(losses)}, {"optimizer", optimizer}};
  if (find_key(keys, "schedule") != nullptr) player["properties"]["schedule"] = completeness_of(schedule_kind());
  return player;
}

/// What a graph must have that stands on its own, neither laid over another nor completed by `set`.
Json whole_graph(const Kinds& kinds) {
  Json whole;
  whole["required"] = required_keys(graph_keys());
  whole["properties"] = {
      {"data", completeness_of(kinds.data)},
      {"backend", completeness_of(kinds.backends)},
      {"classifier", whole_player(classifier_keys(), kinds.classifier_losses, kinds.optimizers)},
      {"decoder", {{"items", whole_player(decoder_keys(), kinds.decoder_losses, kinds.optimizers)}}}};
  return whole;
}

/// Layers whose types are the registry's, for a graph in which no block can be meant.
Json no_blocks(const SchemaKind& layers) {
  Json list;
  list["items"] = {{"properties", {{"type", one_of_names(names_of(layers))}}}};
  const Json player = {{"properties", {{"layers", list}}}};
  return {{"properties", {{"classifier", player}, {"decoder", {{"items", player}}}}}};
}

/// `otherwise` holds for graphs that have none of `keys`.
Json unless_there_is(const std::vector<std::string>& keys, const std::string& otherwise) {
  Json any = Json::array();
  for (const std::string& key : keys) any.push_back({{"required", {key}}});
  return {{"if", {{"anyOf", any}}}, {"else", reference(otherwise)}};
}

Json definitions_of(const Kinds& kinds) {
  Json definitions;
  define_kind(definitions, kinds.layers, false);
  for (const SchemaType& type : kinds.layers.types)
    definitions["layer_" + type.name]["properties"]["name"]["pattern"] = kLayerName;
  definitions["block_use"] = block_use_definition();
  Json rule;
  rule["if"] = {{"properties", {{"type", {{"type", "string"}, {"not", {{"enum", names_of(kinds.layers)}}}}}}}, {"required", {"type"}}};
  rule["then"] = reference("block_use");
  definitions["layer"]["allOf"].push_back(rule);
  definitions["layer"]["anyOf"].push_back(reference("block_use"));
  for (const SchemaKind* kind :
       {&kinds.classifier_losses, &kinds.decoder_losses, &kinds.optimizers, &kinds.data})
    define_kind(definitions, *kind, true);
  define_kind(definitions, kinds.backends, false);
  define_kind(definitions, schedule_kind(), true);
  define_kind(definitions, augmentation_kind(), true);
  definitions["block"] = block_definition();
  definitions["classifier"] = classifier_definition(kinds.classifier_losses, kinds.optimizers);
  definitions["decoder"] = decoder_definition(kinds.decoder_losses, kinds.optimizers);
  definitions["whole_graph"] = whole_graph(kinds);
  definitions["no_blocks"] = no_blocks(kinds.layers);
  return definitions;
}

}  // namespace

Json graph_schema(const Registry& registry) {
  const Kinds kinds(registry);
  Json schema;
  schema["$schema"] = "http://json-schema.org/draft-07/schema#";
  schema["title"] = "A graph file of generalizer";
  schema["type"] = "object";
  schema["properties"] = Json::object();
  Json& properties = schema["properties"];
  for (const ParameterSpec& key : graph_keys()) properties[key.name] = value_schema(key);
  properties["backend"] = backend_choice(kinds.backends);
  properties["data"] = choice_of(*find_key(graph_keys(), "data"), kinds.data);
  properties["train"].update(graph_table(train_keys(), {}));
  properties["classifier"] = reference("classifier");
  properties["decoder"] = {{"description", find_key(graph_keys(), "decoder")->help},
                           {"type", "array"},
                           {"items", reference("decoder")}};
  properties["blocks"] = blocks(kinds.layers);
  properties["set"]["items"]["pattern"] = "=";
  schema["additionalProperties"] = false;
  schema["allOf"] = Json::array({unless_there_is({"extends", "set"}, "whole_graph"),
                                 unless_there_is({"extends", "blocks"}, "no_blocks")});
  schema["definitions"] = definitions_of(kinds);
  return schema;
}

}  // namespace generalizer
