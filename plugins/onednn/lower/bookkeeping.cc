#include <cstring>

#include "lower/lower.h"

namespace generalizer::onednn {

void lower_increment(Lowering& lowering, const Node& node, NodeId) {
  const Located counter = lowering.read_plain(node.inputs[0]);
  const Located gate = lowering.read_plain(node.inputs[1]);
  const Located next = lowering.write_over(node.outputs[0], counter.layout, {{node.inputs[0], counter}});
  lowering.emit({counter.buffer, gate.buffer, next.buffer},
                [counter = counter.buffer, gate = gate.buffer, next = next.buffer](const Pointers& at) {
                  *at.at<std::int64_t>(next) = *at.at<std::int64_t>(counter) + (*at.at(gate) != 0.0F ? 1 : 0);
                });
}

void lower_select(Lowering& lowering, const Node& node, NodeId) {
  const Located gate = lowering.read_plain(node.inputs[0]);
  const Descriptor layout = lowering.layout(node.inputs[1]);
  const Located chosen = lowering.read(node.inputs[1], layout);
  const Located otherwise = lowering.read(node.inputs[2], layout);
  const Located result =
      lowering.write_over(node.outputs[0], layout, {{node.inputs[1], chosen}, {node.inputs[2], otherwise}});
  const auto bytes = static_cast<std::size_t>(result.bytes());
  lowering.emit({gate.buffer, chosen.buffer, otherwise.buffer, result.buffer},
                [=, gate = gate.buffer, chosen = chosen.buffer, otherwise = otherwise.buffer,
                 result = result.buffer](const Pointers& at) {
                  const std::byte* from = at.at<std::byte>(*at.at(gate) != 0.0F ? chosen : otherwise);
                  if (from != at.at<std::byte>(result)) std::memcpy(at.at<std::byte>(result), from, bytes);
                });
}

void lower_accumulate(Lowering& lowering, const Node& node, NodeId) {
  const Located sum = lowering.read_plain(node.inputs[0]);
  const Located value = lowering.read_plain(node.inputs[1]);
  const Located next = lowering.write_over(node.outputs[0], sum.layout, {{node.inputs[0], sum}});
  const double weight = node.attributes.number("weight");
  lowering.emit({sum.buffer, value.buffer, next.buffer},
                [=, sum = sum.buffer, value = value.buffer, next = next.buffer](const Pointers& at) {
                  *at.at<double>(next) = *at.at<double>(sum) + weight * static_cast<double>(*at.at(value));
                });
}

}  // namespace generalizer::onednn
