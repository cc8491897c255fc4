#include "config/stabiliser_keys.h"

#include <algorithm>

#include "config/quote.h"
#include "config/read_schedule.h"

namespace generalizer {
namespace {

using Type = ParameterType;

const DecoderSpec kDefaults;

/// In the order of `Objective` and of `Bound`.
const std::vector<std::string> kObjectives = {"negative_loss", "uniform", "class_mean", "gradient_reversal"};
const std::vector<std::string> kBounds = {"none", "layer_norm", "tanh", "sigmoid"};

template <class Choice>
Choice choice_of(const std::string& word, const std::vector<std::string>& words) {
  return static_cast<Choice>(std::find(words.begin(), words.end(), word) - words.begin());
}

ParameterSpec optional_key(const char* name, std::vector<Type> types, const char* help) {
  ParameterSpec spec = required_parameter(name, std::move(types), help);
  spec.optional = true;
  return spec;
}

std::vector<ParameterSpec> keys_of_the_term() {
  return {
      at_least(parameter("warmup", {Type::number}, kDefaults.warmup,
                         "At first the weight rises in a line from 0 over so many epochs."),
               0),
      parameter("schedule", {Type::string, Type::table}, std::string("constant"),
                "How the weight goes: a name, or a table with type and that type's keys, as of a learning rate."),
      one_of(parameter("objective", {Type::string}, kObjectives.front(),
                       "What the classifier is rewarded for: the decoder's loss (negative_loss, as published), an output near the mean "
                       "training image (uniform) or near that of the true class (class_mean); or both learn in one step, the classifier "
                       "with the gradient turned round (gradient_reversal: Ganin et al., 2016)."),
             kObjectives),
      one_of(at_least(optional_key("ceiling", {Type::string, Type::number},
                                   "Beyond this loss of the decoder the classifier gains nothing more: a number, or mean_image for what answering "
                                   "the mean training image costs."),
                      0),
             {"mean_image"}),
      above(optional_key("clip", {Type::number},
                         "The gradient of the decoder's term by the classifier's weights is scaled down to at most this many times the "
                         "norm of the classifier's own."),
            0),
  };
}

std::vector<ParameterSpec> keys_of_the_decoder() {
  return {
      at_least(parameter("steps", {Type::integer}, kDefaults.steps,
                         "Steps in each turn of the decoder, all on the batch of the classifier's step (k of Goodfellow et al., 2014)."),
               1),
      at_least(parameter("restarts", {Type::integer}, kDefaults.restarts,
                         "The decoder begins anew after every so many epochs, with weights of its own each time; 0: never."),
               0),
      at_most(at_least(parameter("ensemble", {Type::integer}, kDefaults.ensemble,
                                 "So many decoders of different widths are trained, and the classifier faces the one with the lowest loss."),
                       1),
              16),
  };
}

std::vector<ParameterSpec> keys_of_the_tap() {
  return {
      at_least(parameter("noise", {Type::number}, kDefaults.noise,
                         "Standard deviation of normal numbers added to the tapped layer's output in training, for decoder and classifier alike."),
               0),
      parameter("noise_in_use", {Type::boolean}, kDefaults.noise_in_use,
                "Whether the noise is there in evaluation and prediction, too: the representation is then handed out noisy."),
      one_of(parameter("bound", {Type::string}, kBounds.front(),
                       "What the tapped layer's output is put through before the noise, so that its scale can't stand in for forgetting; "
                       "layer_norm has no weights (Ba, Kiros, Hinton, 2016)."),
             kBounds),
  };
}

/// Tells of keys that can't stand together in one decoder.
class Conflicts {
 public:
  Conflicts(const DecoderSpec& decoder, const Parameters& values, const TableContext& context)
      : decoder_(decoder), values_(values), context_(context) {}

  void tell() const {
    about_objective();
    about_ceiling();
    about_noise();
  }

 private:
  void add(const char* key, const std::string& message, const std::string& hint) const {
    const SourcePosition where = values_.where(key);
    context_.found.add(where.known() ? where : decoder_.where, quoted(key) + " in " + context_.name + " " + message, hint);
  }

  bool recreates_image() const { return decoder_.target.text == "image" || decoder_.target.text.empty(); }

  void about_objective() const {
    const Objective objective = decoder_.objective;
    if (objective == Objective::negative_loss) return;
    const std::string name = quoted(name_of(objective));
    if (decoder_.sign == Sign::positive) {
      add("objective", "is " + name + ", which works against the decoder, and its sign is \"positive\"",
          "leave objective out, or write sign = \"negative\"");
      return;
    }
    const bool of_images = objective == Objective::uniform || objective == Objective::class_mean;
    if (of_images && !recreates_image())
      add("objective", "is " + name + ", which needs mean images, and the target is " + quoted(decoder_.target.text),
          "write target = \"image\", or another objective");
    if (objective == Objective::gradient_reversal && decoder_.every != 1)
      add("objective", "is " + name + ", with which both learn in every step, and every is " + std::to_string(decoder_.every),
          "leave every out; or write objective = \"negative_loss\", which has the same gradient in steps that take turns");
  }

  void about_ceiling() const {
    if (!decoder_.ceiling) return;
    if (decoder_.sign == Sign::positive) {
      add("ceiling", "ends a reward, and with sign = \"positive\" the decoder's loss is none", "leave ceiling out");
    } else if (decoder_.objective == Objective::uniform || decoder_.objective == Objective::class_mean) {
      add("ceiling", "has no use with objective = " + quoted(name_of(decoder_.objective)) + ", whose term is never below 0",
          "leave ceiling out, or write objective = \"negative_loss\"");
    } else if (decoder_.ceiling->mean_image && !recreates_image()) {
      add("ceiling", "is \"mean_image\", and the target is " + quoted(decoder_.target.text), "give it a number");
    }
  }

  void about_noise() const {
    if (decoder_.noise_in_use && decoder_.noise == 0.0)
      add("noise_in_use", "is true, and there is no noise", "give noise a standard deviation, such as noise = 0.5");
  }

  const DecoderSpec& decoder_;
  const Parameters& values_;
  const TableContext& context_;
};

/// One warm-up: the decoder's own key, or its schedule's.
void read_weight_schedule(const TomlNode& node, const TableContext& context, DecoderSpec& decoder) {
  const TomlEntry* entry = node.find("schedule");
  if (entry == nullptr) return;
  decoder.schedule = read_schedule(entry->value, "the schedule of the weight of " + context.name, context);
  const double warmup = std::exchange(decoder.schedule.warmup, 0.0);
  if (warmup == 0.0) return;
  if (decoder.warmup != 0.0) {
    context.found.add(entry->value.where, "\"schedule\" in " + context.name + " has a warmup, and so has the decoder itself",
                      "remove one of the two");
  }
  decoder.warmup = warmup;
}

void refuse_warmup_with_one_cycle(const Parameters& values, const TableContext& context, const DecoderSpec& decoder) {
  if (decoder.schedule.kind != ScheduleSpec::Kind::one_cycle || values.number("warmup") == 0.0) return;
  context.found.add(values.where("warmup"), "\"warmup\" in " + context.name + " can't stand beside the schedule \"one_cycle\", which has its own rise",
                    "leave warmup out, and say with peak and start how the weight rises");
}

}  // namespace

const std::vector<ParameterSpec>& stabiliser_keys() {
  static const std::vector<ParameterSpec> keys = [] {
    std::vector<ParameterSpec> all;
    for (const auto& part : {keys_of_the_term(), keys_of_the_decoder(), keys_of_the_tap()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return keys;
}

void read_stabilisers(const TomlNode& node, const Parameters& values, const TableContext& context,
                      DecoderSpec& decoder) {
  decoder.warmup = values.number("warmup");
  read_weight_schedule(node, context, decoder);
  refuse_warmup_with_one_cycle(values, context, decoder);
  decoder.objective = choice_of<Objective>(values.string("objective"), kObjectives);
  if (values.has("ceiling")) {
    const bool mean_image = values.is_string("ceiling");
    decoder.ceiling = CeilingSpec{mean_image, mean_image ? 0.0 : values.number("ceiling")};
  }
  if (values.has("clip")) decoder.clip = values.number("clip");
  decoder.steps = values.integer("steps");
  decoder.restarts = values.integer("restarts");
  decoder.ensemble = values.integer("ensemble");
  decoder.noise = values.number("noise");
  decoder.noise_in_use = values.boolean("noise_in_use");
  decoder.bound = choice_of<Bound>(values.string("bound"), kBounds);
  Conflicts(decoder, values, context).tell();
}

std::string name_of(Objective objective) { return kObjectives[static_cast<std::size_t>(objective)]; }

std::string name_of(Bound bound) { return kBounds[static_cast<std::size_t>(bound)]; }

}  // namespace generalizer
