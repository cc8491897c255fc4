#include "losses.h"

namespace generalizer::losses {
namespace {

/// What keeps roots and quotients from nothing, where all samples are one.
constexpr double kTiny = 1e-12;

/// N×… → N×N: the Euclidean distance of each two samples.
Tensor distances(const Tensor& samples) {
  const std::int64_t count = samples.dim(0);
  Tensor x = reshape(samples, {count, samples.shape().elements() / count});
  // About their mean, where the squares are small and lose little when they are subtracted.
  x = x - reduce_mean(x, {0}, true);
  const Tensor squares = reduce_sum(square(x), {1}, true);  // N×1
  const Tensor products = matmul(x, x, false, true);
  const Tensor square_distances = squares + transpose(squares, {1, 0}) - products * 2.0;
  std::vector<double> unequal(static_cast<std::size_t>(count * count), 1.0);
  for (std::int64_t i = 0; i < count; ++i) unequal[static_cast<std::size_t>(i * count + i)] = 0.0;
  const TensorType type = square_distances.type();
  const Tensor zeros = fill(x.program(), type, 0.0);
  // A sample's distance to itself is 0, whatever rounding makes of it, and has no gradient.
  return sqrt(maximum(square_distances, zeros) + kTiny) * constant_values(x.program(), type, std::move(unequal));
}

/// Rows and columns brought to mean 0.
Tensor centred(const Tensor& distances) {
  return distances - reduce_mean(distances, {0}, true) - reduce_mean(distances, {1}, true) + reduce_mean(distances, {0, 1}, true);
}

Tensor build(const LossContext& context) {
  const Tensor a = centred(distances(context.prediction));
  const Tensor b = centred(distances(context.target));
  const Tensor covariance = reduce_mean(a * b, {});
  const Tensor variances = reduce_mean(square(a), {}) * reduce_mean(square(b), {});
  const Tensor squared = covariance / sqrt(variances + kTiny * kTiny);
  if (context.parameters.boolean("squared")) return squared;
  const Tensor zero = fill(squared.program(), squared.type(), 0.0);
  return sqrt(maximum(squared, zero) + kTiny);
}

}  // namespace

LossType distance_correlation() {
  LossType type;
  type.name = "distance_correlation";
  type.summary =
      "How far two descriptions of the same images depend on one another, from 0 to 1, over the images of a batch (Székely, Rizzo, Bakirov, "
      "2007); of a tap and the image it is what NoPeek makes small (Vepakomma, Singh, Gupta, Raskar, 2020).";
  type.parameters = {parameter("squared", {ParameterType::boolean}, false, "Whether its square is taken, whose slope is less steep near 0.")};
  type.target = LossTarget::values;
  type.any_shape = true;
  // N×…, N×… → scalar
  type.build = build;
  return type;
}

}  // namespace generalizer::losses
