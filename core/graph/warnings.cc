#include "graph/warnings.h"

#include "graph/layer_builder.h"

namespace generalizer {
namespace {

/// The key under which a layer says what function it ends with; "" when it has none.
std::string function_key(const LayerSpec& layer) {
  const std::string key = layer.type.text == "activation" ? "function" : "activation";
  return layer.parameters.has(key) && layer.parameters.is_string(key) ? key : "";
}

}  // namespace

std::vector<Diagnostic> warnings_of(const GraphSpec& spec, const Registry& registry) {
  if (!spec.classifier.loss || spec.classifier.layers.empty()) return {};
  if (spec.classifier.loss->single() == nullptr) return {};
  const std::string& loss = spec.classifier.loss->single()->type.text;
  const LossType* type = registry.find_loss(loss);
  if (type == nullptr || type->target != LossTarget::labels) return {};
  const LayerSpec& last = spec.classifier.layers.back();
  const std::string key = function_key(last);
  if (key.empty() || last.parameters.string(key) == "linear") return {};
  const SourcePosition place = last.parameters.where(key);
  return {{place.known() ? place : last.where,
           "layer " + describe(last) + " ends with " + last.parameters.string(key) +
               " and feeds the loss \"" + loss + "\", which applies softmax itself",
           loss + " takes logits: end with a layer that has no activation"}};
}

}  // namespace generalizer
