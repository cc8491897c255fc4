#include "lower/update.h"

#include <algorithm>
#include <new>

#include "autodiff/autodiff.h"
#include "generalizer/op.h"

namespace generalizer {
namespace {

/// The optimisers' update ops take the gate themselves. What a plugin makes of other ops is held back here.
Tensor gated(const Tensor& next, const Tensor& before, const Tensor& gate) {
  const Value& value = next.program().value(next.id());
  if (value.kind == ValueKind::result) {
    const std::vector<std::string>& operands = next.program().node(value.producer).op->input_names;
    if (std::find(operands.begin(), operands.end(), "gate") != operands.end()) return next;
  }
  return select(gate, next, before);
}

class WeightUpdate final : public OptimizerBuilder {
 public:
  struct Common {
    const Parameters& parameters;
    Tensor step;
    Tensor gate;
  };

  WeightUpdate(Forward& forward, const Common& common, const Forward::TrainedWeight& weight,
               const Tensor& gradient, const Tensor& learning_rate)
      : forward_(forward),
        common_(common),
        weight_(weight),
        gradient_(gradient),
        learning_rate_(learning_rate) {}

  const Parameters& parameters() const override { return common_.parameters; }
  Tensor weight() const override { return weight_.value; }
  Tensor gradient() const override { return gradient_; }
  Tensor step() const override { return common_.step; }
  Tensor learning_rate() const override { return learning_rate_; }
  Tensor gate() const override { return common_.gate; }

  Tensor moment(const std::string& name) override {
    const VariableDeclaration& weight = weight_.declaration;
    return forward_.declare(
        {weight.name + "/" + name, weight.type, VariableRole::moment, weight.player, zeros()});
  }

  void update_moment(const Tensor& moment, const Tensor& next) override {
    forward_.program().assign(moment.id(), gated(next, moment, common_.gate).id());
  }

 private:
  Forward& forward_;
  const Common& common_;
  const Forward::TrainedWeight& weight_;
  Tensor gradient_;
  Tensor learning_rate_;
};

/// The scope of a weight's update is its layer: "classifier/conv1".
std::string layer_of(const std::string& variable) { return variable.substr(0, variable.rfind('/')); }

/// health' = gate = is_finite(total) · health, of every player's total
Tensor guard(Forward& forward, const std::vector<Learning>& learnings) {
  const Tensor health =
      forward.declare({"health", forward.scalar(), VariableRole::health, "", constant(1.0)});
  Tensor gate = health;
  for (const Learning& learning : learnings) gate = is_finite(learning.total) * gate;
  forward.program().assign(health.id(), gate.id());
  return gate;
}

/// Holds each number of the gradients within ±limit.
void clip_values(std::vector<Tensor>& by_weight, double limit) {
  for (Tensor& gradient : by_weight) {
    const TensorType scalar{gradient.dtype(), {}};
    const Tensor highest = fill(gradient.program(), scalar, limit);
    const Tensor lowest = fill(gradient.program(), scalar, -limit);
    gradient = maximum(minimum(gradient, highest), lowest);
  }
}

/// Σ g² over all gradients; undefined when there are none.
Tensor squares_of(const std::vector<Tensor>& by_weight) {
  Tensor squares;
  for (const Tensor& gradient : by_weight) {
    const Tensor own = reduce_sum(square(gradient), {});
    squares = squares.defined() ? squares + own : own;
  }
  return squares;
}

/// Scales all gradients by min(1, limit/‖g‖), ‖g‖ being the Euclidean norm of them together (Pascanu, Mikolov, Bengio, 2013, "On the difficulty of
/// training recurrent neural networks").
void clip_norm(std::vector<Tensor>& by_weight, double limit) {
  const Tensor squares = squares_of(by_weight);
  if (!squares.defined()) return;  // nothing to train
  const TensorType scalar = squares.type();
  Program& program = squares.program();
  // A norm of 0 gives an infinity, and so the factor 1.
  const Tensor factor =
      minimum(fill(program, scalar, limit) / sqrt(squares), fill(program, scalar, 1.0));
  for (Tensor& gradient : by_weight) gradient = gradient * factor;
}

/// Adds the term's gradients to the others, scaled by min(1, limit·‖own‖/‖term's‖).
void add_clipped(std::vector<Tensor>& by_weight, const ClippedTerm& term, const Tensor& own_squares,
                 const std::vector<Tensor>& weights) {
  const std::vector<Tensor> gradient = gradients(term.value, weights);
  const Tensor squares = squares_of(gradient);
  const TensorType scalar = squares.type();
  Program& program = squares.program();
  // A gradient that is nothing stays it, whatever the classifier's own is.
  const Tensor length = maximum(sqrt(squares), fill(program, scalar, 1e-30));
  const Tensor factor = minimum(affine(sqrt(own_squares), term.limit, 0.0) / length, fill(program, scalar, 1.0));
  for (std::size_t i = 0; i < by_weight.size(); ++i) by_weight[i] = by_weight[i] + gradient[i] * factor;
}

/// The gradients of everything that the player learns, the clipped terms' scaled down.
std::vector<Tensor> gradients_of(const Learning& learning, const std::vector<Tensor>& weights) {
  if (learning.clipped.empty()) return gradients(learning.total, weights);
  std::vector<Tensor> by_weight = gradients(learning.free, weights);
  if (weights.empty()) return by_weight;
  const bool same = learning.own.id() == learning.free.id();
  const Tensor own_squares = squares_of(same ? by_weight : gradients(learning.own, weights));
  for (const ClippedTerm& term : learning.clipped) add_clipped(by_weight, term, own_squares, weights);
  return by_weight;
}

/// What the optimiser makes of the weight. Its plugin's failure is told at the optimizer, with the weight.
Tensor next_value(const OptimizerType& type, WeightUpdate& update, const OptimizerSpec& optimizer,
                  const Forward::TrainedWeight& weight) {
  const auto refuse = [&](const std::string& what) {
    throw GraphError(optimizer.type.where, "the optimizer \"" + type.name + "\" can't update " + weight.declaration.name +
                                               " (" + to_string(weight.declaration.type) + "): " + what);
  };
  Tensor next;
  try {
    next = type.build(update);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    refuse(error.what());
  } catch (...) {
    refuse("its plugin failed and doesn't say why");
  }
  if (!next.defined()) refuse("its plugin built nothing");
  if (next.type() != weight.declaration.type) refuse("it gives " + to_string(next.type()));
  return next;
}

std::vector<Tensor> clipped_gradients(Forward& forward, const Learning& learning,
                                      const std::vector<Forward::TrainedWeight>& weights) {
  std::vector<Tensor> values;
  for (const Forward::TrainedWeight& weight : weights) values.push_back(weight.value);
  std::vector<Tensor> by_weight = gradients_of(learning, values);
  forward.program().set_scope(learning.player + " clipping");
  if (learning.optimizer->clip_value) clip_values(by_weight, *learning.optimizer->clip_value);
  if (learning.optimizer->clip_norm) clip_norm(by_weight, *learning.optimizer->clip_norm);
  return by_weight;
}

/// The step counter and the weights of one player.
void learn(Forward& forward, const Learning& learning, const Tensor& gate) {
  Program& program = forward.program();
  const std::string& player = learning.player;
  const OptimizerSpec& optimizer = *learning.optimizer;
  const OptimizerType& type = *forward.graph().registry().find_optimizer(optimizer.type.text);

  const Tensor counter = forward.step_counter(player);
  const Tensor step = increment(counter, gate);
  program.assign(counter.id(), step.id());
  const double rate = optimizer.parameters.number("learning_rate");
  const Tensor learning_rate = forward.declare(
      {player + "/learning_rate", forward.scalar(), VariableRole::learning_rate, player, constant(rate)});
  const WeightUpdate::Common common{optimizer.parameters, step, gate};

  const std::vector<Forward::TrainedWeight> weights = forward.trained_weights_of(player);
  const std::vector<Tensor> by_weight = clipped_gradients(forward, learning, weights);
  for (std::size_t i = 0; i < by_weight.size(); ++i) {
    const Forward::TrainedWeight& weight = weights[i];
    program.set_scope(layer_of(weight.declaration.name));
    const double factor = weight.layer->learning_rate_factor;
    const Tensor own_rate = factor == 1.0 ? learning_rate : affine(learning_rate, factor, 0.0);
    WeightUpdate update(forward, common, weight, by_weight[i], own_rate);
    program.assign(weight.value.id(), gated(next_value(type, update, optimizer, weight), weight.value, gate).id());
  }
}

}  // namespace

Tensor with_penalties(Forward& forward, const std::string& player, const Tensor& loss) {
  Tensor total = loss;
  const auto add = [&](const Tensor& penalty) { total = total.defined() ? total + penalty : penalty; };
  for (const Forward::TrainedWeight& weight : forward.trained_weights_of(player)) {
    if (weight.value.rank() < 2) continue;
    forward.program().set_scope(layer_of(weight.declaration.name) + " penalty");
    if (weight.layer->l1 != 0.0) add(weight.layer->l1 * reduce_sum(abs(weight.value), {}));
    if (weight.layer->l2 != 0.0) add(weight.layer->l2 * reduce_sum(square(weight.value), {}));
  }
  for (const Forward::Penalty& penalty : forward.penalties()) {
    if (penalty.player == player) add(penalty.value);
  }
  return total;
}

Tensor train_on(Forward& forward, const std::vector<Learning>& learnings) {
  Program& program = forward.program();
  program.set_scope(forward.stepping() + " update");
  const Tensor gate = guard(forward, learnings);
  for (const Learning& learning : learnings) {
    program.set_scope(learning.player + " update");
    learn(forward, learning, gate);
  }
  for (const Forward::StatisticUpdate& update : forward.statistic_updates()) {
    program.set_scope(layer_of(program.value(update.statistic.id()).name));
    program.assign(update.statistic.id(), select(gate, update.next, update.statistic).id());
  }
  return gate;
}

void add_to_metric(Forward& forward, const std::string& name, const Tensor& value, double weight,
                   const Tensor& gate) {
  Program& program = forward.program();
  program.set_scope("metrics");
  const std::string player = gate.defined() ? forward.stepping() : "";
  const Tensor sum =
      forward.declare({"metrics/" + name, {DType::f64, {}}, VariableRole::metric, player, zeros()});
  const Tensor next = accumulate(sum, value, weight);
  program.assign(sum.id(), (gate.defined() ? select(gate, next, sum) : next).id());
}

}  // namespace generalizer
