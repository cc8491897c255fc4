// Layers, a loss, an optimizer, a dataset and an op that fail in every way that C++ allows once they are used.
#include <stdexcept>

#include "generalizer/plugin.h"

using namespace generalizer;

namespace {

template <class Build>
LayerType layer(const char* name, Build build) {
  LayerType type;
  type.name = name;
  type.build = build;
  return type;
}

const OpDefinition& broken_rule() {
  static const OpDefinition op = [] {
    OpDefinition result;
    result.name = "broken_rule";
    result.input_names = {"x"};
    result.output_names = {"y"};
    result.infer = [](const OpSignature&) -> std::vector<TensorType> { throw std::out_of_range("axis 7 of 2"); };
    result.reference = [](const KernelContext&) {};
    return result;
  }();
  return op;
}

void register_all(Registry& registry) {
  registry.add_layer(layer("throws_standard", [](LayerBuilder&) -> Tensor { throw std::runtime_error("no such table"); }));
  registry.add_layer(layer("throws_number", [](LayerBuilder&) -> Tensor { throw 7; }));
  registry.add_layer(layer("gives_nothing", [](LayerBuilder&) { return Tensor(); }));
  registry.add_layer(layer("drops_the_batch", [](LayerBuilder& b) { return reduce_sum(b.input(), {0}); }));
  registry.add_layer(layer("gives_integers", [](LayerBuilder& b) { return cast(b.input(), DType::i32); }));
  registry.add_layer(layer("uses_broken_rule", [](LayerBuilder& b) {
    return generalizer::apply(broken_rule(), std::vector{b.input()});
  }));
  registry.add_op(broken_rule());
  LossType loss;
  loss.name = "throwing_loss";
  loss.target = LossTarget::labels;
  loss.build = [](const LossContext&) -> Tensor { throw std::logic_error("weights were never set"); };
  registry.add_loss(loss);
  OptimizerType optimizer;
  optimizer.name = "throwing_optimizer";
  optimizer.parameters = {parameter("learning_rate", {ParameterType::number}, 0.1, "Size of a step.")};
  optimizer.build = [](OptimizerBuilder&) -> Tensor { throw std::length_error("too long a history"); };
  registry.add_optimizer(optimizer);
  DatasetType dataset;
  dataset.name = "throwing_dataset";
  dataset.open = [](const Parameters&, Split) -> std::unique_ptr<Dataset> { throw std::runtime_error("the tape is torn"); };
  registry.add_dataset(dataset);
}

}  // namespace

GENERALIZER_PLUGIN("misbehaving", "0.1", "MIT", register_all)
