// Programs that nobody thought of, through the kernels that they are fused to.
#include "fused.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

/// Ops drawn at random, each on values drawn at random among those made so far: chains, sums, views, moves, values with several readers, and variables that
/// are read before, after and while they are changed.
class RandomOps {
 public:
  RandomOps(FusedCase& c, std::uint64_t seed) : c_(c), philox_(seed, 77) {
    for (const Shape& shape : {Shape{6, 8}, Shape{6, 8}, Shape{8}, Shape{6, 1}, Shape{}, Shape{48}}) {
      const std::string name = "v" + std::to_string(made_.size());
      made_.push_back(draw(2) == 0 ? c_.input(name, shape) : c_.variable(name, shape));
      if (c_.program.value(made_.back().id()).kind == ValueKind::variable) variables_.push_back(made_.back());
    }
  }

  void build(std::size_t ops) {
    for (std::size_t k = 0; k < ops; ++k) made_.push_back(op());
    for (const Tensor& variable : variables_) {
      const Tensor next = of_shape(variable.shape());
      if (draw(4) != 0 && next.id() != variable.id()) c_.assign(variable, next);
    }
    for (int k = 0; k < 3; ++k) c_.output(made_[draw(made_.size())]);
    c_.output(made_.back());
  }

 private:
  std::size_t draw(std::size_t count) { return philox_.bits(draws_++) % count; }
  Tensor any() { return draw(2) == 0 ? made_[draw(made_.size())] : made_[made_.size() - 1 - draw(4)]; }
  Tensor matrix() { return of_shape({6, 8}); }

  /// One of the values in this shape, made of another where need be.
  Tensor of_shape(const Shape& shape) {
    const Tensor x = any();
    if (x.shape() == shape) return x;
    if (x.shape().elements() == shape.elements()) return reshape(x, shape);
    for (std::size_t k = made_.size(); k-- > 0;) {
      if (made_[k].shape() == shape && draw(3) != 0) return made_[k];
    }
    return broadcast_to(reshape(reduce_mean(x, {}), Shape(std::vector<std::int64_t>(shape.rank(), 1))), shape);
  }

  Tensor op() {
    const Tensor x = any();
    switch (draw(17)) {
      case 0:
        return tanh(x);
      case 1:
        return relu(x) + 0.125;
      case 2:
        return x * of_shape(x.shape());
      case 3:
        return matrix() - of_shape({8});
      case 4:
        return maximum(matrix(), of_shape({6, 1}));
      case 5:
        return x + of_shape({});
      case 6:
        return select(greater_equal(x, 0.0), x * 0.5, of_shape(x.shape()));
      case 7:
        return reduce_sum(matrix(), {static_cast<std::int64_t>(draw(2))}, true) * 0.1;
      case 8:
        return reduce_mean(matrix(), {0});
      case 9:
        return softmax(matrix(), static_cast<std::int64_t>(draw(2)));
      case 10:
        return normalize_rows(matrix(), 1e-2)[0];
      case 11:
        return mean_squared_error(matrix(), matrix());
      case 12:
        return bias_add(matrix(), of_shape({8}));
      case 13:
        return channel_sum(matrix()) * 0.1;
      case 14: {
        const Tensor from = matrix();
        return concat(std::array{slice(from, 1, 3, 8), slice(from, 1, 0, 3)}, 1);
      }
      case 15:
        return tanh(matmul(matrix(), matrix(), true, false) * 0.2);
      default:
        return sigmoid(matrix()) * matrix();
    }
  }

  FusedCase& c_;
  Philox philox_;
  std::uint64_t draws_ = 0;
  std::vector<Tensor> made_, variables_;
};

}  // namespace

TEST_CASE("random programs come to the same fused and op by op") {
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    INFO("seed " << seed);
    FusedCase c;
    RandomOps(c, seed).build(8 + 2 * (seed % 12));
    check_fused(c, 1e-9);
  }
}
