#include "config/keys.h"

#include <algorithm>

#include "config/graph_spec.h"

namespace generalizer {
namespace {

using Type = ParameterType;

ParameterSpec optional_key(const char* name, std::vector<Type> types, const char* help) {
  ParameterSpec spec = required_parameter(name, std::move(types), help);
  spec.optional = true;
  return spec;
}

ParameterSpec optimizer_key() {
  return parameter("optimizer", {Type::string, Type::table}, std::string("adam"),
                   "How the weights move: a name, or a table with type and that type's keys.");
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
                       "Floating-point type of images and weights."),
             {"f32", "f64"}),
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
  };
  return keys;
}

const std::vector<ParameterSpec>& train_keys() {
  static const TrainSpec defaults;
  static const std::vector<ParameterSpec> keys = {
      at_least(parameter("epochs", {Type::integer}, defaults.epochs, "Passes over the training images."), 1),
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
  };
  return keys;
}

const std::vector<ParameterSpec>& classifier_keys() {
  static const std::vector<ParameterSpec> keys = {
      optional_key("loss", {Type::string, Type::table},
                   "What the classifier minimises; without it the classifier is an encoder, trained by its "
                   "decoders' losses alone."),
      optimizer_key(),
      layers_key(),
  };
  return keys;
}

const std::vector<ParameterSpec>& decoder_keys() {
  static const DecoderSpec defaults;
  static const std::vector<ParameterSpec> keys = {
      optional_key("name", {Type::string},
                   "What metrics and pictures call it; without it decoder1, decoder2, …"),
      required_parameter("tap", {Type::string}, "The classifier's layer whose output the decoder gets."),
      parameter("target", {Type::string}, std::string("image"),
                "What it recreates: \"image\", or a layer of the classifier."),
      parameter("loss", {Type::string, Type::table}, std::string("mse"), "What the decoder minimises."),
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

const std::vector<ParameterSpec>& layer_keys() {
  static const std::vector<ParameterSpec> keys = {
      optional_key(
          "name", {Type::string},
          "What other layers, taps and messages call it; without it its type and number, such as dense2."),
      required_parameter("type", {Type::string}, "The kind of layer."),
      optional_key("inputs", {Type::strings}, "The layers whose outputs it gets; without it the one before."),
  };
  return keys;
}

const std::vector<ParameterSpec>& typed_keys() {
  static const std::vector<ParameterSpec> keys = {
      required_parameter("type", {Type::string}, "Which type this is.")};
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

bool chooses_type(const ParameterSpec& spec) { return spec.types == std::vector{Type::string, Type::table}; }

}  // namespace generalizer
