#include <algorithm>

#include "config/environment.h"
#include "config/graph_spec.h"
#include "config/quote.h"

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

std::string layers_text(const std::vector<LayerSpec>& layers) {
  std::string out = "layers = [\n";
  for (const LayerSpec& layer : layers) {
    Pairs pairs = {{"name", text(layer.name.text)}, {"type", text(layer.type.text)}};
    if (!layer.inputs.empty()) {
      pairs.emplace_back("inputs", list(layer.inputs, [](const Located& input) { return text(input.text); }));
    }
    const Pairs parameters = pairs_of(layer.parameters);
    pairs.insert(pairs.end(), parameters.begin(), parameters.end());
    out += "  " + inline_table(pairs) + ",\n";
  }
  return out + "]\n";
}

std::string train_text(const TrainSpec& train) {
  return "\n[train]\n" + lines({{"epochs", std::to_string(train.epochs)},
                                {"batch", std::to_string(train.batch)},
                                {"shuffle", truth(train.shuffle)},
                                {"shared_step_count", truth(train.shared_step_count)},
                                {"checkpoint_every", std::to_string(train.checkpoint_every)},
                                {"keep_checkpoints", std::to_string(train.keep_checkpoints)},
                                {"pictures", std::to_string(train.pictures)}});
}

std::string classifier_text(const ClassifierSpec& classifier) {
  Pairs pairs;
  if (classifier.loss) pairs.emplace_back("loss", inline_table(pairs_of(classifier.loss->terms.front().loss)));
  pairs.emplace_back("optimizer", inline_table(pairs_of(classifier.optimizer)));
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

std::string decoder_text(const DecoderSpec& decoder) {
  return "\n[[decoder]]\n" +
         lines({{"name", text(decoder.name.text)},
                {"tap", text(decoder.taps.front().text)},
                {"target", text(decoder.target.text)},
                {"loss", inline_table(pairs_of(decoder.loss.terms.front().loss))},
                {"sign", text(sign_text(decoder.sign))},
                {"weight", number_text(decoder.weight)},
                {"every", std::to_string(decoder.every)},
                {"optimizer", inline_table(pairs_of(decoder.optimizer))}}) +
         layers_text(decoder.layers);
}

}  // namespace

std::string to_toml(const GraphSpec& graph) {
  std::string out = lines({{"name", text(graph.name)},
                           {"seed", std::to_string(graph.seed)},
                           {"precision", text(graph.precision == Precision::f64 ? "f64" : "f32")},
                           {"backend", inline_table(pairs_of(graph.backend))},
                           {"plugins", list(graph.plugins, text)}});
  out += "\n[data]\n" + lines(pairs_of(graph.data));
  out += train_text(graph.train);
  out += classifier_text(graph.classifier);
  for (const DecoderSpec& decoder : graph.decoders) out += decoder_text(decoder);
  return out;
}

}  // namespace generalizer
