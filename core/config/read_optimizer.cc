#include "config/read_optimizer.h"

#include "config/keys.h"
#include "config/read_schedule.h"

namespace generalizer {
OptimizerSpec read_optimizer(const TomlNode& player, const std::vector<ParameterSpec>& specs,
                             const std::string& whose, const GraphContext& graph) {
  OptimizerSpec optimizer;
  const std::string label = "the optimizer of " + whose;
  const TableContext context = graph.inside(whose);
  const auto node =
      find_choice(player, "optimizer", TypeKind::optimizer, specs, label, context, graph.registry);
  if (!node) return optimizer;
  static_cast<TypedSpec&>(optimizer) =
      read_typed(*node, TypeKind::optimizer, label, context, graph.registry);
  if (!node->is(TomlNode::Kind::table)) return optimizer;
  const TableContext inner = context.inside(label);
  const Parameters values = read_values(
      *node, {*find_key(optimizer_keys(), "clip_norm"), *find_key(optimizer_keys(), "clip_value")}, inner);
  if (values.has("clip_norm")) optimizer.clip_norm = values.number("clip_norm");
  if (values.has("clip_value")) optimizer.clip_value = values.number("clip_value");
  if (const TomlEntry* schedule = node->find("schedule"))
    optimizer.schedule = read_schedule(schedule->value, "the schedule of " + whose, inner);
  return optimizer;
}

}  // namespace generalizer
