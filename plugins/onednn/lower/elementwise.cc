#include "kernels/elementwise.h"

#include "kernels/parallel.h"
#include "lower/lower.h"

namespace generalizer::onednn {

namespace {

float number_or(const Node& node, const char* name, float otherwise) {
  return node.attributes.has(name) ? static_cast<float>(node.attributes.number(name)) : otherwise;
}

/// The layout of the first operand that isn't row-major, as far as the op may work in it.
Descriptor common_layout(const Lowering& lowering, const Node& node) {
  for (const ValueId value : node.inputs) {
    const Descriptor layout = lowering.layout(value);
    if (!is_plain(layout) && (!is_padded(layout) || keeps_zero(node))) return layout;
  }
  return plain(lowering.type(node.outputs[0]));
}

void lower_pair(Lowering& lowering, const Node& node, float p) {
  const Descriptor layout = common_layout(lowering, node);
  const Located a = lowering.read(node.inputs[0], layout);
  const Located b = lowering.read(node.inputs[1], layout);
  const Located y = lowering.write_over(node.outputs[0], layout, {{node.inputs[0], a}, {node.inputs[1], b}});
  const BinaryLoop loop = find_binary_loop(node.op->name);
  const std::int64_t count = y.floats();
  lowering.emit({a.buffer, b.buffer, y.buffer},
                [=, a = a.buffer, b = b.buffer, y = y.buffer](const Pointers& at) {
                  parallel_range(count, [&](std::int64_t begin, std::int64_t end) {
                    loop(at.at(a) + begin, at.at(b) + begin, at.at(y) + begin, end - begin, p);
                  });
                });
}

/// An operand of a broadcast by the result's axes: 0 where it stands still.
Dims broadcast_strides(const Shape& operand, const Shape& result) {
  Dims strides(result.rank(), 0);
  const std::vector<std::int64_t> own = operand.strides();
  const std::size_t missing = result.rank() - operand.rank();
  for (std::size_t axis = 0; axis < operand.rank(); ++axis) {
    if (operand[axis] != 1) strides[missing + axis] = own[axis];
  }
  return strides;
}

/// Two operands over the result's index space, neighbouring axes merged where both go on evenly.
struct Broadcast {
  Dims extents;
  Dims a;
  Dims b;
};

Broadcast plan_broadcast(const Shape& a, const Shape& b, const Shape& result) {
  const Dims a_strides = broadcast_strides(a, result);
  const Dims b_strides = broadcast_strides(b, result);
  Broadcast plan;
  for (std::size_t axis = 0; axis < result.rank(); ++axis) {
    if (result[axis] == 1) continue;
    const bool continues = !plan.extents.empty() && plan.a.back() == result[axis] * a_strides[axis] &&
                           plan.b.back() == result[axis] * b_strides[axis];
    if (continues) {
      plan.extents.back() *= result[axis];
      plan.a.back() = a_strides[axis];
      plan.b.back() = b_strides[axis];
    } else {
      plan.extents.push_back(result[axis]);
      plan.a.push_back(a_strides[axis]);
      plan.b.push_back(b_strides[axis]);
    }
  }
  if (plan.extents.empty()) plan = {{1}, {1}, {1}};
  return plan;
}

void run_broadcast(const Broadcast& plan, BinaryLoop loop, const float* a, const float* b, float* y) {
  const std::size_t last = plan.extents.size() - 1;
  const std::int64_t run = plan.extents[last];
  std::int64_t lines = 1;
  for (std::size_t axis = 0; axis < last; ++axis) lines *= plan.extents[axis];
  parallel_items(lines, run, [&](std::int64_t line) {
    std::int64_t a_offset = 0;
    std::int64_t b_offset = 0;
    std::int64_t rest = line;
    for (std::size_t axis = last; axis-- > 0; rest /= plan.extents[axis]) {
      a_offset += rest % plan.extents[axis] * plan.a[axis];
      b_offset += rest % plan.extents[axis] * plan.b[axis];
    }
    loop(a + a_offset, b + b_offset, y + line * run, run, 0.0F);
  });
}

}  // namespace

void lower_unary(Lowering& lowering, const Node& node, NodeId) {
  const Descriptor layout = common_layout(lowering, node);
  const Located x = lowering.read(node.inputs[0], layout);
  const Located y = lowering.write_over(node.outputs[0], layout, {{node.inputs[0], x}});
  const UnaryLoop loop = find_unary_loop(node.op->name);
  const bool is_affine = node.op->name == "affine";
  const float p =
      is_affine ? number_or(node, "scale", 1) : number_or(node, "slope", number_or(node, "threshold", 0));
  const float q = number_or(node, "shift", 0);
  const std::int64_t count = y.floats();
  lowering.emit({x.buffer, y.buffer}, [=, x = x.buffer, y = y.buffer](const Pointers& at) {
    parallel_range(count, [&](std::int64_t begin, std::int64_t end) {
      loop(at.at(x) + begin, at.at(y) + begin, end - begin, p, q);
    });
  });
}

void lower_transcendental(Lowering& lowering, const Node& node, NodeId) {
  const Descriptor layout = common_layout(lowering, node);
  const Located x = lowering.read(node.inputs[0], layout);
  const Located y = lowering.write_over(node.outputs[0], layout, {{node.inputs[0], x}});
  const Activation function = activation_of(node);
  const Descriptor flat =
      plain(Dims{y.floats()});  // element by element, padding included: the layout means nothing
  const dnnl::eltwise_forward::primitive_desc kernel(lowering.engine(), dnnl::prop_kind::forward_inference,
                                                     function.algorithm, flat, flat, function.alpha, 0.0F,
                                                     attributes_with_shared_scratchpad());
  lowering.emit(dnnl::eltwise_forward(kernel), kernel.scratchpad_desc(),
                {{DNNL_ARG_SRC, {flat, x.buffer}}, {DNNL_ARG_DST, {flat, y.buffer}}});
}

void lower_activation_gradient(Lowering& lowering, const Node& node, NodeId) {
  lower_pair(lowering, node, number_or(node, "slope", 0));
}

void lower_binary(Lowering& lowering, const Node& node, NodeId) {
  const Shape& result = lowering.shape(node.outputs[0]);
  if (lowering.shape(node.inputs[0]) == result && lowering.shape(node.inputs[1]) == result) {
    lower_pair(lowering, node, 0);
    return;
  }
  if (lower_channel_scale(lowering, node)) return;
  const Located a = lowering.read_plain(node.inputs[0]);
  const Located b = lowering.read_plain(node.inputs[1]);
  const Located y = lowering.write_plain(node.outputs[0]);
  const Broadcast plan =
      plan_broadcast(lowering.shape(node.inputs[0]), lowering.shape(node.inputs[1]), result);
  const std::string& op = node.op->name;
  const BinaryLoop loop = plan.a.back() == 0   ? find_binary_loop_with_one_a(op)
                          : plan.b.back() == 0 ? find_binary_loop_with_one_b(op)
                                               : find_binary_loop(op);
  lowering.emit({a.buffer, b.buffer, y.buffer},
                [=, a = a.buffer, b = b.buffer, y = y.buffer](const Pointers& at) {
                  run_broadcast(plan, loop, at.at(a), at.at(b), at.at(y));
                });
}

}  // namespace generalizer::onednn
