#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "generalizer/parameter.h"

namespace generalizer {

class Registry;

/// A name with its place in the graph file.
struct Located {
  std::string text;
  SourcePosition where;
  bool operator==(const Located& other) const { return text == other.text; }
};

/// A table whose `type` chooses a plugin's declaration: an optimiser, a loss, a dataset, a backend. `loss = "mse"` is short for { type = "mse" }.
struct TypedSpec {
  Located type;
  Parameters parameters;  ///< checked against the type's specs, defaults filled in, without "type"
  bool operator==(const TypedSpec&) const = default;
};

struct LayerSpec {
  Located
      name;  ///< given, or made from type and place: "dense2" for the second layer of the list that is a dense
  Located type;
  std::vector<Located> inputs;  ///< empty: the layer before (the first: the image, or a decoder's tap)
  Parameters parameters;
  SourcePosition where;  ///< the layer's table
  bool operator==(const LayerSpec& other) const {
    return name == other.name && type == other.type && inputs == other.inputs &&
           parameters == other.parameters;
  }
};

struct ClassifierSpec {
  std::optional<TypedSpec> loss;  ///< none: an encoder, trained by its decoders' losses alone
  TypedSpec optimizer;
  std::vector<LayerSpec> layers;
  SourcePosition where;
  bool operator==(const ClassifierSpec& other) const {
    return loss == other.loss && optimizer == other.optimizer && layers == other.layers;
  }
};

/// How a decoder's loss enters the classifier's.
enum class Sign : std::uint8_t { negative, positive, none };

struct DecoderSpec {
  Located name;
  Located tap;     ///< a layer of the classifier
  Located target;  ///< "image", or a layer of the classifier
  TypedSpec loss;
  Sign sign = Sign::negative;
  double weight = 1.0;
  std::int64_t every = 1;  ///< one decoder step every this many classifier steps
  TypedSpec optimizer;
  std::vector<LayerSpec> layers;
  SourcePosition where;
  bool operator==(const DecoderSpec& other) const {
    return name == other.name && tap == other.tap && target == other.target && loss == other.loss &&
           sign == other.sign && weight == other.weight && every == other.every &&
           optimizer == other.optimizer && layers == other.layers;
  }
};

struct TrainSpec {
  std::int64_t epochs = 10;
  std::int64_t batch = 32;
  bool shuffle = true;
  bool shared_step_count = false;  ///< one optimiser step counter for all players, as in the published code
  std::int64_t checkpoint_every = 1;  ///< epochs
  std::int64_t keep_checkpoints = 3;  ///< the newest this many, at least 1
  std::int64_t pictures = 10;         ///< images in the picture grid of an epoch; 0: none
  bool operator==(const TrainSpec&) const = default;
};

enum class Precision : std::uint8_t { f32, f64 };

/// A graph file, checked: every key known, every value of its type and range, defaults filled in, positions kept. Whether layers fit
/// together is the graph stage's business.
struct GraphSpec {
  std::string name;
  std::string file;  ///< as given; "" for a graph that came from a text
  std::uint64_t seed = 0;
  Precision precision = Precision::f32;
  TypedSpec backend;
  std::vector<std::string> plugins;  ///< absolute paths
  TypedSpec data;
  TrainSpec train;
  ClassifierSpec classifier;
  std::vector<DecoderSpec> decoders;
  bool operator==(const GraphSpec& other) const {  // where it was read from doesn't count
    return name == other.name && seed == other.seed && precision == other.precision &&
           backend == other.backend && plugins == other.plugins && data == other.data &&
           train == other.train && classifier == other.classifier && decoders == other.decoders;
  }
};

/// `--set KEY=VALUE`: KEY is a path of keys; an element of a list of tables is named by its `name`, by its index from 0, or by nothing when it is
/// the only one (`decoder.weight`, `decoder.autoencoder.weight`, `classifier.layers.embedding.units`). VALUE is TOML; a bare word is a string.
struct Override {
  std::string text;  ///< "train.epochs=2"
};

/// A graph file's text with what its messages and its relative paths need. What can be read only once (a pipe, `-` for standard input) is read
/// once, for everything that follows.
struct GraphSource {
  std::string text;
  std::string name;    ///< the path as given; "stdin" for `-`
  std::string folder;  ///< absolute: the file's, or the working folder for what is no regular file
};

/// Reads a file, a pipe or, for `-`, standard input. Throws `GraphError` when it can't be read, or is too large to be a graph.
GraphSource read_source(const std::string& path);

/// The plugin files that a graph names, without checking anything else, so that they can be loaded before it is read whole. Throws `GraphError`.
std::vector<std::string> plugins_named_by(const std::string& path,
                                          const std::vector<Override>& overrides = {});
std::vector<std::string> plugins_named_by(const GraphSource& source,
                                          const std::vector<Override>& overrides = {});

/// Reads and checks a graph file against what the registry holds. Throws `GraphError` with every mistake in the file,
/// and `PluginError` when the plugin of its backend is there and could not be loaded.
GraphSpec read_graph(const std::string& path, const Registry& registry,
                     const std::vector<Override>& overrides = {});
GraphSpec read_graph(const GraphSource& source, const Registry& registry,
                     const std::vector<Override>& overrides = {});
/// The same from a text; `name` stands for the file in messages and `folder` is what relative paths are relative to.
GraphSpec parse_graph(const std::string& text, const std::string& name, const std::string& folder,
                      const Registry& registry, const std::vector<Override>& overrides = {});

/// The resolved graph as TOML: every key with its value, defaults too, paths absolute. Reading it back gives an equal GraphSpec.
std::string to_toml(const GraphSpec& graph);

}  // namespace generalizer
