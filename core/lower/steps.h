#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace generalizer {

/// What a variable is for; decides how it begins and what a checkpoint does with it.
enum class VariableRole : std::uint8_t {
  weight,         ///< trained by gradient
  statistic,      ///< running mean or variance
  moment,         ///< an optimiser's state
  step,           ///< i64[]: updates done by a player
  learning_rate,  ///< F[]: set by the trainer
  given,          ///< set by the trainer from the training images or a schedule: mean images, a ceiling, the weight of a decoder's loss
  health,         ///< F[]: 1 until a step's loss was no number, then 0 and nothing moves any more
  metric,         ///< f64[]: sums since the trainer last cleared them
};

struct VariableDeclaration {
  /// "classifier/conv1/kernel", "autoencoder/pixels/bias", "classifier/conv1/kernel/adam_m", "classifier/step"
  std::string name;
  TensorType type;
  VariableRole role = VariableRole::weight;
  /// Whose step may change it; "" when several may (health, the shared step counter) or none does (test
  /// metrics).
  std::string player;
  Initializer initializer;  ///< by Philox(seed, stream_of(name)); learning_rate: the spec's value
};

/// A step as a program, optimised and verified, with a declaration for every variable that it reads or assigns.
///
/// Every player counts its updates in "PLAYER/step", or all of them in "shared/step" with
/// `train.shared_step_count`.
///
/// Inputs: "image" F[N×C×H×W], and "label" i32[N] where it is needed. Metric sums are variables, so that
/// nothing has to come back to the host between steps:
/// - classifier step: "metrics/train/loss", "metrics/train/total", "metrics/train/correct", "metrics/train/images", and
///   "metrics/train/DECODER/in_loss" (the decoder's loss as the classifier's step saw it)
/// - decoder step: "metrics/train/DECODER/loss", "metrics/train/DECODER/images"
/// - evaluation: "metrics/test/loss", "metrics/test/correct", "metrics/test/images", "metrics/test/DECODER/loss"
/// each a sum over images (loss·N). Without a classifier loss the ones that need it are absent.
struct StepProgram {
  Program program;
  std::vector<VariableDeclaration> variables;
};

/// Minimises classifier loss + Σ ±weight·decoder loss + the classifier's penalties (`l1`, `l2`) over the classifier's
/// weights; the gradient goes through decoders, and decoders on decoders, into the classifier. Outputs "loss" (the
/// classifier's own; absent without one), "total", and "DECODER/loss" for each decoder whose sign isn't "none"
/// and whose weight isn't 0: the others are run only as far as these tap them. With `clip` a decoder's term enters the gradient scaled down; with
/// "gradient_reversal" its decoder learns here, too, from the same weights, and "DECODER/total" is an output. Reads, where a key asks for them,
/// "mean_image" F[C×H×W], "class_means" F[K×C·H·W], "DECODER/ceiling" and "DECODER/weight" F[]. Assigns the classifier's weights, moments, statistics and
/// step only (and metrics and health). Everything is gated: with a total that is no number nothing moves but
/// "health".
StepProgram classifier_step(const Graph& graph, std::int64_t batch);

/// Minimises the decoder's loss and penalties over the decoder's weights alone, from a representation computed here and
/// now with the current weights of the classifier, and of the decoders that it taps, in training mode. No gradient below
/// its taps. Outputs "loss", and "total" with the penalties. Assigns the decoder's own variables only (and metrics and
/// health).
StepProgram decoder_step(const Graph& graph, std::size_t decoder, std::int64_t batch);

/// One batch of the test set, nothing trained: assigns metrics only.
StepProgram evaluation(const Graph& graph, std::int64_t batch);

/// Answers for given images in evaluation mode. Outputs "logits" F[N×K] and "probabilities" F[N×K] (with a
/// cross-entropy loss), "output" (without one), and for each decoder "DECODER/output" and what it is fed:
/// "DECODER/representation", or for several taps "DECODER/representation/TAP" each.
StepProgram prediction(const Graph& graph, std::int64_t batch);

/// The mean over a batch of the decoder's loss when it answers "mean_image" to every image: output "loss".
StepProgram mean_image_loss(const Graph& graph, std::size_t decoder, std::int64_t batch);

/// What each decoder's taps in the classifier give in evaluation, without noise: outputs "DECODER/TAP", none for decoders on decoders alone.
StepProgram tapped(const Graph& graph, std::int64_t batch);

/// Whether the decoder's term is a part of what the classifier minimises: not with the sign "none" or the weight 0.
bool enters_classifier(const DecoderSpec& decoder);
/// Whether the decoder does a step within the classifier's: with "gradient_reversal", where its term enters.
bool learns_with_classifier(const DecoderSpec& decoder);

/// Forward pass in training mode with every layer's output as an output "PLAYER/LAYER": to find the layer where
/// a number went bad.
StepProgram probe(const Graph& graph, std::int64_t batch);

/// Every variable of a network: those of the classifier's step, the decoders' steps and evaluation, each once,
/// in that order.
std::vector<VariableDeclaration> all_variables(const Graph& graph);

/// How a variable begins, row-major: element i of a uniform one is a + (b − a)·u(i), of a normal one a + b·z(i)
/// with z by Box, Muller, 1958, "A note on the generation of random normal deviates", from u(2i) and u(2i+1); u
/// is Philox(seed, stream_of(name)).
std::vector<double> initial_values(const VariableDeclaration& variable, std::uint64_t seed);

/// Reads every file that a weight begins from, so that one that isn't there or doesn't fit is known before a training makes its folder. Throws
/// `GraphError` at the layers. Not for a run that is loaded: its weights come from its checkpoints.
void check_weight_files(const Graph& graph, const std::vector<VariableDeclaration>& variables);

}  // namespace generalizer
