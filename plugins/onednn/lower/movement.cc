#include "kernels/movement.h"

#include <cstring>

#include "generalizer/random.h"
#include "lower/lower.h"

namespace generalizer::onednn {

namespace {

void emit_copies(Lowering& lowering, const std::vector<BufferId>& from, BufferId to,
                 std::vector<BoxCopy> copies) {
  for (BoxCopy& copy : copies) copy.simplify();
  std::vector<BufferId> touched = from;
  touched.push_back(to);
  lowering.emit(touched, [=](const Pointers& at) {
    for (std::size_t i = 0; i < copies.size(); ++i)
      copies[i].run(at.at<std::byte>(from[i]), at.at<std::byte>(to));
  });
}

/// A box of the index space, from its place in one row-major tensor to its place in another; the offsets are for the caller.
BoxCopy copy_between(const Shape& box, const Shape& from, const Shape& to) {
  BoxCopy copy;
  copy.extents = {box.begin(), box.end()};
  copy.from_strides = from.strides();
  copy.to_strides = to.strides();
  return copy;
}

}  // namespace

void lower_transpose(Lowering& lowering, const Node& node, NodeId) {
  const Shape& from = lowering.shape(node.inputs[0]);
  const Shape& to = lowering.shape(node.outputs[0]);
  const auto& permutation = node.attributes.integers("permutation");
  BoxCopy copy = copy_between(to, to, to);
  const std::vector<std::int64_t> strides = from.strides();
  for (std::size_t axis = 0; axis < permutation.size(); ++axis) {
    copy.from_strides[axis] = strides[static_cast<std::size_t>(permutation[axis])];
  }
  const Located x = lowering.read_plain(node.inputs[0]);
  const Located y = lowering.write_plain(node.outputs[0]);
  emit_copies(lowering, {x.buffer}, y.buffer, {copy});
}

void lower_concat(Lowering& lowering, const Node& node, NodeId) {
  const auto axis = static_cast<std::size_t>(node.attributes.integer("axis"));
  const Shape& to = lowering.shape(node.outputs[0]);
  std::vector<BufferId> parts;
  std::vector<BoxCopy> copies;
  std::int64_t begin = 0;
  for (const ValueId value : node.inputs) {
    const Shape& from = lowering.shape(value);
    parts.push_back(lowering.read_plain(value).buffer);
    copies.push_back(copy_between(from, from, to));
    copies.back().to_offset = begin * to.strides()[axis];
    begin += from[axis];
  }
  const Located y = lowering.write_plain(node.outputs[0]);
  emit_copies(lowering, parts, y.buffer, std::move(copies));
}

void lower_slice(Lowering& lowering, const Node& node, NodeId) {
  const auto axis = static_cast<std::size_t>(node.attributes.integer("axis"));
  const Shape& from = lowering.shape(node.inputs[0]);
  const Shape& to = lowering.shape(node.outputs[0]);
  BoxCopy copy = copy_between(to, from, to);
  copy.from_offset = node.attributes.integer("begin") * from.strides()[axis];
  const Located x = lowering.read_plain(node.inputs[0]);
  const Located y = lowering.write_plain(node.outputs[0]);
  emit_copies(lowering, {x.buffer}, y.buffer, {copy});
}

void lower_pad(Lowering& lowering, const Node& node, NodeId) {
  const auto axis = static_cast<std::size_t>(node.attributes.integer("axis"));
  const Shape& from = lowering.shape(node.inputs[0]);
  const Shape& to = lowering.shape(node.outputs[0]);
  BoxCopy copy = copy_between(from, from, to);
  copy.to_offset = node.attributes.integer("before") * to.strides()[axis];
  const Located x = lowering.read_plain(node.inputs[0]);
  const Located y = lowering.write_plain(node.outputs[0]);
  const auto bytes = static_cast<std::size_t>(y.bytes());
  lowering.emit({y.buffer},
                [=, y = y.buffer](const Pointers& at) { std::memset(at.at<std::byte>(y), 0, bytes); });
  emit_copies(lowering, {x.buffer}, y.buffer, {copy});
}

void lower_fill(Lowering& lowering, const Node& node, NodeId) {
  const TensorType& type = lowering.type(node.outputs[0]);
  const double value = node.attributes.number("value");
  AlignedMemory content(type.bytes());
  const std::vector<double> values(static_cast<std::size_t>(type.shape.elements()), value);
  cast(DType::f64, values.data(), type.dtype, content.data(), type.shape.elements());
  lowering.constant(node.outputs[0], std::move(content));
}

void lower_constant_values(Lowering& lowering, const Node& node, NodeId) {
  const TensorType& type = lowering.type(node.outputs[0]);
  const std::vector<double>& values = node.attributes.numbers("values");
  AlignedMemory content(type.bytes());
  cast(DType::f64, values.data(), type.dtype, content.data(), type.shape.elements());
  lowering.constant(node.outputs[0], std::move(content));
}

void lower_cast(Lowering& lowering, const Node& node, NodeId) {
  const Located x = lowering.read_plain(node.inputs[0]);
  const Located y = lowering.write_plain(node.outputs[0]);
  const DType from = lowering.type(node.inputs[0]).dtype;
  const DType to = lowering.type(node.outputs[0]).dtype;
  const std::int64_t count = lowering.shape(node.outputs[0]).elements();
  lowering.emit({x.buffer, y.buffer}, [=, x = x.buffer, y = y.buffer](const Pointers& at) {
    cast(from, at.at<void>(x), to, at.at<void>(y), count);
  });
}

void lower_random(Lowering& lowering, const Node& node, NodeId id) {
  if (lowering.type(node.outputs[0]).dtype != DType::f32) {
    lower_by_reference(lowering, node, id);
    return;
  }
  const Located step = lowering.read_plain(node.inputs[0]);
  const Located y = lowering.write_plain(node.outputs[0]);
  const auto seed = static_cast<std::uint64_t>(node.attributes.integer("seed"));
  const auto stream = static_cast<std::uint64_t>(node.attributes.integer("stream"));
  const std::int64_t count = y.floats();
  const auto generate = node.op->name == "random_normal" ? random_normal : random_uniform;
  lowering.emit({step.buffer, y.buffer}, [=, step = step.buffer, y = y.buffer](const Pointers& at) {
    const auto now = static_cast<std::uint64_t>(*at.at<std::int64_t>(step));
    generate(seed, mix_streams(stream, now), at.at(y), count);
  });
}

}  // namespace generalizer::onednn
