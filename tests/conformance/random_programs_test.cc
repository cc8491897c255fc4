#include "autodiff/autodiff.h"
#include "cases.h"
#include "catch.h"
#include "generalizer/random.h"

using namespace generalizer;
using namespace generalizer::test;

/// Programs that nobody thought of: layers drawn at random, each on values drawn at random among those made so far, with the gradients of
/// all weights and a step for each. Values with several readers, branches that meet again and ops in every order come by themselves.
namespace {

const ConvolutionGeometry same{{1, 1}, {1, 1, 1, 1}, {1, 1}, 1};
constexpr std::int64_t channels = 16;  // a block of most backends' convolutions
// A bias before a batch normalisation has a gradient of zero, which rounding makes of parts of about this size.
constexpr double least_scale = 1e-3;
const Shape images{2, channels, 2, 3};
const Shape rows{2, channels * 6};

class RandomProgram {
 public:
  RandomProgram(CaseBuilder& builder, std::uint64_t seed) : b_(builder), philox_(seed, 21) {
    made_ = {b_.uniform(images), b_.uniform(rows)};
  }

  void build(std::size_t layers) {
    for (std::size_t i = 0; i < layers; ++i) made_.push_back(layer());
    // The last two meet in the loss, and so does whatever they came from.
    const Tensor loss = b_.loss(made_.back()) + b_.loss(made_[made_.size() - 2]);
    b_.output(loss);
    b_.output(made_[2 + draw(layers)]);
    const std::vector<Tensor> slopes = gradients(loss, weights_);
    for (const Tensor& slope : slopes) b_.output(slope);
    add_steps(slopes);
  }

 private:
  std::size_t draw(std::size_t count) { return philox_.bits(draws_++) % count; }

  Tensor weight(Shape shape, double low, double high) {
    weights_.push_back(b_.variable("w" + std::to_string(weights_.size()), std::move(shape), low, high));
    return weights_.back();
  }

  /// One of the values, the later ones more often.
  Tensor any() {
    const std::size_t reach = std::min<std::size_t>(made_.size(), 4);
    return draw(3) == 0 ? made_[draw(made_.size())] : made_[made_.size() - 1 - draw(reach)];
  }
  Tensor any_as(const Shape& shape) {
    const Tensor x = any();
    return x.shape() == shape ? x : reshape(x, shape);
  }

  Tensor activation(const Tensor& x) {
    switch (draw(5)) {
      case 0:
        return tanh(x);
      case 1:
        return sigmoid(x);
      case 2:
        return leaky_relu(x, 0.2);
      default:
        return relu(x);
    }
  }

  Tensor layer() {
    const Tensor x = any();
    switch (draw(9)) {
      case 0:
        return activation(x);
      case 1:
        return x + any_as(x.shape());
      case 2:
        return tanh(x) * any_as(x.shape());
      case 3:
        return activation(bias_add(x, weight({x.dim(1)}, -0.5, 0.5)));
      case 4: {
        const Tensor product =
            matmul(any_as(rows), weight({rows[1], rows[1]}, -0.15, 0.15), false, draw(2) == 0);
        return draw(2) == 0 ? product : activation(bias_add(product, weight({rows[1]}, -0.5, 0.5)));
      }
      case 5: {
        const Tensor convolved =
            conv2d(any_as(images), weight({channels, channels, 3, 3}, -0.15, 0.15), same);
        return draw(2) == 0 ? convolved : activation(bias_add(convolved, weight({channels}, -0.5, 0.5)));
      }
      default: {
        const Tensor image = any_as(images);
        const Tensor scale = weight({channels}, 0.5, 1.5);
        const Tensor normal = batch_norm(image, scale, weight({channels}, -0.5, 0.5), 0.1)[0];
        if (draw(3) == 0) return normal;
        const Tensor beside =
            activation(any_as(images));  // stands between the two, and may share their gradient
        return draw(2) == 0 ? relu(normal) : relu(normal) + beside;
      }
    }
  }

  /// Every weight moves by its gradient: updates in place meet readers of the old values.
  void add_steps(const std::vector<Tensor>& slopes) {
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      const Tensor next = sgd_update(weights_[i], slopes[i], b_.numbers({}, {0.25}), b_.numbers({}, {1.0}));
      b_.program().assign(weights_[i].id(), next.id());
    }
  }

  CaseBuilder& b_;
  Philox philox_;
  std::uint64_t draws_ = 0;
  std::vector<Tensor> made_;
  std::vector<Tensor> weights_;
};

}  // namespace

TEST_CASE("Random programs of layers, their gradients and steps agree with the reference kernels") {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    // A session each: every program has variables of the same names.
    check_case(*open_session(), {"seed " + std::to_string(seed),
                                 [seed](CaseBuilder& b) { RandomProgram(b, seed).build(5 + seed % 11); },
                                 false, 100.0, least_scale});
  }
}
