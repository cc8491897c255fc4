#include <array>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/movement.h"

namespace generalizer {

const OpDefinition& ops::stop_gradient() {
  static const OpDefinition definition{
      .name = "stop_gradient",
      .summary = "x; no gradient passes through.",
      .input_names = {"x"},
      .output_names = {"y"},
      .infer = [](const OpSignature& signature) { return std::vector{signature.inputs[0]}; },
      .gradient = [](const GradientContext&) { return std::vector<Tensor>(1); },
      .reference = copy_whole,
      .flops = no_flops,
      .in_place = {{0, 0}},
      .view = true,
      .workspaces = {}};
  return definition;
}

Tensor stop_gradient(const Tensor& x) { return generalizer::apply(ops::stop_gradient(), std::array{x}); }

}  // namespace generalizer
