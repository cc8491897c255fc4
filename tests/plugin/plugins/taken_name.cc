// Claims a built-in op's name.
#include "generalizer/plugin.h"

namespace {

const generalizer::OpDefinition& relu() {
  static const generalizer::OpDefinition op = [] {
    generalizer::OpDefinition result;
    result.name = "relu";
    result.infer = [](const generalizer::OpSignature& signature) { return std::vector{signature.inputs[0]}; };
    result.reference = [](const generalizer::KernelContext&) {};
    return result;
  }();
  return op;
}

}  // namespace

GENERALIZER_PLUGIN("taken_name", "0.1", "MIT", [](generalizer::Registry& registry) { registry.add_op(relu()); })
