#include <map>

#include "config/keys.h"
#include "config/layers.h"
#include "config/names.h"
#include "config/quote.h"
#include "config/read_loss.h"
#include "config/read_optimizer.h"
#include "config/read_parts.h"

namespace generalizer {
namespace {

/// `tap = "a"` and `tap = ["a", "b"]`. No text when the mistake has been reported.
std::vector<Located> taps(const TomlNode& decoder, const Parameters& values, const TableContext& context) {
  if (!values.has("tap") || values.is_string("tap")) return {located(values, "tap", decoder.where)};
  const TomlNode& list = decoder.find("tap")->value;
  std::vector<Located> result;
  if (list.items.empty()) {
    context.found.add(list.where, "\"tap\" in " + context.name + " must name at least one layer, found an empty list",
                      "such as tap = [\"embedding\", \"conv1\"]");
    return {{"", list.where}};
  }
  for (const TomlNode& item : list.items) {
    for (const Located& before : result) {
      if (before.text != item.string) continue;
      context.found.add(item.where, context.name + " taps " + quoted(item.string) + " twice", "remove one of the two");
    }
    result.push_back({item.string, item.where});
  }
  return result;
}

DecoderSpec read_decoder(const TomlNode& list, std::size_t index, const GraphContext& graph) {
  const TomlNode& node = list.items[index];
  DecoderSpec decoder;
  decoder.where = node.where;
  const std::string name = decoder_name(list, index);
  const std::string label = "decoder " + quoted(name);
  const TableContext context = graph.inside(label);
  refuse_unknown_keys(node, decoder_keys(), context);
  const Parameters values = read_values(node, plain(decoder_keys()), context);
  decoder.name = values.has("name") ? located(values, "name", node.where) : Located{name, node.where};
  decoder.taps = taps(node, values, context);
  decoder.target = located(values, "target", node.where);
  const std::string& sign = values.string("sign");
  decoder.sign = sign == "positive" ? Sign::positive : sign == "none" ? Sign::none : Sign::negative;
  decoder.weight = values.number("weight");
  decoder.every = values.integer("every");
  decoder.loss = read_loss(node, decoder_keys(), label, graph).value_or(LossSpec{});
  decoder.optimizer = read_optimizer(node, decoder_keys(), label, graph);
  decoder.layers = read_layers(node, decoder_keys(), context, graph.registry);
  return decoder;
}

}  // namespace

ClassifierSpec read_classifier(const TomlNode& root, const GraphContext& graph) {
  ClassifierSpec classifier;
  const TomlNode* node =
      find_child(root, "classifier", TomlNode::Kind::table, graph_keys(), graph.table,
                 "write it as [classifier], with its layers under the key layers");
  if (node == nullptr) return classifier;
  const TableContext context = graph.inside("[classifier]");
  classifier.where = node->where;
  refuse_unknown_keys(*node, classifier_keys(), context);
  classifier.loss = read_loss(*node, classifier_keys(), "[classifier]", graph);
  classifier.optimizer = read_optimizer(*node, classifier_keys(), "[classifier]", graph);
  classifier.layers = read_layers(*node, classifier_keys(), context, graph.registry);
  return classifier;
}

std::vector<DecoderSpec> read_decoders(const TomlNode& root, const GraphContext& graph) {
  std::vector<DecoderSpec> decoders;
  const TomlNode* list = find_child(root, "decoder", TomlNode::Kind::list, graph_keys(), graph.table,
                                    "write each decoder as [[decoder]], with two brackets");
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i)
    decoders.push_back(read_decoder(*list, i, graph));
  std::map<std::string, SourcePosition> seen;
  for (const DecoderSpec& decoder : decoders) {
    check_name(decoder.name, "decoder", seen, graph.table.found);
    if (decoder.name.text == "classifier") {
      graph.table.found.add(decoder.name.where,
                            "a decoder can't be called \"classifier\", the name of the other player",
                            "give it another name");
    }
  }
  return decoders;
}

}  // namespace generalizer
