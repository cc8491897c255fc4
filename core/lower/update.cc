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

/// health' = gate = is_finite(total) · health
Tensor guard(Forward& forward, const Tensor& total) {
  const Tensor health =
      forward.declare({"health", forward.scalar(), VariableRole::health, "", constant(1.0)});
  const Tensor gate = is_finite(total) * health;
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

/// Scales all gradients by min(1, limit/‖g‖), ‖g‖ being the Euclidean norm of them together (Pascanu, Mikolov, Bengio, 2013, "On the difficulty of
/// training recurrent neural networks").
void clip_norm(std::vector<Tensor>& by_weight, double limit) {
  Tensor squares;
  for (const Tensor& gradient : by_weight) {
    const Tensor own = reduce_sum(square(gradient), {});
    squares = squares.defined() ? squares + own : own;
  }
  if (!squares.defined()) return;  // nothing to train
  const TensorType scalar = squares.type();
  Program& program = squares.program();
  // A norm of 0 gives an infinity, and so the factor 1.
  const Tensor factor =
      minimum(fill(program, scalar, limit) / sqrt(squares), fill(program, scalar, 1.0));
  for (Tensor& gradient : by_weight) gradient = gradient * factor;
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

std::vector<Tensor> clipped_gradients(Forward& forward, const Tensor& total, const OptimizerSpec& optimizer) {
  std::vector<Tensor> values;
  for (const Forward::TrainedWeight& weight : forward.trained_weights()) values.push_back(weight.value);
  std::vector<Tensor> by_weight = gradients(total, values);
  forward.program().set_scope(forward.stepping() + " clipping");
  if (optimizer.clip_value) clip_values(by_weight, *optimizer.clip_value);
  if (optimizer.clip_norm) clip_norm(by_weight, *optimizer.clip_norm);
  return by_weight;
}

}  // namespace

Tensor with_penalties(Forward& forward, const Tensor& loss) {
  Tensor total = loss;
  for (const Forward::TrainedWeight& weight : forward.trained_weights()) {
    if (weight.value.rank() < 2) continue;
    forward.program().set_scope(layer_of(weight.declaration.name) + " penalty");
    if (weight.layer->l1 != 0.0) total = total + weight.layer->l1 * reduce_sum(abs(weight.value), {});
    if (weight.layer->l2 != 0.0) total = total + weight.layer->l2 * reduce_sum(square(weight.value), {});
  }
  return total;
}

Tensor train_on(Forward& forward, const Tensor& total, const OptimizerSpec& optimizer) {
  Program& program = forward.program();
  const std::string& player = forward.stepping();
  const OptimizerType& type = *forward.graph().registry().find_optimizer(optimizer.type.text);

  program.set_scope(player + " update");
  const Tensor gate = guard(forward, total);
  const Tensor counter = forward.step_counter();
  const Tensor step = increment(counter, gate);
  program.assign(counter.id(), step.id());
  const double rate = optimizer.parameters.number("learning_rate");
  const Tensor learning_rate = forward.declare(
      {player + "/learning_rate", forward.scalar(), VariableRole::learning_rate, player, constant(rate)});
  const WeightUpdate::Common common{optimizer.parameters, step, gate};

  const std::vector<Tensor> by_weight = clipped_gradients(forward, total, optimizer);
  for (std::size_t i = 0; i < by_weight.size(); ++i) {
    const Forward::TrainedWeight& weight = forward.trained_weights()[i];
    program.set_scope(layer_of(weight.declaration.name));
    const double factor = weight.layer->learning_rate_factor;
    const Tensor own_rate = factor == 1.0 ? learning_rate : affine(learning_rate, factor, 0.0);
    WeightUpdate update(forward, common, weight, by_weight[i], own_rate);
    program.assign(weight.value.id(), gated(next_value(type, update, optimizer, weight), weight.value, gate).id());
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
