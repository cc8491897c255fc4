#include "writer.h"

#include <fmt/format.h>

#include <cmath>

namespace generalizer::cuda {

const char* device_type(DType type) {
  switch (type) {
    case DType::f32:
      return "float";
    case DType::f64:
      return "double";
    case DType::i32:
      return "int";
    case DType::i64:
      return "long long";
    case DType::u8:
      return "unsigned char";
  }
  return "";
}

std::string literal(double number) {
  if (std::isnan(number)) return "(0.0 / 0.0)";
  if (std::isinf(number)) return number > 0 ? "(1.0 / 0.0)" : "(-1.0 / 0.0)";
  const std::string text = fmt::format("{:.17g}", number);
  const bool whole = text.find_first_of(".e") == std::string::npos;
  return (number < 0 ? "(" : "") + text + (whole ? ".0" : "") + (number < 0 ? ")" : "");
}

std::string literal(std::int64_t number) { return number < 0 ? fmt::format("({}LL)", number) : fmt::format("{}LL", number); }

std::string position(const std::string& i, const Shape& shape, const std::vector<std::int64_t>& strides) {
  const std::vector<std::int64_t> own = shape.strides();
  bool same = true;
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) same = same && (shape[axis] == 1 || strides[axis] == own[axis]);
  if (same) return i;
  std::string text;
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] == 1 || strides[axis] == 0) continue;
    std::string index = own[axis] == 1 ? i : fmt::format("{} / {}", i, literal(own[axis]));
    if (axis > 0) index = fmt::format("({}) % {}", index, literal(shape[axis]));  // the outermost is never beyond its extent
    text += (text.empty() ? "" : " + ") + fmt::format("({}) * {}", index, literal(strides[axis]));
  }
  return text.empty() ? "0" : text;
}

std::vector<std::int64_t> broadcast_strides(const Shape& operand, const Shape& result) {
  const std::vector<std::int64_t> own = operand.strides();
  std::vector<std::int64_t> strides(result.rank(), 0);
  for (std::size_t k = 0; k < operand.rank(); ++k) {
    const std::size_t axis = operand.rank() - 1 - k;
    if (operand[axis] != 1) strides[result.rank() - 1 - k] = own[axis];
  }
  return strides;
}

Kernel Writer::whole(std::int64_t items, Layout layout, const std::string& loop, const std::string& body) const {
  Kernel kernel;
  kernel.items = items;
  kernel.layout = layout;
  std::string parameters;
  const auto add = [&](const std::string& type, const std::string& name, ValueId id) {
    parameters += (parameters.empty() ? "" : ", ") + type + "* " + name;
    kernel.arguments.push_back(id);
  };
  for (std::size_t k = 0; k < node_.inputs.size(); ++k)
    add(std::string("const ") + device_type(operand(k).dtype), "a" + std::to_string(k), node_.inputs[k]);
  const char* floating = device_type(result(0).dtype);
  for (std::size_t k = 0; k < node_.outputs.size(); ++k) {
    add(device_type(result(k).dtype), "r" + std::to_string(k), node_.outputs[k]);
    if (is_floating(result(k).dtype) && !is_floating(result(0).dtype)) floating = device_type(result(k).dtype);
  }
  // The name is put in by who collects kernels.
  kernel.text = "extern \"C\" __global__ void NAME(" + parameters + ") {\n  typedef " + floating + " T;\n" + loop + body + "  }\n}\n";
  return kernel;
}

Kernel Writer::threads(std::int64_t items, const std::string& body) const {
  const std::string loop = fmt::format(
      "  for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < {}; i += (long long)gridDim.x * blockDim.x) {{\n",
      literal(items));
  return whole(items, Layout::thread_each, loop, body);
}

Kernel Writer::blocks(std::int64_t items, const std::string& body) const {
  const std::string loop = fmt::format("  __shared__ double shared[{}];\n  for (long long g = blockIdx.x; g < {}; g += gridDim.x) {{\n",
                                       kBlockThreads, literal(items));
  return whole(items, Layout::block_each, loop, body);
}

bool has_kernel(const std::string& op) {
  for (const auto* family : {&elementwise_kernels(), &movement_kernels(), &window_kernels(), &reduction_kernels(), &update_kernels()}) {
    if (family->contains(op)) return true;
  }
  return false;
}

Kernel kernel_of(const Program& program, const Node& node, const std::string& name) {
  for (const auto* family : {&elementwise_kernels(), &movement_kernels(), &window_kernels(), &reduction_kernels(), &update_kernels()}) {
    const auto found = family->find(node.op->name);
    if (found == family->end()) continue;
    Kernel kernel = found->second(Writer(program, node));
    kernel.name = name;
    kernel.text.replace(kernel.text.find("NAME"), 4, name);
    return kernel;
  }
  throw BackendError((node.scope.empty() ? "" : node.scope + ": ") + node.op->name + " has no kernel for CUDA devices.");
}

}  // namespace generalizer::cuda
