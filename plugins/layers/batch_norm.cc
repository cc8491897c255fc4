#include "layers.h"

namespace generalizer::layers {
namespace {

/// momentum·running + (1 − momentum)·batch
Tensor moved(const Tensor& running, const Tensor& batch, double momentum, double batch_factor = 1.0) {
  return affine(running, momentum, 0.0) + affine(batch, (1.0 - momentum) * batch_factor, 0.0);
}

/// N×C×… → the same
Tensor build(LayerBuilder& layer) {
  const Tensor& x = layer.input();
  if (x.rank() < 2)
    layer.fail("it needs channels (N×C×…), and its input " + x.shape().to_string() + " has none");
  const Shape channels{x.dim(1)};
  const double epsilon = layer.number("epsilon");
  const Tensor scale = layer.weight("scale", channels, ones());
  const Tensor shift = layer.weight("shift", channels, zeros());
  const Tensor mean = layer.statistic("mean", channels, 0.0);
  const Tensor variance = layer.statistic("variance", channels, 1.0);
  if (!layer.training() || layer.frozen())
    return apply_activation(layer, batch_norm_inference(x, scale, shift, mean, variance, epsilon));

  const auto count = static_cast<double>(x.shape().elements() / x.dim(1));
  if (count < 2.0) {
    layer.fail("one number a channel has no variance to normalise by: its input is " + x.shape().to_string(),
               "train with a larger batch, and one that doesn't leave a single image for the last batch of "
               "an epoch");
  }
  const std::vector<Tensor> results =
      generalizer::batch_norm(x, scale, shift, epsilon);  // y, mean, biased variance
  const double momentum = layer.number("momentum");
  layer.update_statistic(mean, moved(mean, results[1], momentum));
  // The variance that evaluation uses is that of the population, estimated without bias: divided by count − 1.
  layer.update_statistic(variance, moved(variance, results[2], momentum, count / (count - 1.0)));
  return apply_activation(layer, results[0]);
}

}  // namespace

LayerType batch_norm() {
  LayerType type;
  type.name = "batch_norm";
  type.summary =
      "Brings each channel to mean 0 and variance 1, over the batch in training and by running statistics in "
      "evaluation, and with freeze = true, then scales and "
      "shifts it (Ioffe, Szegedy, 2015).";
  type.parameters = {
      above(parameter("epsilon", {ParameterType::number}, 1e-5,
                      "Added to the variance before its root is taken."),
            0),
      at_most(
          at_least(
              parameter(
                  "momentum", {ParameterType::number}, 0.9,
                  "How much of the running mean and variance stays at each step: running = momentum·running "
                  "+ (1 − "
                  "momentum)·batch, with the batch's unbiased variance. PyTorch's momentum is 1 minus this."),
              0),
          1),
      activation_parameter(),
  };
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
