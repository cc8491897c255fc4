#include "inspection/use.h"

#include <algorithm>
#include <cmath>

#include "catalogue/example.h"
#include "generalizer/random.h"

namespace generalizer {
namespace {

Tensor input(Built& built, const std::string& name, const TensorType& type, std::uint64_t stream,
             std::int64_t classes = 4) {
  built.values[name] = made_up(type, name, stream, classes);
  return {*built.program, built.program->add_input(name, type)};
}

Use use_of_loss(const LossType& type, const Shape& shape) {
  const TomlNode table = table_of(example_keys(type.parameters));
  Use use{table, read_keys(table, type.parameters), "predictions N×" + shape.to_string(), shape.elements(), false, {}};
  use.build = [&type, shape](const Parameters& parameters, const Circumstances& c) {
    Built built;
    std::vector<std::int64_t> extents = {c.batch};
    extents.insert(extents.end(), shape.begin(), shape.end());
    const TensorType values{c.floating, Shape(extents)};
    const Tensor prediction = input(built, "prediction", values, c.stream);
    const Tensor target = type.target == LossTarget::labels
                              ? input(built, "label", {DType::i32, {c.batch}}, c.stream, shape[0])
                              : input(built, "target", values, c.stream);
    // Losses of probabilities want their values in [0, 1].
    for (const char* name : {"prediction", "target"}) {
      const auto numbers = built.values.find(name);
      if (numbers == built.values.end() || type.target == LossTarget::labels) continue;
      for (double& x : numbers->second) x = static_cast<float>(0.5 + 0.45 * x);
    }
    built.outputs = {type.build({prediction, target, parameters})};
    built.differentiable = {prediction};
    return built;
  };
  return use;
}

/// An optimiser's update of one weight, whose states are variables.
class Update final : public OptimizerBuilder {
 public:
  Update(Built& built, const Parameters& parameters, const Shape& shape, const Circumstances& c)
      : built_(built), parameters_(parameters) {
    const TensorType type{c.floating, shape};
    const TensorType scalar{c.floating, {}};
    weight_ = variable("weight", type, made_up(type, "weight", c.stream));
    gradient_ = input(built, "gradient", type, c.stream);
    step_ = variable("step", {DType::i64, {}}, {1.0});
    learning_rate_ = variable("learning_rate", scalar, {static_cast<float>(0.01)});
    gate_ = Tensor(*built.program, built.program->add_input("gate", scalar));
    built.values["gate"] = {1.0};
  }

  const Parameters& parameters() const override { return parameters_; }
  Tensor weight() const override { return weight_; }
  Tensor gradient() const override { return gradient_; }
  Tensor step() const override { return step_; }
  Tensor learning_rate() const override { return learning_rate_; }
  Tensor gate() const override { return gate_; }
  Tensor moment(const std::string& name) override {
    return variable("moment/" + name, weight_.type(),
                    std::vector<double>(static_cast<std::size_t>(weight_.shape().elements()), 0.0));
  }
  void update_moment(const Tensor& moment, const Tensor& next) override {
    built_.program->assign(moment.id(), next.id());
    built_.outputs.push_back(next);
  }

 private:
  Tensor variable(const std::string& name, const TensorType& type, std::vector<double> numbers) {
    built_.values[name] = std::move(numbers);
    return {*built_.program, built_.program->add_variable(name, type)};
  }

  Built& built_;
  const Parameters& parameters_;
  Tensor weight_, gradient_, step_, learning_rate_, gate_;
};

}  // namespace

const Use& smallest(const std::vector<Use>& uses) {
  return *std::min_element(uses.begin(), uses.end(), [](const Use& a, const Use& b) { return a.size < b.size; });
}

std::vector<double> made_up(const TensorType& type, const std::string& name, std::uint64_t stream,
                            std::int64_t classes) {
  std::vector<double> numbers(static_cast<std::size_t>(type.shape.elements()));
  const Philox random(stream, stream_of(name.c_str()));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double u = random.uniform(i);
    if (!is_floating(type.dtype)) {
      numbers[i] = std::floor(u * static_cast<double>(classes));
      continue;
    }
    const double x = 2.0 * u - 1.0;
    numbers[i] = static_cast<float>(std::copysign(0.05 + 0.95 * std::abs(x), x));
  }
  return numbers;
}

std::vector<Use> uses_of(const LossType& type) {
  std::vector<Shape> shapes = {{12}, {1, 16, 16}, {3, 12, 14}};
  if (type.target == LossTarget::labels) shapes = {{7}, {10}};
  std::vector<Use> uses;
  for (const Shape& shape : shapes) {
    Use use = use_of_loss(type, shape);
    try {
      (void)use.built();
      uses.push_back(std::move(use));
    } catch (const Error&) {
      // a loss of images refuses vectors
    }
  }
  return uses;
}

std::vector<Use> uses_of(const OptimizerType& type) {
  const TomlNode table = table_of(example_keys(type.parameters));
  std::vector<Use> uses;
  for (const Shape& shape : {Shape{5}, Shape{6, 7}, Shape{4, 3, 3, 3}}) {
    Use use{table, read_keys(table, type.parameters), "a weight of " + shape.to_string(), shape.elements(), false, {}};
    use.build = [&type, shape](const Parameters& parameters, const Circumstances& c) {
      Built built;
      Update update(built, parameters, shape, c);
      const Tensor next = type.build(update);
      if (!next.defined()) throw Error("Its build gives no tensor.");
      built.program->assign(update.weight().id(), next.id());
      built.outputs.insert(built.outputs.begin(), next);
      return built;
    };
    uses.push_back(std::move(use));
  }
  return uses;
}

}  // namespace generalizer
