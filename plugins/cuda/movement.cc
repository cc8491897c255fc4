// Kernels that move elements: each thread finds where its element comes from.
#include <fmt/format.h>

#include "writer.h"

namespace generalizer::cuda {
namespace {

std::int64_t extent_after(const Shape& shape, std::size_t axis) {
  std::int64_t inner = 1;
  for (std::size_t k = axis + 1; k < shape.rank(); ++k) inner *= shape[k];
  return inner;
}

void copy(const Writer& w) { return w.threads(w.result().shape.elements(), "    r0[i] = a0[i];\n"); }

void broadcast_to(const Writer& w) {
  const Shape& shape = w.result().shape;
  return w.threads(shape.elements(), fmt::format("    r0[i] = a0[{}];\n", position("i", shape, broadcast_strides(w.operand(0).shape, shape))));
}

void transpose(const Writer& w) {
  const std::vector<std::int64_t> own = w.operand(0).shape.strides();
  std::vector<std::int64_t> strides;
  for (const std::int64_t axis : w.attributes().integers("permutation")) strides.push_back(own[static_cast<std::size_t>(axis)]);
  const Shape& shape = w.result().shape;
  return w.threads(shape.elements(), fmt::format("    r0[i] = a0[{}];\n", position("i", shape, strides)));
}

/// The result's element i lies at `along` on the axis, `inner` behind it and `outer` before it.
std::string places(const Shape& shape, std::size_t axis) {
  const std::int64_t inner = extent_after(shape, axis);
  return fmt::format("    const I inner = i % {0}, along = i / {0} % {1}, outer = i / {2};\n", literal(inner), literal(shape[axis]),
                     literal(inner * shape[axis]));
}

void concat(const Writer& w) {
  const auto axis = static_cast<std::size_t>(w.integer("axis"));
  const Shape& shape = w.result().shape;
  const std::int64_t inner = extent_after(shape, axis);
  std::string body = places(shape, axis);
  std::int64_t begin = 0;
  for (std::size_t k = 0; k < w.operands(); ++k) {
    const std::int64_t count = w.operand(k).shape[axis];
    body += fmt::format("    {}if (along < {}) r0[i] = a{}[(outer * {} + along - {}) * {} + inner];\n", k == 0 ? "" : "else ", literal(begin + count), k,
                        literal(count), literal(begin), literal(inner));
    begin += count;
  }
  return w.threads(shape.elements(), body);
}

void slice(const Writer& w) {
  const auto axis = static_cast<std::size_t>(w.integer("axis"));
  const Shape& shape = w.result().shape;
  return w.threads(shape.elements(), places(shape, axis) + fmt::format("    r0[i] = a0[(outer * {} + along + {}) * {} + inner];\n",
                                                                       literal(w.operand(0).shape[axis]), literal(w.integer("begin")),
                                                                       literal(extent_after(shape, axis))));
}

void pad(const Writer& w) {
  const auto axis = static_cast<std::size_t>(w.integer("axis"));
  const Shape& shape = w.result().shape;
  const std::int64_t before = w.integer("before"), extent = w.operand(0).shape[axis];
  return w.threads(shape.elements(),
                   places(shape, axis) + fmt::format("    const I from = along - {};\n    r0[i] = from >= 0 && from < {} ? a0[(outer * {} + from) * {} + inner] : (T)0;\n",
                                                     literal(before), literal(extent), literal(extent), literal(extent_after(shape, axis))));
}

void one_hot(const Writer& w) {
  const std::int64_t classes = w.integer("classes");
  return w.threads(w.result().shape.elements(), fmt::format("    r0[i] = i % {0} == a0[i / {0}] ? (T)1 : (T)0;\n", literal(classes)));
}

void gather_rows(const Writer& w) {
  const Shape& table = w.operand(0).shape;
  return w.threads(w.result().shape.elements(),
                   fmt::format("    const int row = a1[i / {0}];\n    r0[i] = row >= 0 && row < {1} ? a0[row * {0} + i % {0}] : (T)0;\n", literal(table[1]),
                               literal(table[0])));
}

/// Each element of the table goes through all indices in their order: the same sums in every run, without atomics.
void scatter_add_rows(const Writer& w) {
  const std::int64_t columns = w.result().shape[1];
  return w.threads(w.result().shape.elements(),
                   fmt::format("    const I row = i / {0}, column = i % {0};\n    double sum = 0.0;\n"
                               "    for (I k = 0; k < {1}; ++k) if (a1[k] == row) sum += (double)a0[k * {0} + column];\n    r0[i] = (T)sum;\n",
                               literal(columns), literal(w.operand(1).shape.elements())));
}

/// A matmul's operand in bf16: two bytes for each number, of which the values' types know nothing.
void bf16_copy(const Writer& w) {
  constexpr std::int64_t each = 8 * kBlockThreads;
  const std::int64_t count = w.operand(0).shape.elements();
  return w.blocks((count + each - 1) / each,
                  fmt::format("    unsigned short* halves = (unsigned short*)r0;\n"
                              "    for (I i = g * {0} + threadIdx.x; i < (g + 1) * {0} && i < {1}; i += blockDim.x) halves[i] = to_bf16(a0[i]);\n",
                              each, literal(count)));
}

}  // namespace

const std::map<std::string, Emit>& movement_kernels() {
  static const std::map<std::string, Emit> kernels = {
      {"bf16_copy", bf16_copy},
      {"reshape", copy},         {"stop_gradient", copy}, {"scale_gradient", copy},     {"broadcast_to", broadcast_to}, {"transpose", transpose},
      {"concat", concat},        {"slice", slice},        {"pad", pad},                 {"one_hot", one_hot},           {"gather_rows", gather_rows},
      {"scatter_add_rows", scatter_add_rows},
  };
  return kernels;
}

}  // namespace generalizer::cuda
