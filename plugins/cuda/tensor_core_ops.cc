#include "tensor_core_ops.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "generalizer/ops.h"
#include "tensor_cores.h"

namespace generalizer::cuda {
namespace {

constexpr const char* kSuffix = "_nhwc";

/// To the nearest number without the last `bits` bits of its pattern, of two the even one.
std::uint32_t nearest(float number, int bits) {
  const auto pattern = std::bit_cast<std::uint32_t>(number);
  const std::uint32_t rest = (1U << bits) - 1;
  if ((pattern & 0x7FFFFFFFU) > 0x7F800000U) return (pattern | 0x400000U) & ~rest;
  return (pattern + rest / 2 + (pattern >> bits & 1U)) & ~rest;
}

Shape permuted(const Shape& shape, const std::vector<std::int64_t>& order) {
  std::vector<std::int64_t> extents;
  for (const std::int64_t axis : order) extents.push_back(shape[static_cast<std::size_t>(axis)]);
  return Shape(extents);
}

/// A row-major tensor that owns its numbers.
struct Numbers {
  TensorType type;
  std::vector<float> values;
  explicit Numbers(const Shape& shape) : type{DType::f32, shape}, values(static_cast<std::size_t>(shape.elements())) {}
  HostTensor host() { return {values.data(), type}; }
};

void transpose(const HostTensor& from, const HostTensor& to, const std::vector<std::int64_t>& order) {
  const Attributes attributes{{"permutation", order}};
  find_builtin_op("transpose")->reference({{&from, 1}, {&to, 1}, attributes});
}

Numbers turned(const HostTensor& from, const std::vector<std::int64_t>& order) {
  Numbers result(permuted(from.type.shape, order));
  transpose(from, result.host(), order);
  return result;
}

OpDefinition make_bf16_copy() {
  OpDefinition op;
  op.name = "bf16_copy";
  op.input_names = {"x"};
  op.output_names = {"copy"};
  op.infer = [](const OpSignature& signature) {
    const Shape& shape = signature.inputs[0].shape;
    std::vector<std::int64_t> extents(shape.begin(), shape.end());
    extents.push_back(2);
    return std::vector<TensorType>{{DType::u8, Shape(extents)}};
  };
  op.reference = [](const KernelContext& context) {
    const auto* from = context.inputs[0].as<const float>();
    auto* to = context.outputs[0].as<std::uint16_t>();
    std::transform(from, from + context.inputs[0].type.shape.elements(), to, to_bf16);
  };
  return op;
}

OpDefinition make_round() {
  OpDefinition op;
  op.name = "round_to_bf16";
  op.input_names = {"x"};
  op.output_names = {"y"};
  op.infer = [](const OpSignature& signature) { return std::vector{signature.inputs[0]}; };
  op.reference = [](const KernelContext& context) {
    const auto* from = context.inputs[0].as<const float>();
    std::transform(from, from + context.inputs[0].type.shape.elements(), context.outputs[0].as<float>(),
                   [](float number) { return from_bf16(to_bf16(number)); });
  };
  op.in_place = {{0, 0}};
  return op;
}

std::vector<TensorType> infer_matmul(const OpSignature& signature) {
  std::vector<TensorType> operands;
  for (const TensorType& copy : signature.inputs) operands.push_back({DType::f32, shape_of_copy(copy.shape)});
  return find_builtin_op("matmul")->infer({operands, signature.attributes});
}

void run_matmul(const KernelContext& context) {
  std::vector<Numbers> operands;
  std::vector<HostTensor> tensors;
  for (const HostTensor& copy : context.inputs) {
    Numbers& numbers = operands.emplace_back(shape_of_copy(copy.type.shape));
    const auto* bits = copy.as<const std::uint16_t>();
    std::transform(bits, bits + numbers.values.size(), numbers.values.begin(), from_bf16);
  }
  for (Numbers& numbers : operands) tensors.push_back(numbers.host());
  find_builtin_op("matmul")->reference({tensors, context.outputs, context.attributes});
}

OpDefinition make_matmul() {
  OpDefinition op;
  op.name = "matmul_bf16";
  op.input_names = {"a", "b"};
  op.output_names = {"c"};
  op.infer = infer_matmul;
  op.reference = run_matmul;
  return op;
}

/// Bias and relu on images with channels in front.
void finish(const HostTensor& y, const HostTensor& bias) {
  const Attributes none;
  Numbers sum(y.type.shape);
  const HostTensor given[] = {y, bias}, added = sum.host();
  find_builtin_op("bias_add")->reference({given, {&added, 1}, none});
  find_builtin_op("relu")->reference({{&added, 1}, {&y, 1}, none});
}

OpDefinition make_convolution(const std::string& name) {
  const OpDefinition* plain = find_builtin_op(name);
  OpDefinition op;
  op.name = name + kSuffix;
  op.input_names = {"operands..."};
  op.output_names = {"y"};
  op.infer = [plain](const OpSignature& signature) {
    std::vector<TensorType> operands;
    for (const TensorType& type : signature.inputs.first(2)) operands.push_back({type.dtype, permuted(type.shape, kFromLast)});
    const TensorType result = plain->infer({operands, signature.attributes})[0];
    return std::vector<TensorType>{{result.dtype, permuted(result.shape, kToLast)}};
  };
  op.reference = [plain](const KernelContext& context) {
    Numbers a = turned(context.inputs[0], kFromLast), b = turned(context.inputs[1], kFromLast);
    Numbers y(permuted(context.outputs[0].type.shape, kFromLast));
    const HostTensor operands[] = {a.host(), b.host()}, result = y.host();
    plain->reference({operands, {&result, 1}, context.attributes});
    if (context.inputs.size() == 3) finish(result, context.inputs[2]);
    transpose(result, context.outputs[0], kToLast);
  };
  return op;
}

}  // namespace

std::uint16_t to_bf16(float number) { return static_cast<std::uint16_t>(nearest(number, 16) >> 16); }
float from_bf16(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }
float to_tf32(float number) { return std::bit_cast<float>(nearest(number, 13)); }

Shape shape_of_copy(const Shape& copy) { return Shape(std::vector<std::int64_t>(copy.begin(), copy.end() - 1)); }

const OpDefinition& bf16_copy() {
  static const OpDefinition op = make_bf16_copy();
  return op;
}
const OpDefinition& round_to_bf16() {
  static const OpDefinition op = make_round();
  return op;
}
const OpDefinition& matmul_bf16() {
  static const OpDefinition op = make_matmul();
  return op;
}
const OpDefinition& channels_last(const std::string& convolution) {
  static const OpDefinition forward = make_convolution("conv2d"), data = make_convolution("conv2d_backward_data"),
                            weights = make_convolution("conv2d_backward_weights");
  return convolution == "conv2d" ? forward : convolution == "conv2d_backward_data" ? data : weights;
}

bool is_matmul(const Node& node) { return node.op->name == "matmul" || node.op == &matmul_bf16(); }
bool has_channels_last(const Node& node) { return node.op->name.ends_with(kSuffix); }
std::string plain_name(const Node& node) {
  const std::string& name = node.op->name;
  return has_channels_last(node) ? name.substr(0, name.size() - std::string(kSuffix).size()) : name;
}
bool is_convolution(const Node& node) {
  const std::string name = plain_name(node);
  return name == "conv2d" || name == "conv2d_backward_data" || name == "conv2d_backward_weights";
}

}  // namespace generalizer::cuda
