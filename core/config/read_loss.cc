#include "config/read_loss.h"

#include "config/keys.h"

namespace generalizer {
namespace {

const char* const kExample = "such as loss = [ { type = \"mse\" }, { type = \"ssim\", weight = 0.3 } ]";

LossTerm read_term(const TomlNode& node, const std::string& label, const TableContext& context,
                   const Registry& registry) {
  LossTerm term;
  term.loss = read_typed(node, TypeKind::loss, label, context, registry);
  if (!node.is(TomlNode::Kind::table)) return term;
  const Parameters values = read_values(node, {*find_key(loss_keys(), "weight")}, context.inside(label));
  term.weight = values.number("weight");
  return term;
}

LossSpec read_terms(const TomlNode& node, const std::string& label, const TableContext& context,
                    const Registry& registry) {
  LossSpec loss;
  if (!node.is(TomlNode::Kind::list)) {
    loss.terms.push_back(read_term(node, label, context, registry));
    return loss;
  }
  if (node.items.empty())
    context.found.add(node.where, label + " must have at least one term, found an empty list", kExample);
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const TomlNode& item = node.items[i];
    const std::string term = "term " + std::to_string(i + 1) + " of " + label;
    if (item.is(TomlNode::Kind::table)) {
      loss.terms.push_back(read_term(item, term, context, registry));
    } else if (!item.broken) {
      context.found.add(item.where, term + " must be a table with a type, found " + describe(item), kExample);
    }
  }
  return loss;
}

}  // namespace

std::optional<LossSpec> read_loss(const TomlNode& player, const std::vector<ParameterSpec>& specs,
                                  const std::string& whose, const GraphContext& graph) {
  const std::string label = "the loss of " + whose;
  const TableContext context = graph.inside(whose);
  const auto node = find_choice(player, "loss", TypeKind::loss, specs, label, context, graph.registry);
  const bool misspelt = player.find("loss") == nullptr && looks_misspelt(player, "loss", specs);
  if (misspelt) return LossSpec{};
  if (!node) return std::nullopt;
  const std::size_t before = context.found.size();
  LossSpec loss = read_terms(*node, label, context, graph.registry);
  if (context.found.size() > before || holds_mistake(*node)) loss.terms.clear();
  return loss;
}

}  // namespace generalizer
