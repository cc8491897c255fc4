#include <map>

#include "config/keys.h"
#include "config/layers.h"
#include "config/names.h"
#include "config/quote.h"
#include "config/read_loss.h"
#include "config/read_optimizer.h"
#include "config/read_parts.h"
#include "config/stabiliser_keys.h"

namespace generalizer {
namespace {

/// The value under `key`, or no text when it is there and wrong, or stands there under a misspelt key.
Located reference(const TomlNode& node, const std::string& key, const Parameters& values, const std::string& label,
                  Diagnostics& found) {
  const TomlEntry* entry = node.find(key);
  if (entry == nullptr ? looks_misspelt(node, key, decoder_keys()) : !values.where(key).known()) return {"", node.where};
  if (entry != nullptr) refuse_empty_name(entry->value, quoted(key) + " in " + label, found);
  return located(values, key, node.where);
}

/// `tap = "a"` and `tap = ["a", "b"]`.
std::vector<Located> taps(const TomlNode& decoder, const Parameters& values, const TableContext& context) {
  if (!values.has("tap")) return {{"", decoder.where}};
  if (values.is_string("tap")) return {reference(decoder, "tap", values, context.name, context.found)};
  const TomlNode& list = decoder.find("tap")->value;
  std::vector<Located> result;
  if (list.items.empty()) {
    context.found.add(list.where, "\"tap\" in " + context.name + " must name at least one layer, found an empty list",
                      "such as tap = [\"embedding\", \"conv1\"]");
    return {{"", list.where}};
  }
  for (const TomlNode& item : list.items) {
    refuse_empty_name(item, "\"tap\" in " + context.name, context.found);
    for (const Located& before : result) {
      if (before.text != item.string || item.string.empty()) continue;
      context.found.add(item.where, context.name + " taps " + quoted(item.string) + " twice", "remove one of the two");
    }
    result.push_back({item.string, item.where});
  }
  return result;
}

/// A decoder, and whether its name is known.
struct ReadDecoder {
  DecoderSpec decoder;
  bool name_known = true;
};

ReadDecoder read_decoder(const TomlNode& list, std::size_t index, const GraphContext& graph) {
  const TomlNode& node = list.items[index];
  ReadDecoder read;
  DecoderSpec& decoder = read.decoder;
  decoder.where = node.where;
  const std::string name = decoder_name(list, index);
  const std::string label = "decoder " + quoted(name);
  const TableContext context = graph.inside(label);
  refuse_unknown_keys(node, decoder_keys(), context);
  const Parameters values = read_values(node, plain(decoder_keys()), context);
  decoder.name = values.has("name") ? located(values, "name", node.where) : Located{name, node.where};
  read.name_known =
      values.has("name") || (node.find("name") == nullptr && !looks_misspelt(node, "name", decoder_keys()));
  decoder.taps = taps(node, values, context);
  decoder.target = reference(node, "target", values, label, context.found);
  const std::string& sign = values.string("sign");
  decoder.sign = sign == "positive" ? Sign::positive : sign == "none" ? Sign::none : Sign::negative;
  decoder.weight = values.number("weight");
  decoder.weight_where = values.where("weight");
  decoder.every = values.integer("every");
  read_stabilisers(node, values, context, decoder);
  decoder.loss = read_loss(node, decoder_keys(), label, graph).value_or(LossSpec{});
  decoder.optimizer = read_optimizer(node, decoder_keys(), label, graph);
  decoder.layers_known = read_layers(node, decoder_keys(), context, {graph.registry, graph.blocks}, decoder.layers);
  return read;
}

}  // namespace

ClassifierSpec read_classifier(const TomlNode& root, const GraphContext& graph) {
  ClassifierSpec classifier;
  const TomlNode* node =
      find_child(root, "classifier", TomlNode::Kind::table, graph_keys(), graph.table,
                 "write it as [classifier], with its layers under the key layers");
  if (node == nullptr) {
    classifier.loss = LossSpec{};
    classifier.layers_known = false;
    return classifier;
  }
  const TableContext context = graph.inside("[classifier]");
  classifier.where = node->where;
  refuse_unknown_keys(*node, classifier_keys(), context);
  classifier.loss = read_loss(*node, classifier_keys(), "[classifier]", graph);
  classifier.optimizer = read_optimizer(*node, classifier_keys(), "[classifier]", graph);
  classifier.layers_known = 
      read_layers(*node, classifier_keys(), context, {graph.registry, graph.blocks}, classifier.layers);
  return classifier;
}

bool read_decoders(const TomlNode& root, const GraphContext& graph, std::vector<DecoderSpec>& decoders) {
  const TomlNode* list = find_child(root, "decoder", TomlNode::Kind::list, graph_keys(), graph.table,
                                    "write each decoder as [[decoder]], with two brackets");
  if (list == nullptr) return root.find("decoder") == nullptr && !looks_misspelt(root, "decoder", graph_keys());
  bool known = true;
  std::map<std::string, SourcePosition> seen;
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    ReadDecoder read = read_decoder(*list, i, graph);
    known = known && read.name_known;
    decoders.push_back(std::move(read.decoder));
  }
  for (const DecoderSpec& decoder : decoders) {
    known = check_name(decoder.name, "decoder", seen, graph.table.found) && known;
    if (decoder.name.text == "classifier") {
      graph.table.found.add(decoder.name.where,
                            "a decoder can't be called \"classifier\", the name of the other player",
                            "give it another name");
    }
  }
  return known;
}

}  // namespace generalizer
