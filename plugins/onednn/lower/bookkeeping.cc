#include <cstring>

#include "kernels/parallel.h"
#include "lower/lower.h"

namespace generalizer::onednn {

namespace {

/// Whether one number, f32 or f64, is not 0.
bool is_open(const Pointers& at, BufferId gate, DType dtype) {
  return dtype == DType::f64 ? *at.at<double>(gate) != 0.0 : *at.at(gate) != 0.0F;
}

/// Floats in the layout of `chosen`, whole numbers row-major.
void lower_select_elements(Lowering& lowering, const Node& node) {
  const TensorType type = lowering.type(node.inputs[1]);
  const Descriptor layout = type.dtype == DType::f32 ? lowering.layout(node.inputs[1]) : plain(type);
  if (lowering.type(node.inputs[0]).dtype != DType::f32) throw Error("it computes in f32 only");
  const Located gate =
      type.dtype == DType::f32 ? lowering.read(node.inputs[0], layout) : lowering.read_plain(node.inputs[0]);
  const Located chosen = lowering.read(node.inputs[1], layout);
  const Located otherwise = lowering.read(node.inputs[2], layout);
  const Located result =
      lowering.write_over(node.outputs[0], layout, {{node.inputs[1], chosen}, {node.inputs[2], otherwise}});
  dispatch_element(type.dtype, [&]<class T>(T) {
    const auto count = static_cast<std::int64_t>(result.bytes() / sizeof(T));  // filled up channels included
    lowering.emit({gate.buffer, chosen.buffer, otherwise.buffer, result.buffer},
                  [=, gate = gate.buffer, chosen = chosen.buffer, otherwise = otherwise.buffer,
                   result = result.buffer](const Pointers& at) {
                    const float* open = at.at(gate);
                    const T* a = at.at<T>(chosen);
                    const T* b = at.at<T>(otherwise);
                    T* y = at.at<T>(result);
                    parallel_range(count, [=](std::int64_t begin, std::int64_t end) {
                      for (std::int64_t i = begin; i < end; ++i) y[i] = open[i] != 0.0F ? a[i] : b[i];
                    });
                  });
  });
}

}  // namespace

void lower_increment(Lowering& lowering, const Node& node, NodeId) {
  const Located counter = lowering.read_plain(node.inputs[0]);
  const Located gate = lowering.read_plain(node.inputs[1]);
  const Located next = lowering.write_over(node.outputs[0], counter.layout, {{node.inputs[0], counter}});
  lowering.emit({counter.buffer, gate.buffer, next.buffer},
                [counter = counter.buffer, gate = gate.buffer, next = next.buffer,
                 dtype = lowering.type(node.inputs[1]).dtype](const Pointers& at) {
                  *at.at<std::int64_t>(next) =
                      *at.at<std::int64_t>(counter) + (is_open(at, gate, dtype) ? 1 : 0);
                });
}

void lower_select(Lowering& lowering, const Node& node, NodeId) {
  if (lowering.shape(node.inputs[0]).rank() != 0) return lower_select_elements(lowering, node);
  const Located gate = lowering.read_plain(node.inputs[0]);
  const Descriptor layout = lowering.layout(node.inputs[1]);
  const Located chosen = lowering.read(node.inputs[1], layout);
  const Located otherwise = lowering.read(node.inputs[2], layout);
  const Located result =
      lowering.write_over(node.outputs[0], layout, {{node.inputs[1], chosen}, {node.inputs[2], otherwise}});
  const auto bytes = static_cast<std::size_t>(result.bytes());
  lowering.emit({gate.buffer, chosen.buffer, otherwise.buffer, result.buffer},
                [=, gate = gate.buffer, chosen = chosen.buffer, otherwise = otherwise.buffer,
                 result = result.buffer, dtype = lowering.type(node.inputs[0]).dtype](const Pointers& at) {
                  const std::byte* from = at.at<std::byte>(is_open(at, gate, dtype) ? chosen : otherwise);
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
