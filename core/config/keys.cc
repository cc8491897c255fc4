#include "config/keys.h"

#include <algorithm>

#include "config/graph_spec.h"
#include "config/stabiliser_keys.h"

namespace generalizer {
namespace {

using Type = ParameterType;

/// Something must be left to train on.
constexpr double kLargestValidation = 0.99;

ParameterSpec optional_key(const char* name, std::vector<Type> types, const char* help) {
  ParameterSpec spec = required_parameter(name, std::move(types), help);
  spec.optional = true;
  return spec;
}

ParameterSpec type_key() { return required_parameter("type", {Type::string}, "Which type this is."); }

ParameterSpec optimizer_key() {
  return parameter("optimizer", {Type::string, Type::table}, std::string("adam"),
                   "How the weights move: a name, or a table with type and that type's keys.");
}

ParameterSpec early_stopping_key() {
  static const EarlyStoppingSpec defaults;
  ParameterSpec spec =
      optional_key("early_stopping", {Type::table}, "Ends the training when a figure no longer improves.");
  spec.fields = {
      optional_key("monitor", {Type::string},
                   "Which figure, as in best_by; without it validation/loss, or the only decoder's where the "
                   "classifier has no loss."),
      at_least(parameter("patience", {Type::integer}, defaults.patience, "Epochs without an improvement."), 1),
      at_least(parameter("minimum_change", {Type::number}, defaults.minimum_change,
                         "A smaller improvement is none."),
               0),
      parameter("restore_best", {Type::boolean}, defaults.restore_best,
                "Whether the training ends with the weights of the best epoch."),
  };
  return spec;
}

ParameterSpec layers_key() {
  return required_parameter("layers", {Type::tables},
                            "The layers, each a table with a type; the last one's output is the player's.");
}

}  // namespace

const std::vector<ParameterSpec>& graph_keys() {
  static const std::vector<ParameterSpec> keys = {
      optional_key("name", {Type::string},
                   "What the run folder is called; without it the file's name, less .toml."),
      at_least(parameter("seed", {Type::integer}, std::int64_t{0},
                         "The one number that all random numbers come from."),
               0),
      one_of(parameter("precision", {Type::string}, std::string("f32"),
                       "Floating-point type of images and weights; with tf32 and bf16 it is f32, and only products in matmuls and convolutions are "
                       "of operands rounded to 10 and 7 bits."),
             {"f32", "f64", "tf32", "bf16"}),
      parameter("backend", {Type::string, Type::table}, std::string("onednn"),
                "Where the training runs: a name, NAME:DEVICE, or a table with type and that type's keys."),
      parameter("plugins", {Type::strings}, std::vector<std::string>{},
                "Plugin files to load, relative to the graph file."),
      required_parameter("data", {Type::string, Type::table},
                         "The dataset: a name, or a table with type and that type's keys."),
      optional_key("train", {Type::table}, "How long and in what order to train."),
      required_parameter("classifier", {Type::table}, "The network that keeps what it needs for its answer."),
      optional_key("decoder", {Type::tables},
                   "Networks that learn to recreate their target from the tapped layer."),
      optional_key("blocks", {Type::table},
                   "Lists of layers with parameters, each a table [blocks.NAME], used as a layer of type NAME."),
      optional_key("extends", {Type::path}, "The graph file that this one is laid over."),
      optional_key("set", {Type::strings}, "Values to replace, KEY=VALUE each, as --set takes them."),
  };
  return keys;
}

const std::vector<ParameterSpec>& train_keys() {
  static const TrainSpec defaults;
  static const std::vector<ParameterSpec> keys = {
      at_least(parameter("epochs", {Type::integer}, defaults.epochs,
                         "Passes over the training images; steps may be given in its place."),
               1),
      at_least(optional_key("steps", {Type::integer},
                            "Steps of the classifier in all, in place of epochs: the last epoch may end early."),
               1),
      at_least(parameter("batch", {Type::integer}, defaults.batch, "Images in one step."), 1),
      parameter("shuffle", {Type::boolean}, defaults.shuffle,
                "Whether every epoch takes the images in a new order."),
      parameter("shared_step_count", {Type::boolean}, defaults.shared_step_count,
                "Whether all players share one count of optimizer steps, as in the published code."),
      at_least(parameter("checkpoint_every", {Type::integer}, defaults.checkpoint_every,
                         "Epochs from one checkpoint to the next."),
               1),
      at_least(parameter("keep_checkpoints", {Type::integer}, defaults.keep_checkpoints,
                         "How many of the newest checkpoints stay."),
               1),
      at_least(parameter("pictures", {Type::integer}, defaults.pictures,
                         "Images in the picture grid of an epoch; 0 for none."),
               0),
      optional_key("best_by", {Type::string},
                   "The figure whose best epoch is kept as checkpoints/best.safetensors: SET/accuracy, SET/loss or "
                   "SET/DECODER, SET being train, validation or test."),
      early_stopping_key(),
  };
  return keys;
}

const std::vector<ParameterSpec>& data_keys() {
  static const DataSpec defaults;
  static const std::vector<ParameterSpec> keys = {
      type_key(),
      at_most(at_least(parameter("validation", {Type::number}, defaults.validation,
                                 "The part of the training images that is kept for validation, chosen by the seed."),
                       0),
              kLargestValidation),
      at_most(at_least(parameter("label_noise", {Type::number}, defaults.label_noise,
                                 "The part of the training labels that is replaced by one drawn from all classes."),
                       0),
              1),
      at_least(parameter("prefetch", {Type::integer}, defaults.prefetch,
                         "Batches prepared ahead by a thread of their own."),
               1),
      parameter("augment", {Type::tables}, std::vector<Parameters>{},
                "What changes every training image, in this order; each a table with a type."),
  };
  return keys;
}

const std::vector<ParameterSpec>& loss_keys() {
  static const std::vector<ParameterSpec> keys = {
      type_key(),
      at_least(parameter("weight", {Type::number}, LossTerm{}.weight, "Its factor in the sum of losses."), 0),
  };
  return keys;
}

const std::vector<ParameterSpec>& optimizer_keys() {
  static const std::vector<ParameterSpec> keys = {
      type_key(),
      above(optional_key("clip_norm", {Type::number},
                         "Gradients of all the player's weights are scaled down together to this Euclidean norm."),
            0),
      above(optional_key("clip_value", {Type::number},
                         "Each number of a gradient is held between minus this and this, before clip_norm."),
            0),
      parameter("schedule", {Type::string, Type::table}, std::string("constant"),
                "How the learning rate goes: a name, or a table with type and that type's keys."),
  };
  return keys;
}

const std::vector<ParameterSpec>& classifier_keys() {
  static const std::vector<ParameterSpec> keys = {
      optional_key("loss", {Type::string, Type::table, Type::tables},
                   "What the classifier minimises; without it the classifier is an encoder, trained by its "
                   "decoders' losses alone."),
      optimizer_key(),
      layers_key(),
  };
  return keys;
}

namespace {

/// What every decoder has, whether its game is to be kept stable or not.
const std::vector<ParameterSpec>& decoder_own_keys() {
  static const DecoderSpec defaults;
  static const std::vector<ParameterSpec> keys = {
      optional_key("name", {Type::string},
                   "What metrics and pictures call it; without it decoder1, decoder2, …"),
      required_parameter("tap", {Type::string, Type::strings},
                         "The layer whose output the decoder gets, or several: of the classifier (embedding), another "
                         "decoder (coarse) or one of its layers (coarse/hidden)."),
      parameter("target", {Type::string}, std::string("image"),
                "What it recreates: \"image\", or a layer named as in tap."),
      parameter("loss", {Type::string, Type::table, Type::tables}, std::string("mse"),
                "What the decoder minimises."),
      one_of(parameter("sign", {Type::string}, std::string("negative"),
                       "How its loss enters the classifier's loss."),
             {"negative", "positive", "none"}),
      at_least(parameter("weight", {Type::number}, defaults.weight,
                         "The factor of its loss in the classifier's loss."),
               0),
      at_least(parameter("every", {Type::integer}, defaults.every,
                         "One decoder step every this many classifier steps."),
               1),
      optimizer_key(),
      layers_key(),
  };
  return keys;
}

}  // namespace

const std::vector<ParameterSpec>& decoder_keys() {
  static const std::vector<ParameterSpec> keys = [] {
    std::vector<ParameterSpec> result = decoder_own_keys();
    // Before optimizer and layers, which are long.
    const std::vector<ParameterSpec>& more = stabiliser_keys();
    result.insert(result.end() - 2, more.begin(), more.end());
    return result;
  }();
  return keys;
}

const std::vector<ParameterSpec>& layer_keys() {
  static const LayerSpec defaults;
  static const std::vector<ParameterSpec> keys = {
      optional_key(
          "name", {Type::string},
          "What other layers, taps and messages call it; without it its type and number, such as dense2."),
      required_parameter("type", {Type::string}, "The kind of layer."),
      optional_key("inputs", {Type::strings}, "The layers whose outputs it gets; without it the one before."),
      parameter("freeze", {Type::boolean}, defaults.freeze, "Whether its weights and statistics stay as they begin."),
      at_least(parameter("learning_rate_factor", {Type::number}, defaults.learning_rate_factor,
                         "A factor of its weights' learning rate."),
               0),
      at_least(parameter("l1", {Type::number}, defaults.l1,
                         "Adds this times the sum of its kernels' absolute values to its player's loss."),
               0),
      at_least(parameter("l2", {Type::number}, defaults.l2,
                         "Adds this times the sum of its kernels' squares to its player's loss."),
               0),
  };
  return keys;
}

const std::vector<ParameterSpec>& block_use_keys() {
  static const std::vector<ParameterSpec> keys = [] {
    std::vector<ParameterSpec> result;
    for (ParameterSpec key : layer_keys()) {
      if (key.name != "name" && key.name != "type" && key.name != "inputs")
        key.help = "For each layer within that has none of its own. " + key.help;
      result.push_back(key);
      if (key.name == "inputs")
        result.push_back(at_least(optional_key("repeat", {Type::integer},
                                               "How often its layers follow one another: NAME/1, NAME/2, …"),
                                  1));
    }
    return result;
  }();
  return keys;
}

const std::vector<ParameterSpec>& typed_keys() {
  static const std::vector<ParameterSpec> keys = {type_key()};
  return keys;
}

std::string alternative_to(const std::string& key) {
  for (const auto& [one, other] : {std::pair{"epochs", "steps"}, std::pair{"every", "at"}}) {
    if (key == one) return other;
    if (key == other) return one;
  }
  return {};
}

std::vector<ParameterSpec> with_types_keys(const std::vector<ParameterSpec>& common,
                                           const std::vector<ParameterSpec>& of_type) {
  std::vector<ParameterSpec> keys = common;
  const auto behind = std::find_if(keys.begin(), keys.end(), [](const ParameterSpec& key) {
    return key.name != "name" && key.name != "type" && key.name != "inputs";
  });
  keys.insert(behind, of_type.begin(), of_type.end());
  return keys;
}

const ParameterSpec* find_key(const std::vector<ParameterSpec>& keys, const std::string& name) {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const ParameterSpec& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

bool holds_tables(const ParameterSpec& spec) {
  return std::any_of(spec.types.begin(), spec.types.end(),
                     [](Type type) { return type == Type::table || type == Type::tables; });
}

bool chooses_type(const ParameterSpec& spec) {
  return spec.types.size() >= 2 && spec.types[0] == Type::string && spec.types[1] == Type::table;
}

}  // namespace generalizer
