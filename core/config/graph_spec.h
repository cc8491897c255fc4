#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "generalizer/parameter.h"
#include "generalizer/program.h"

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

/// One term of a player's loss: { type = "ssim", weight = 0.3 }.
struct LossTerm {
  TypedSpec loss;
  double weight = 1.0;
  bool operator==(const LossTerm&) const = default;
};

/// What a player minimises: the weighted sum of these, at least one. `loss = "mse"` is one term of weight 1, `loss = [{…}, {…}]` several. In a
/// draft no terms stand for a loss with a mistake.
struct LossSpec {
  std::vector<LossTerm> terms;
  /// The only term; null when there are several.
  const TypedSpec* single() const { return terms.size() == 1 ? &terms.front().loss : nullptr; }
  bool operator==(const LossSpec&) const = default;
};

/// How a learning rate, or the weight of a decoder's loss, goes from step to step: as a factor of it. Times are in epochs and may be fractions.
struct ScheduleSpec {
  enum class Kind : std::uint8_t { constant, step, cosine, one_cycle, reduce_on_plateau };
  Kind kind = Kind::constant;
  double warmup = 0.0;                ///< at first the factor rises in a line from 0 over so many epochs (not with one_cycle)
  double every = 10.0;                ///< step: epochs from one drop to the next …
  std::vector<double> at;             ///< … or the epochs of the drops
  double factor = 0.1;                ///< step, reduce_on_plateau: what each drop multiplies with
  double minimum = 0.0;               ///< cosine, one_cycle, reduce_on_plateau: where the factor ends, or what it never falls below
  double peak = 0.3;                  ///< one_cycle: the part of the training after which the factor is 1
  double start = 0.04;                ///< one_cycle: where the factor begins
  std::int64_t patience = 5;          ///< reduce_on_plateau: epochs without an improvement before a drop
  double minimum_change = 1e-4;       ///< reduce_on_plateau: a smaller improvement is none
  std::string monitor = {};           ///< reduce_on_plateau: which figure, as in TrainSpec
  bool operator==(const ScheduleSpec&) const = default;
};

/// An optimiser with what every one of them can be given.
struct OptimizerSpec : TypedSpec {
  std::optional<double> clip_norm;   ///< gradients of all the player's weights are scaled down together to this Euclidean norm
  std::optional<double> clip_value;  ///< each number of a gradient is held within ±this, before clip_norm
  ScheduleSpec schedule;
  bool operator==(const OptimizerSpec&) const = default;
};

struct LayerSpec {
  Located
      name;  ///< given, or made from type and place: "dense2" for the second layer of the list that is a dense
  Located type;
  std::vector<Located> inputs;  ///< empty: the layer before (the first: the image, or a decoder's tap)
  Parameters parameters;
  bool freeze = false;                ///< its weights and statistics stay as they begin
  double learning_rate_factor = 1.0;  ///< of its weights' learning rate
  double l1 = 0.0;                    ///< adds l1·Σ|w| over its kernels (weights of two extents and more) to its player's loss
  double l2 = 0.0;                    ///< adds l2·Σw², likewise
  SourcePosition where = {};          ///< the layer's table
  bool sound = true;                  ///< false in a draft: some of its keys are wrong, so what it makes is unknown
  bool operator==(const LayerSpec& other) const {
    return name == other.name && type == other.type && inputs == other.inputs &&
           parameters == other.parameters && freeze == other.freeze &&
           learning_rate_factor == other.learning_rate_factor && l1 == other.l1 && l2 == other.l2;
  }
};

struct ClassifierSpec {
  std::optional<LossSpec> loss;  ///< none: an encoder, trained by its decoders' losses alone
  OptimizerSpec optimizer;
  std::vector<LayerSpec> layers;
  SourcePosition where;
  bool layers_known = true;  ///< false in a draft: the list or a layer's name is wrong, so a name that isn't there may be meant for one
  bool operator==(const ClassifierSpec& other) const {
    return loss == other.loss && optimizer == other.optimizer && layers == other.layers;
  }
};

/// How a decoder's loss enters the classifier's.
enum class Sign : std::uint8_t { negative, positive, none };

/// What the classifier's step does with a decoder whose sign is negative.
enum class Objective : std::uint8_t {
  negative_loss,      ///< − weight·loss, as published: away from the truth
  uniform,            ///< + weight·loss against the mean training image: toward an answer that says nothing
  class_mean,         ///< + weight·loss against the mean training image of the label's class: toward one that says the class alone
  gradient_reversal,  ///< one step for both: the decoder follows its gradient, the classifier −weight times it (Ganin et al., 2016)
};

/// What the tapped layer's output is put through, so that its scale can't stand in for forgetting.
enum class Bound : std::uint8_t { none, layer_norm, tanh, sigmoid };

/// Beyond this a decoder's loss is worth no more to the classifier.
struct CeilingSpec {
  bool mean_image = false;  ///< the loss of answering the mean training image, over the training set …
  double value = 0.0;       ///< … or this number
  bool operator==(const CeilingSpec&) const = default;
};

struct DecoderSpec {
  Located name;
  /// What it is fed, at least one: layers of the classifier ("embedding"), other decoders' outputs ("coarse") or layers ("coarse/hidden"). A first
  /// layer without `inputs` takes all of them; `inputs` calls them by these names, and a single one also "tap".
  std::vector<Located> taps;
  Located target;  ///< "image", or a layer named as in `taps`
  LossSpec loss;
  Sign sign = Sign::negative;
  double weight = 1.0;
  SourcePosition weight_where = {};  ///< unknown for the default
  double warmup = 0.0;               ///< at first the weight rises in a line from 0 over so many epochs
  ScheduleSpec schedule;             ///< of the weight; its own `warmup` stays 0
  Objective objective = Objective::negative_loss;
  std::optional<CeilingSpec> ceiling;
  std::optional<double> clip;  ///< its term's gradient is held to this many times the norm of the classifier's own
  std::int64_t every = 1;      ///< a turn of the decoder every this many classifier steps …
  std::int64_t steps = 1;      ///< … of so many steps, on the same batch
  std::int64_t restarts = 0;   ///< epochs from one new beginning of the decoder to the next; 0: none
  std::int64_t ensemble = 1;   ///< so many decoders of different widths, of which the classifier faces the best
  double noise = 0.0;          ///< standard deviation of what is added to the tapped layers' outputs in training …
  bool noise_in_use = false;   ///< … and in evaluation and prediction
  Bound bound = Bound::none;   ///< before the noise
  /// Of a member that `Graph` made of a decoder with an `ensemble`: the name of that decoder, the first of them; no key.
  std::string member_of = {};
  OptimizerSpec optimizer;
  std::vector<LayerSpec> layers;
  SourcePosition where;
  bool layers_known = true;  ///< as of ClassifierSpec
  bool operator==(const DecoderSpec& other) const {
    return name == other.name && taps == other.taps && target == other.target && loss == other.loss &&
           sign == other.sign && weight == other.weight && warmup == other.warmup && schedule == other.schedule &&
           objective == other.objective && ceiling == other.ceiling && clip == other.clip && every == other.every &&
           steps == other.steps && restarts == other.restarts && ensemble == other.ensemble && noise == other.noise &&
           noise_in_use == other.noise_in_use && bound == other.bound && member_of == other.member_of &&
           optimizer == other.optimizer && layers == other.layers;
  }
};

/// Ends a training that no longer improves.
struct EarlyStoppingSpec {
  std::string monitor;          ///< as `TrainSpec::best_by`
  std::int64_t patience = 5;    ///< epochs without an improvement
  double minimum_change = 0.0;  ///< a smaller improvement is none
  bool restore_best = true;     ///< whether the newest checkpoint at the end is the best one's weights
  bool operator==(const EarlyStoppingSpec&) const = default;
};

struct TrainSpec {
  std::int64_t epochs = 10;
  std::int64_t steps = 0;  ///< classifier steps in all, in place of `epochs` where it isn't 0: the last epoch may end early
  std::int64_t batch = 32;
  bool shuffle = true;
  bool shared_step_count = false;  ///< one optimiser step counter for all players, as in the published code
  std::int64_t checkpoint_every = 1;  ///< epochs
  std::int64_t keep_checkpoints = 3;  ///< the newest this many, at least 1
  std::int64_t pictures = 10;         ///< images in the picture grid of an epoch; 0: none
  /// The figure whose best epoch is kept as checkpoints/best.safetensors: "SET/accuracy", "SET/loss" or "SET/DECODER" (that decoder's loss), SET being
  /// train, validation or test; better is more for accuracy, less for a loss. "": none kept.
  std::string best_by;
  std::optional<EarlyStoppingSpec> early_stopping;
  bool operator==(const TrainSpec&) const = default;
};

/// What is done with the images of any dataset, after it is opened.
struct DataSpec : TypedSpec {
  double validation = 0.0;                ///< the part of the training images kept for validation, chosen by the seed; in [0, 1)
  double label_noise = 0.0;               ///< the part of the training labels replaced by one drawn from all classes (Zhang et al., 2017), in [0, 1]
  std::int64_t prefetch = 2;              ///< batches prepared ahead by the reading thread
  std::vector<TypedSpec> augment;         ///< in this order on every training image; "normalize" on all images
  bool sound = true;                      ///< false in a draft: some of its keys are wrong, so the images are unknown
  bool operator==(const DataSpec&) const = default;
};

/// f32 and f64 are the type of images, weights and all values; with tf32 and bf16 that type is f32, and products in matmuls and convolutions are of
/// operands rounded to so many bits.
enum class Precision : std::uint8_t { f32, f64, tf32, bf16 };
/// "f32", "f64", "tf32", "bf16"
const char* name_of(Precision precision);
DType floating_type(Precision precision);
Arithmetic arithmetic(Precision precision);

/// A graph file, checked: every key known, every value of its type and range, defaults filled in, positions kept. Whether layers fit
/// together is the graph stage's business.
struct GraphSpec {
  std::string name;
  std::string file;  ///< as given; "" for a graph that came from a text
  std::uint64_t seed = 0;
  Precision precision = Precision::f32;
  TypedSpec backend;
  std::vector<std::string> plugins;  ///< absolute paths
  DataSpec data;
  TrainSpec train;
  ClassifierSpec classifier;
  std::vector<DecoderSpec> decoders;
  bool decoders_known = true;  ///< false in a draft: their list or a decoder's name is wrong, so a name that isn't there may be meant for one
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
/// A graph file with its mistakes: what of it is sound can be checked further, so that everything that is wrong is told at once.
struct GraphDraft {
  /// What is wrong is left out or marked (`sound`, `layers_known`, `decoders_known`); an empty text among inputs, taps and targets stands for a
  /// name with a mistake.
  GraphSpec spec;
  std::vector<Diagnostic> mistakes;  ///< in the order of finding; none: the spec is what `read_graph` gives
};

/// Throws `GraphError` for a text that isn't TOML at all, and `PluginError` as `read_graph` does.
GraphDraft draft_graph(const GraphSource& source, const Registry& registry, const std::vector<Override>& overrides = {});
/// The same from a text; `name` stands for the file in messages and `folder` is what relative paths are relative to.
GraphSpec parse_graph(const std::string& text, const std::string& name, const std::string& folder,
                      const Registry& registry, const std::vector<Override>& overrides = {});

/// The resolved graph as TOML: every key with its value, defaults too, paths absolute. Reading it back gives an equal GraphSpec.
std::string to_toml(const GraphSpec& graph);

}  // namespace generalizer
