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
                   "how the weights move: a name, or a table with type and that type's keys");
}

ParameterSpec layers_key() {
  return required_parameter("layers", {Type::tables},
                            "the layers, each a table with a type; the last one's output is the answer");
}

}  // namespace

const std::vector<ParameterSpec>& graph_keys() {
  static const std::vector<ParameterSpec> keys = {
      optional_key("name", {Type::string},
                   "what the run folder is called; the file's name without .toml when left out"),
      at_least(parameter("seed", {Type::integer}, std::int64_t{0},
                         "the one number that all random numbers come from"),
               0),
      one_of(parameter("precision", {Type::string}, std::string("f32"),
                       "floating-point type of images and weights"),
             {"f32", "f64"}),
      parameter("backend", {Type::string, Type::table}, std::string("onednn"),
                "where the training runs: a name, NAME:DEVICE, or a table with type and that type's keys"),
      parameter("plugins", {Type::strings}, std::vector<std::string>{},
                "plugin files to load, relative to the graph file"),
      required_parameter("data", {Type::string, Type::table},
                         "the dataset: a name, or a table with type and that type's keys"),
      optional_key("train", {Type::table}, "how long and in what order to train"),
      required_parameter("classifier", {Type::table}, "the network that keeps what it needs for its answer"),
      optional_key("decoder", {Type::tables},
                   "networks that learn to recreate their target from the tapped layer"),
  };
  return keys;
}

const std::vector<ParameterSpec>& train_keys() {
  static const TrainSpec defaults;
  static const std::vector<ParameterSpec> keys = {
      at_least(parameter("epochs", {Type::integer}, defaults.epochs, "passes over the training images"), 1),
      at_least(parameter("batch", {Type::integer}, defaults.batch, "images in one step"), 1),
      parameter("shuffle", {Type::boolean}, defaults.shuffle,
                "whether every epoch takes the images in a new order"),
      parameter("shared_step_count", {Type::boolean}, defaults.shared_step_count,
                "whether all players share one count of optimizer steps, as in the published code"),
      at_least(parameter("checkpoint_every", {Type::integer}, defaults.checkpoint_every,
                         "epochs from one checkpoint to the next"),
               1),
      at_least(parameter("keep_checkpoints", {Type::integer}, defaults.keep_checkpoints,
                         "how many of the newest checkpoints stay"),
               1),
      at_least(parameter("pictures", {Type::integer}, defaults.pictures,
                         "images in the picture grid of an epoch; 0 for none"),
               0),
  };
  return keys;
}

const std::vector<ParameterSpec>& classifier_keys() {
  static const std::vector<ParameterSpec> keys = {
      optional_key(
          "loss", {Type::string, Type::table},
          "what the classifier minimises; left out, it is an encoder that its decoders' losses alone train"),
      optimizer_key(),
      layers_key(),
  };
  return keys;
}

const std::vector<ParameterSpec>& decoder_keys() {
  static const DecoderSpec defaults;
  static const std::vector<ParameterSpec> keys = {
      optional_key("name", {Type::string},
                   "what metrics and pictures call it; decoder1, decoder2, … when left out"),
      required_parameter("tap", {Type::string}, "the classifier's layer whose output the decoder gets"),
      parameter("target", {Type::string}, std::string("image"),
                "what it recreates: \"image\", or a layer of the classifier"),
      parameter("loss", {Type::string, Type::table}, std::string("mse"), "what the decoder minimises"),
      one_of(parameter("sign", {Type::string}, std::string("negative"),
                       "how its loss enters the classifier's loss"),
             {"negative", "positive", "none"}),
      at_least(parameter("weight", {Type::number}, defaults.weight,
                         "the factor of its loss in the classifier's loss"),
               0),
      at_least(parameter("every", {Type::integer}, defaults.every,
                         "one decoder step every this many classifier steps"),
               1),
      optimizer_key(),
      layers_key(),
  };
  return keys;
}

const std::vector<ParameterSpec>& layer_keys() {
  static const std::vector<ParameterSpec> keys = {
      optional_key("name", {Type::string},
                   "what other layers, taps and messages call it; its type and number when left out"),
      required_parameter("type", {Type::string}, "the kind of layer"),
      optional_key("inputs", {Type::strings},
                   "the layers whose outputs it gets; the one before when left out"),
  };
  return keys;
}

const std::vector<ParameterSpec>& typed_keys() {
  static const std::vector<ParameterSpec> keys = {
      required_parameter("type", {Type::string}, "which type this is")};
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
