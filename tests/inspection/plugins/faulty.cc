// A plugin in which every type has one fault that `test-plugin` must find, beside a layer and an op that are sound.
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include "generalizer/plugin.h"

using namespace generalizer;

namespace {

template <class Build>
LayerType layer(const std::string& name, Build build, std::vector<ParameterSpec> parameters = {}) {
  LayerType type;
  type.name = name;
  type.summary = "A layer of the tests.";
  type.parameters = std::move(parameters);
  type.build = build;
  return type;
}

ParameterSpec size() { return at_least(parameter("size", {ParameterType::integer}, std::int64_t{2}, "A size."), 0); }

template <class T>
void scale(const KernelContext& context, double factor) {
  for (std::int64_t i = 0; i < context.inputs[0].type.shape.elements(); ++i)
    context.outputs[0].as<T>()[i] = static_cast<T>(factor * static_cast<double>(context.inputs[0].as<T>()[i]));
}

ReferenceKernel scaled(double factor) {
  return [factor](const KernelContext& context) {
    dispatch_floating(context.inputs[0].type.dtype, [&]<class T>(T) { scale<T>(context, factor); });
  };
}

/// y = 3·x
OpDefinition tripled(const std::string& name) {
  OpDefinition op;
  op.name = name;
  op.summary = "3·x.";
  op.input_names = {"x"};
  op.output_names = {"y"};
  op.infer = [](const OpSignature& signature) {
    if (!is_floating(signature.inputs[0].dtype)) throw Error("it takes floating numbers");
    return std::vector{signature.inputs[0]};
  };
  op.gradient = [](const GradientContext& context) { return std::vector{context.output_gradients[0] * 3.0}; };
  op.reference = scaled(3.0);
  op.cpu = scaled(3.0);
  return op;
}

const OpDefinition& sound_op() {
  static const OpDefinition op = tripled("sound_op");
  return op;
}

/// Its gradient is 2·dy.
const OpDefinition& wrong_gradient_op() {
  static const OpDefinition op = [] {
    OpDefinition result = tripled("wrong_gradient_op");
    result.gradient = [](const GradientContext& context) { return std::vector{context.output_gradients[0] * 2.0}; };
    return result;
  }();
  return op;
}

/// Its kernel for CPUs writes one element too many.
const OpDefinition& overrun_op() {
  static const OpDefinition op = [] {
    OpDefinition result = tripled("overrun_op");
    result.cpu = [](const KernelContext& context) {
      scaled(3.0)(context);
      dispatch_floating(context.inputs[0].type.dtype,
                        [&]<class T>(T) { context.outputs[0].as<T>()[context.outputs[0].type.shape.elements()] = T{1}; });
    };
    return result;
  }();
  return op;
}

/// Its reference kernel leaves the last element as it was.
const OpDefinition& unwritten_op() {
  static const OpDefinition op = [] {
    OpDefinition result = tripled("unwritten_op");
    result.cpu = {};
    result.reference = [](const KernelContext& context) {
      dispatch_floating(context.inputs[0].type.dtype, [&]<class T>(T) {
        for (std::int64_t i = 0; i + 1 < context.inputs[0].type.shape.elements(); ++i) context.outputs[0].as<T>()[i] = T{3} * context.inputs[0].as<T>()[i];
      });
    };
    return result;
  }();
  return op;
}

const OpDefinition& wrong_kernel_op() {
  static const OpDefinition op = [] {
    OpDefinition result = tripled("wrong_kernel_op");
    result.cpu = scaled(3.001);
    return result;
  }();
  return op;
}

/// Its shape rule reads the second extent of what may be a scalar.
const OpDefinition& careless_rule_op() {
  static const OpDefinition op = [] {
    OpDefinition result = tripled("careless_rule_op");
    result.infer = [](const OpSignature& signature) {
      const std::span<const std::int64_t> extents = signature.inputs[0].shape.extents();
      if (extents.size() < 2) throw std::out_of_range("extent 1 of " + std::to_string(extents.size()));
      return std::vector{signature.inputs[0]};
    };
    return result;
  }();
  return op;
}

template <const OpDefinition& (*op)()>
Tensor use(LayerBuilder& layer) {
  return generalizer::apply(op(), std::array{layer.input()});
}

Tensor crashes_at_0(LayerBuilder& layer) {
  if (layer.integer("size") == 0) std::raise(SIGSEGV);
  return relu(layer.input());
}

Tensor never_ends_at_0(LayerBuilder& layer) {
  volatile bool forever = layer.integer("size") == 0;
  while (forever) {
  }
  return relu(layer.input());
}

Tensor exits_at_0(LayerBuilder& layer) {
  if (layer.integer("size") == 0) std::_Exit(7);
  return relu(layer.input());
}

Tensor throws_at_0(LayerBuilder& layer) {
  if (layer.integer("size") == 0) throw std::domain_error("size 0");
  return relu(layer.input());
}

/// x / (1 − rate)
Tensor infinite_at_1(LayerBuilder& layer) {
  const Tensor& x = layer.input();
  return x / fill(layer.program(), {x.dtype(), {}}, 1.0 - layer.number("rate"));
}

Tensor weight_of_batch(LayerBuilder& layer) {
  const Tensor& x = layer.input();
  return x * layer.weight("scale", x.shape(), ones());
}

/// Sums the batch away.
Tensor drops_batch(LayerBuilder& layer) { return reduce_sum(layer.input(), {0}); }

/// Every build multiplies by another number.
Tensor remembers(LayerBuilder& layer) {
  static std::atomic<int> builds{0};
  return layer.input() * (1.0 + 1e-3 * ++builds);
}

/// Straight through: rounds forward, and lets the gradient pass.
Tensor straight_through(LayerBuilder& layer) {
  const Tensor& x = layer.input();
  return x + stop_gradient(sign(x) - x);
}

/// In evaluation, too, an image loses the mean of all images.
Tensor mixes_images(LayerBuilder& layer) { return layer.input() - reduce_mean(layer.input(), {0}, true); }

Tensor asks_in_other_order(LayerBuilder& layer) {
  const char* first = layer.training() ? "a" : "b";
  const char* second = layer.training() ? "b" : "a";
  return layer.input() * layer.weight(first, {1}, ones()) + layer.weight(second, {1}, ones());
}

Tensor only_five(LayerBuilder& layer) {
  if (layer.input().rank() != 2 || layer.input().dim(1) != 5) layer.fail("it takes five numbers");
  return tanh(layer.input());
}

void register_all(Registry& registry) {
  for (const OpDefinition* op : {&sound_op(), &wrong_gradient_op(), &wrong_kernel_op(), &careless_rule_op(), &overrun_op(), &unwritten_op()}) registry.add_op(*op);
  registry.add_layer(layer("sound", use<sound_op>));
  registry.add_layer(layer("wrong_gradient", use<wrong_gradient_op>));
  registry.add_layer(layer("wrong_kernel", use<wrong_kernel_op>));
  registry.add_layer(layer("careless_rule", use<careless_rule_op>));
  registry.add_layer(layer("crashes_at_0", crashes_at_0, {size()}));
  registry.add_layer(layer("never_ends_at_0", never_ends_at_0, {size()}));
  registry.add_layer(layer("exits_at_0", exits_at_0, {size()}));
  registry.add_layer(layer("throws_at_0", throws_at_0, {size()}));
  registry.add_layer(layer("infinite_at_1", infinite_at_1,
                           {at_most(at_least(parameter("rate", {ParameterType::number}, 0.5, "A rate."), 0), 1)}));
  registry.add_layer(layer("weight_of_batch", weight_of_batch));
  registry.add_layer(layer("drops_batch", drops_batch));
  registry.add_layer(layer("remembers", remembers));
  registry.add_layer(layer("straight_through", straight_through));
  registry.add_layer(layer("only_five", only_five));
  registry.add_layer(layer("overrun", use<overrun_op>));
  registry.add_layer(layer("unwritten", use<unwritten_op>));
  registry.add_layer(layer("mixes_images", mixes_images));
  registry.add_layer(layer("asks_in_other_order", asks_in_other_order));
  registry.add_layer(layer("badly_declared", [](LayerBuilder& b) { return relu(b.input()); },
                           {at_least(parameter("Size", {ParameterType::integer}, std::int64_t{0}, ""), 1)}));

  OptimizerType climbs;
  climbs.name = "climbs";
  climbs.summary = "Goes up.";
  climbs.parameters = {above(parameter("learning_rate", {ParameterType::number}, 0.01, "Size of a step."), 0)};
  climbs.build = [](OptimizerBuilder& b) { return b.weight() + b.learning_rate() * b.gradient(); };
  registry.add_optimizer(climbs);

  climbs.name = "forgets";
  climbs.build = [](OptimizerBuilder& b) { return b.weight() - b.learning_rate() * (b.gradient() + b.moment("momentum")); };
  registry.add_optimizer(climbs);

  LossType sum;
  sum.name = "sum";
  sum.summary = "A sum in place of a mean.";
  sum.build = [](const LossContext& c) { return reduce_sum((c.prediction - c.target) * (c.prediction - c.target), {}); };
  registry.add_loss(sum);

  DatasetType nothing;
  nothing.name = "nothing";
  nothing.summary = "Opens nothing.";
  nothing.open = [](const Parameters&, Split) { return std::unique_ptr<Dataset>(); };
  registry.add_dataset(nothing);

  DatasetType careless;
  careless.name = "careless_files";
  careless.summary = "Opens without looking.";
  careless.parameters = {required_parameter("file", {ParameterType::path}, "The file.")};
  careless.open = [](const Parameters&, Split) -> std::unique_ptr<Dataset> { throw std::runtime_error("stream failed"); };
  registry.add_dataset(careless);
}

}  // namespace

GENERALIZER_PLUGIN("faulty", "0.1", "MIT", register_all)
