#include "audit/attacker.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "config/environment.h"
#include "config/keys.h"
#include "config/layers.h"
#include "config/names.h"
#include "config/quote.h"
#include "config/read_loss.h"
#include "config/read_optimizer.h"

namespace generalizer {
namespace {

const char* const kOptimizer = R"(optimizer = { type = "adam", learning_rate = 1e-3, schedule = { type = "cosine" } })";

/// A text of the program's own, as if it stood in a file.
Attacker from_text(const std::string& name, const std::string& text, const Registry& registry) {
  Attacker attacker = read_attacker({"name = \"" + name + "\"\n" + text, "the attacker " + name, "/"}, registry);
  attacker.file.clear();
  attacker.definition.clear();
  return attacker;
}

std::string linear_text(const Shape& image) {
  return fmt::format(R"(layers = [
  {{ name = "units", type = "flatten" }},
  {{ name = "pixels", type = "dense", units = {} }},
  {{ name = "image", type = "reshape", shape = [{}, {}, {}] }},
])",
                     image.elements(), image[0], image[1], image[2]);
}

std::string two_layer_text(const Shape& image) {
  return fmt::format(R"(layers = [
  {{ name = "units", type = "flatten" }},
  {{ name = "hidden", type = "dense", units = 512, activation = "relu" }},
  {{ name = "pixels", type = "dense", units = {}, activation = "sigmoid" }},
  {{ name = "image", type = "reshape", shape = [{}, {}, {}] }},
])",
                     image.elements(), image[0], image[1], image[2]);
}

/// Sizes that 4 doesn't divide are cut off at the bottom and the right.
std::string convolutional_text(const Shape& image) {
  const std::int64_t rows = (image[1] + 3) / 4;
  const std::int64_t columns = (image[2] + 3) / 4;
  return fmt::format(R"(layers = [
  {{ name = "units", type = "flatten" }},
  {{ name = "seed", type = "dense", units = {}, activation = "relu" }},
  {{ name = "maps", type = "reshape", shape = [64, {}, {}] }},
  {{ name = "grow1", type = "conv2d_transpose", filters = 32, kernel = 4, stride = 2, padding = "same", activation = "relu" }},
  {{ name = "grow2", type = "conv2d_transpose", filters = {}, kernel = 4, stride = 2, padding = "same", activation = "sigmoid" }},
  {{ name = "image", type = "crop", cropping = [0, {}, 0, {}] }},
])",
                     64 * rows * columns, rows, columns, image[0], 4 * rows - image[1], 4 * columns - image[2]);
}

/// An optional key without a default.
ParameterSpec optional_spec(ParameterSpec spec) {
  spec.optional = true;
  return spec;
}

/// Layers of the program's own.
std::vector<LayerSpec> layers_from(const std::string& text, const Registry& registry) {
  return from_text("wrapper", text, registry).layers;
}

std::string listed(const Shape& shape) {
  std::string text;
  for (const std::int64_t extent : shape) text += (text.empty() ? "" : ", ") + std::to_string(extent);
  return "[" + text + "]";
}

GraphSpec graph_like(const GraphSpec& like, const std::string& name, std::int64_t batch, std::uint64_t seed) {
  GraphSpec graph;
  graph.name = name;
  graph.seed = seed;
  graph.precision = like.precision;
  graph.backend = like.backend;
  graph.data.prefetch = like.data.prefetch;
  graph.train.batch = batch;
  return graph;
}

}  // namespace

const std::vector<std::string>& attacker_names() {
  static const std::vector<std::string> names = {"linear", "two_layer", "convolutional"};
  return names;
}

Attacker own_attacker(const std::string& name, const Shape& image, const Registry& registry) {
  if (name == "linear") return from_text(name, linear_text(image), registry);
  if (name == "two_layer") return from_text(name, two_layer_text(image), registry);
  if (name == "convolutional") return from_text(name, convolutional_text(image), registry);
  const std::string near = nearest_name(name, attacker_names());
  throw GraphError({"--attackers " + name, 0, 0, {}}, "there is no attacker " + quoted(name),
                   near.empty() ? "there are linear, two_layer and convolutional; one of your own is given by --attacker FILE.toml"
                                : "did you mean " + quoted(near) + "?");
}

const std::vector<ParameterSpec>& attacker_keys() {
  static const std::vector<ParameterSpec> keys = [] {
    const ParameterSpec epochs = required_parameter("epochs", {ParameterType::integer}, "Epochs at most, in place of the audit's.");
    const ParameterSpec name = required_parameter("name", {ParameterType::string}, "What reports call it; without it the file's name.");
    ParameterSpec optimizer = *find_key(decoder_keys(), "optimizer");
    optimizer.help += " Without it Adam at 1e-3, falling by a cosine to 0.";
    return std::vector<ParameterSpec>{optional_spec(name), *find_key(decoder_keys(), "layers"),
                                      *find_key(decoder_keys(), "loss"), optional_spec(optimizer),
                                      optional_spec(at_least(epochs, 1))};
  }();
  return keys;
}

Attacker read_attacker(const GraphSource& source, const Registry& registry) {
  Diagnostics found;
  const Folders folders{source.folder, {}};
  const GraphContext context{{"the attacker", folders, found}, registry, {}};
  TomlNode root = parse_document(source.text, source.name);
  if (root.find("optimizer") == nullptr)
    root.entries.push_back(parse_document(kOptimizer, "the attacker's default").entries.front());
  expand_environment(root, found);
  refuse_unknown_keys(root, attacker_keys(), context.table);
  const Parameters values = read_values(root, plain(attacker_keys()), context.table);

  Attacker attacker;
  attacker.file = source.name;
  attacker.definition = source.text;
  attacker.name = values.has("name") ? values.string("name") : std::filesystem::path(source.name).stem().string();
  if (values.has("epochs")) attacker.epochs = values.integer("epochs");
  attacker.loss = read_loss(root, attacker_keys(), "the attacker", context).value_or(LossSpec{});
  attacker.optimizer = read_optimizer(root, attacker_keys(), "the attacker", context);
  if (attacker.optimizer.schedule.monitor.empty()) attacker.optimizer.schedule.monitor = "validation/attacker";
  read_layers(root, attacker_keys(), context.table, {registry, context.blocks}, attacker.layers);
  if (!is_identifier(attacker.name)) {
    found.add(values.has("name") ? values.where("name") : root.where,
              "the attacker's name " + generalizer::quoted(attacker.name) + " must be letters, digits, \"_\" and \"-\", beginning with a letter or \"_\"",
              "give it one under the key name");
  }
  found.throw_if_any(source.name);
  return attacker;
}

GraphSpec attack_graph(const Attacker& attacker, const Shape& representation, const Shape& image, const GraphSpec& like,
                       std::int64_t batch, std::uint64_t seed, const Registry& registry) {
  GraphSpec graph = graph_like(like, attacker.name, batch, seed);
  graph.file = attacker.file;
  graph.classifier.layers = layers_from(
      fmt::format(R"(layers = [
  {{ name = "row", type = "flatten" }},
  {{ name = "units", type = "slice", axis = 1, begin = 0, end = {0} }},
  {{ name = "representation", type = "reshape", shape = {1} }},
  {{ name = "pixels", type = "slice", inputs = ["row"], axis = 1, begin = {0} }},
  {{ name = "original", type = "reshape", shape = {2} }},
])",
                  representation.elements(), listed(representation), listed(image)),
      registry);
  graph.classifier.optimizer = attacker.optimizer;
  DecoderSpec decoder;
  decoder.name.text = "attacker";
  decoder.taps = {{"representation", {}}};
  decoder.target.text = "original";
  decoder.sign = Sign::positive;  // a classifier without a loss needs one that trains it; its steps are never run
  decoder.loss = attacker.loss;
  decoder.optimizer = attacker.optimizer;
  decoder.layers = attacker.layers;
  if (!attacker.file.empty()) decoder.where = {attacker.file, 1, 1, {}};
  graph.decoders.push_back(std::move(decoder));
  return graph;
}

GraphSpec probe_graph(std::int64_t classes, const GraphSpec& like, std::int64_t batch, std::uint64_t seed,
                      const Registry& registry) {
  GraphSpec graph = graph_like(like, "probe", batch, seed);
  const Attacker parts = from_text("probe", fmt::format(R"(loss = "cross_entropy"
optimizer = {{ type = "adam", learning_rate = 1e-2, schedule = {{ type = "cosine" }} }}
layers = [
  {{ name = "row", type = "flatten" }},
  {{ name = "logits", type = "dense", units = {} }},
])",
                                                         classes),
                                   registry);
  graph.classifier.loss = parts.loss;
  graph.classifier.layers = parts.layers;
  graph.classifier.optimizer = parts.optimizer;
  graph.classifier.optimizer.schedule.monitor = "validation/loss";
  return graph;
}

}  // namespace generalizer
