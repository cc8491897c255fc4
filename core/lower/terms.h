#pragma once

#include <string>
#include <vector>

#include "lower/forward.h"
#include "lower/update.h"

namespace generalizer {

/// A decoder's part in the classifier's step.
struct DecoderTerm {
  std::size_t decoder;  ///< an index into the graph's decoders
  const DecoderSpec* spec;
  Tensor loss;  ///< F[]: its own, of its output against its target
};

/// Builds every decoder that enters the classifier's loss on its activations. Decoders' weights take part and stay.
std::vector<DecoderTerm> decoder_terms(Forward& forward);

/// What the classifier learns of its own loss (may be undefined), of its penalties and of one term for each decoder or ensemble.
///
/// L being the decoder's loss, or the lowest among its ensemble's, w its weight, c its ceiling, the term is
/// - negative_loss, gradient_reversal: −w·min(L, c)
/// - uniform, class_mean: +w·(the loss of the output of the one with the lowest L against the mean image, or the class's)
/// - sign positive: +w·L
Learning classifier_learning(Forward& forward, const Tensor& loss, const std::vector<DecoderTerm>& terms);

/// What the decoders learn that learn in the classifier's step.
std::vector<Learning> decoder_learnings(Forward& forward, const std::vector<DecoderTerm>& terms);

/// Whether the weight is a variable that the trainer sets: with a warm-up, or a schedule other than a constant one.
bool weight_varies(const DecoderSpec& decoder);

}  // namespace generalizer
