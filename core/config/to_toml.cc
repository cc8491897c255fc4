#include <algorithm>

#include "config/environment.h"
#include "config/graph_spec.h"
#include "config/keys.h"
#include "config/quote.h"
#include "config/schedule_keys.h"
#include "config/stabiliser_keys.h"

namespace generalizer {
namespace {

/// `key = value` pairs, to be written as lines or as one inline table.
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// A string that reads back as `value`, with nothing for the environment to replace.
std::string text(const std::string& value) { return quoted(escape_environment(value)); }

std::string truth(bool value) { return value ? "true" : "false"; }

std::string inline_table(const Pairs& pairs) {
  std::string out;
  for (const auto& [key, value] : pairs) out += (out.empty() ? " " : ", ") + key + " = " + value;
  return out.empty() ? "{}" : "{" + out + " }";
}

std::string lines(const Pairs& pairs) {
  std::string out;
  for (const auto& [key, value] : pairs) out += key + " = " + value + "\n";
  return out;
}

template <typename T, typename Write>
std::string list(const std::vector<T>& items, Write write) {
  std::string out;
  for (const T& item : items) out += (out.empty() ? "" : ", ") + write(item);
  return "[" + out + "]";
}

Pairs pairs_of(const Parameters& parameters);

std::string value_text(const ParameterValue& value) {
  struct Writer {
    std::string operator()(bool value) const { return truth(value); }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return number_text(value); }
    std::string operator()(const std::string& value) const { return text(value); }
    std::string operator()(const std::vector<std::int64_t>& values) const {
      return list(values, [](std::int64_t value) { return std::to_string(value); });
    }
    std::string operator()(const std::vector<double>& values) const { return list(values, number_text); }
    std::string operator()(const std::vector<std::string>& values) const { return list(values, text); }
    std::string operator()(const std::vector<Parameters>& tables) const {
      const auto write = [](const Parameters& table) { return inline_table(pairs_of(table)); };
      return tables.size() == 1 ? write(tables.front()) : list(tables, write);
    }
  };
  return std::visit(Writer{}, value);
}

Pairs pairs_of(const Parameters& parameters) {
  Pairs pairs;
  for (const std::string& name : parameters.names())
    pairs.emplace_back(name, value_text(parameters.value(name)));
  return pairs;
}

Pairs pairs_of(const TypedSpec& spec) {
  Pairs pairs = pairs_of(spec.parameters);
  pairs.insert(pairs.begin(), {"type", text(spec.type.text)});
  return pairs;
}

/// A schedule's type and the keys that this type has.
Pairs pairs_of(const ScheduleSpec& schedule) {
  const OwnType& type = schedule_types()[static_cast<std::size_t>(schedule.kind)];
  Pairs pairs = {{"type", text(type.name)}};
  const auto add = [&](const char* key, const std::string& value) {
    if (find_key(type.keys, key) != nullptr) pairs.emplace_back(key, value);
  };
  if (schedule.at.empty()) {
    add("every", number_text(schedule.every));
  } else {
    add("at", list(schedule.at, number_text));
  }
  add("peak", number_text(schedule.peak));
  add("start", number_text(schedule.start));
  add("monitor", text(schedule.monitor));
  add("patience", std::to_string(schedule.patience));
  add("minimum_change", number_text(schedule.minimum_change));
  add("factor", number_text(schedule.factor));
  add("minimum", number_text(schedule.minimum));
  add("warmup", number_text(schedule.warmup));
  return pairs;
}

std::string loss_text(const LossSpec& loss) {
  const auto write = [](const LossTerm& term) {
    Pairs pairs = pairs_of(term.loss);
    pairs.emplace_back("weight", number_text(term.weight));
    return inline_table(pairs);
  };
  return loss.terms.size() == 1 ? write(loss.terms.front()) : list(loss.terms, write);
}

std::string optimizer_text(const OptimizerSpec& optimizer) {
  Pairs pairs = pairs_of(static_cast<const TypedSpec&>(optimizer));
  if (optimizer.clip_norm) pairs.emplace_back("clip_norm", number_text(*optimizer.clip_norm));
  if (optimizer.clip_value) pairs.emplace_back("clip_value", number_text(*optimizer.clip_value));
  pairs.emplace_back("schedule", inline_table(pairs_of(optimizer.schedule)));
  return inline_table(pairs);
}

std::string data_text(const DataSpec& data) {
  Pairs pairs = pairs_of(static_cast<const TypedSpec&>(data));
  pairs.emplace_back("validation", number_text(data.validation));
  pairs.emplace_back("label_noise", number_text(data.label_noise));
  pairs.emplace_back("prefetch", std::to_string(data.prefetch));
  pairs.emplace_back("augment", list(data.augment, [](const TypedSpec& spec) { return inline_table(pairs_of(spec)); }));
  return "\n[data]\n" + lines(pairs);
}

/// What any layer may have, as far as this one has it: on every layer it would drown the rest.
Pairs common_pairs(const LayerSpec& layer) {
  static const LayerSpec defaults;
  Pairs pairs;
  if (layer.freeze) pairs.emplace_back("freeze", truth(true));
  const auto add = [&](const char* key, double value, double usual) {
    if (value != usual) pairs.emplace_back(key, number_text(value));
  };
  add("learning_rate_factor", layer.learning_rate_factor, defaults.learning_rate_factor);
  add("l1", layer.l1, defaults.l1);
  add("l2", layer.l2, defaults.l2);
  return pairs;
}

std::string layers_text(const std::vector<LayerSpec>& layers) {
  std::string out = "layers = [\n";
  for (const LayerSpec& layer : layers) {
    Pairs pairs = {{"name", text(layer.name.text)}, {"type", text(layer.type.text)}};
    if (!layer.inputs.empty()) {
      pairs.emplace_back("inputs", list(layer.inputs, [](const Located& input) { return text(input.text); }));
    }
    for (const Pairs& more : {common_pairs(layer), pairs_of(layer.parameters)})
      pairs.insert(pairs.end(), more.begin(), more.end());
    out += "  " + inline_table(pairs) + ",\n";
  }
  return out + "]\n";
}

std::string train_text(const TrainSpec& train) {
  Pairs pairs = {train.steps > 0 ? std::pair<std::string, std::string>{"steps", std::to_string(train.steps)}
                                 : std::pair<std::string, std::string>{"epochs", std::to_string(train.epochs)},
                 {"batch", std::to_string(train.batch)},
                 {"shuffle", truth(train.shuffle)},
                 {"shared_step_count", truth(train.shared_step_count)},
                 {"checkpoint_every", std::to_string(train.checkpoint_every)},
                 {"keep_checkpoints", std::to_string(train.keep_checkpoints)},
                 {"pictures", std::to_string(train.pictures)}};
  if (!train.best_by.empty()) pairs.emplace_back("best_by", text(train.best_by));
  if (train.early_stopping) {
    const EarlyStoppingSpec& stopping = *train.early_stopping;
    pairs.emplace_back("early_stopping",
                       inline_table({{"monitor", text(stopping.monitor)},
                                     {"patience", std::to_string(stopping.patience)},
                                     {"minimum_change", number_text(stopping.minimum_change)},
                                     {"restore_best", truth(stopping.restore_best)}}));
  }
  return "\n[train]\n" + lines(pairs);
}

std::string classifier_text(const ClassifierSpec& classifier) {
  Pairs pairs;
  if (classifier.loss) pairs.emplace_back("loss", loss_text(*classifier.loss));
  pairs.emplace_back("optimizer", optimizer_text(classifier.optimizer));
  return "\n[classifier]\n" + lines(pairs) + layers_text(classifier.layers);
}

const char* sign_text(Sign sign) {
  switch (sign) {
    case Sign::negative:
      return "negative";
    case Sign::positive:
      return "positive";
    case Sign::none:
      return "none";
  }
  return "negative";
}

std::string taps_text(const std::vector<Located>& taps) {
  if (taps.size() == 1) return text(taps.front().text);
  return list(taps, [](const Located& tap) { return text(tap.text); });
}

/// A schedule of the weight has no warm-up of its own: it is the decoder's.
std::string weight_schedule_text(const ScheduleSpec& schedule) {
  Pairs pairs = pairs_of(schedule);
  std::erase_if(pairs, [](const auto& pair) { return pair.first == "warmup"; });
  return inline_table(pairs);
}

Pairs stabiliser_pairs(const DecoderSpec& decoder) {
  Pairs pairs = {{"warmup", number_text(decoder.warmup)},
                 {"schedule", weight_schedule_text(decoder.schedule)},
                 {"objective", text(name_of(decoder.objective))}};
  if (decoder.ceiling)
    pairs.emplace_back("ceiling", decoder.ceiling->mean_image ? text("mean_image") : number_text(decoder.ceiling->value));
  if (decoder.clip) pairs.emplace_back("clip", number_text(*decoder.clip));
  const Pairs rest = {{"steps", std::to_string(decoder.steps)},
                      {"restarts", std::to_string(decoder.restarts)},
                      {"ensemble", std::to_string(decoder.ensemble)},
                      {"noise", number_text(decoder.noise)},
                      {"noise_in_use", truth(decoder.noise_in_use)},
                      {"bound", text(name_of(decoder.bound))}};
  pairs.insert(pairs.end(), rest.begin(), rest.end());
  return pairs;
}

std::string decoder_text(const DecoderSpec& decoder) {
  return "\n[[decoder]]\n" +
         lines({{"name", text(decoder.name.text)},
                {"tap", taps_text(decoder.taps)},
                {"target", text(decoder.target.text)},
                {"loss", loss_text(decoder.loss)},
                {"sign", text(sign_text(decoder.sign))},
                {"weight", number_text(decoder.weight)},
                {"every", std::to_string(decoder.every)}}) +
         lines(stabiliser_pairs(decoder)) + lines({{"optimizer", optimizer_text(decoder.optimizer)}}) +
         layers_text(decoder.layers);
}

}  // namespace

std::string to_toml(const GraphSpec& graph) {
  std::string out = lines({{"name", text(graph.name)},
                           {"seed", std::to_string(graph.seed)},
                           {"precision", text(name_of(graph.precision))},
                           {"backend", inline_table(pairs_of(graph.backend))},
                           {"plugins", list(graph.plugins, text)}});
  out += data_text(graph.data);
  out += train_text(graph.train);
  out += classifier_text(graph.classifier);
  for (const DecoderSpec& decoder : graph.decoders) {
    if (decoder.member_of.empty()) out += decoder_text(decoder);  // the others come with its `ensemble`
  }
  return out;
}

}  // namespace generalizer
