#include "config/keys.h"
#include "config/layers.h"
#include "config/read_parts.h"

namespace generalizer {
namespace {

EarlyStoppingSpec early_stopping(const Parameters& values) {
  EarlyStoppingSpec spec;
  if (values.has("monitor")) spec.monitor = values.string("monitor");
  spec.patience = values.integer("patience");
  spec.minimum_change = values.number("minimum_change");
  spec.restore_best = values.boolean("restore_best");
  return spec;
}

}  // namespace

TrainSpec read_train(const TomlNode& root, const GraphContext& graph) {
  const TomlNode none = absent();
  const TomlNode* node = find_child(root, "train", TomlNode::Kind::table, graph_keys(), graph.table,
                                    "write it as [train]");
  const TomlNode& table = node != nullptr ? *node : none;
  const TableContext context = graph.inside("[train]");
  const Parameters values = read_table(table, train_keys(), context);
  TrainSpec train;
  train.epochs = values.integer("epochs");
  if (values.has("steps")) train.steps = values.integer("steps");
  const TomlEntry* epochs = table.find("epochs");
  const TomlEntry* steps = table.find("steps");
  if (epochs != nullptr && steps != nullptr) {
    context.found.add(steps->where, "[train] has both \"epochs\" and \"steps\"; one of them says how long to train",
                      "remove one of the two");
  }
  train.batch = values.integer("batch");
  train.shuffle = values.boolean("shuffle");
  train.shared_step_count = values.boolean("shared_step_count");
  train.checkpoint_every = values.integer("checkpoint_every");
  train.keep_checkpoints = values.integer("keep_checkpoints");
  train.pictures = values.integer("pictures");
  if (values.has("best_by")) train.best_by = values.string("best_by");
  if (values.has("early_stopping")) train.early_stopping = early_stopping(values.table("early_stopping"));
  return train;
}

}  // namespace generalizer
