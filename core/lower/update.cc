#include "lower/update.h"

#include <algorithm>

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
    Tensor learning_rate;
    Tensor gate;
  };

  WeightUpdate(Forward& forward, const Common& common, const VariableDeclaration& weight, Tensor gradient)
      : forward_(forward),
        common_(common),
        declaration_(weight),
        weight_(forward.declare(weight)),
        gradient_(gradient) {}

  const Parameters& parameters() const override { return common_.parameters; }
  Tensor weight() const override { return weight_; }
  Tensor gradient() const override { return gradient_; }
  Tensor step() const override { return common_.step; }
  Tensor learning_rate() const override { return common_.learning_rate; }
  Tensor gate() const override { return common_.gate; }

  Tensor moment(const std::string& name) override {
    return forward_.declare({declaration_.name + "/" + name, declaration_.type, VariableRole::moment,
                             declaration_.player, zeros()});
  }

  void update_moment(const Tensor& moment, const Tensor& next) override {
    forward_.program().assign(moment.id(), gated(next, moment, common_.gate).id());
  }

 private:
  Forward& forward_;
  const Common& common_;
  VariableDeclaration declaration_;
  Tensor weight_;
  Tensor gradient_;
};

/// The scope of a weight's update is its layer: "classifier/conv1".
std::string layer_of(const std::string& variable) { return variable.substr(0, variable.rfind('/')); }

std::vector<VariableDeclaration> weights_of(const Forward& forward) {
  std::vector<VariableDeclaration> weights;
  for (const VariableDeclaration& variable : forward.declarations()) {
    if (variable.role == VariableRole::weight && variable.player == forward.stepping())
      weights.push_back(variable);
  }
  return weights;
}

/// health' = gate = is_finite(total) · health
Tensor guard(Forward& forward, const Tensor& total) {
  const Tensor health =
      forward.declare({"health", forward.scalar(), VariableRole::health, "", constant(1.0)});
  const Tensor gate = is_finite(total) * health;
  forward.program().assign(health.id(), gate.id());
  return gate;
}

}  // namespace

Tensor train_on(Forward& forward, const Tensor& total, const TypedSpec& optimizer) {
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
  const WeightUpdate::Common common{optimizer.parameters, step, learning_rate, gate};

  const std::vector<VariableDeclaration> weights = weights_of(forward);
  std::vector<Tensor> values;
  for (const VariableDeclaration& weight : weights) values.push_back(forward.declare(weight));
  const std::vector<Tensor> by_weight = gradients(total, values);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    program.set_scope(layer_of(weights[i].name));
    WeightUpdate update(forward, common, weights[i], by_weight[i]);
    program.assign(values[i].id(), gated(type.build(update), values[i], gate).id());
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
