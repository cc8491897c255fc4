// Kernels with a block for each sum. Sums are in f64 and in an order that hangs on the block's size alone: the same bytes in every run.
#include <fmt/format.h>

#include <algorithm>

#include "writer.h"

namespace generalizer::cuda {
namespace {

/// `for k = threadIdx.x, …` over `count` elements.
std::string each(std::int64_t count, const std::string& body) {
  return fmt::format("    for (long long k = threadIdx.x; k < {}; k += blockDim.x) {{\n{}    }}\n", literal(count), body);
}
std::string lead(const std::string& body) { return "    if (threadIdx.x == 0) {\n" + body + "    }\n"; }

/// The axes that stay and those that are summed over, with the operand's strides.
struct Reduction {
  Shape kept, summed;
  std::vector<std::int64_t> kept_strides, summed_strides;
};

Reduction reduction_of(const Writer& w) {
  const Shape& shape = w.operand(0).shape;
  const std::vector<std::int64_t>& axes = w.attributes().integers("axes");
  const std::vector<std::int64_t> strides = shape.strides();
  std::vector<std::int64_t> kept, summed;
  Reduction r;
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
    const bool gone = axes.empty() || std::find(axes.begin(), axes.end(), static_cast<std::int64_t>(axis)) != axes.end();
    (gone ? summed : kept).push_back(shape[axis]);
    (gone ? r.summed_strides : r.kept_strides).push_back(strides[axis]);
  }
  r.kept = Shape(kept);
  r.summed = Shape(summed);
  return r;
}

Kernel reduce(const Writer& w, const std::string& start, const std::string& fold, const std::string& all, const std::string& factor) {
  const Reduction r = reduction_of(w);
  const std::string base = position("g", r.kept, r.kept_strides), inner = position("k", r.summed, r.summed_strides);
  // `position` gives the index itself where the strides are the shape's own, which those of a part needn't be.
  return w.blocks(w.result().shape.elements(),
                  fmt::format("    const long long base = {};\n    double own = {};\n", base, start) +
                      each(r.summed.elements(), fmt::format("      const double x = (double)a0[base + {}];\n      own = {};\n", inner, fold)) +
                      fmt::format("    const double whole = {}(own, shared);\n", all) + lead("      r0[g] = (T)(whole * " + factor + ");\n"));
}

Kernel reduce_sum(const Writer& w) { return reduce(w, "0.0", "own + x", "block_sum", "1.0"); }
Kernel reduce_mean(const Writer& w) {
  return reduce(w, "0.0", "own + x", "block_sum", literal(1.0 / static_cast<double>(reduction_of(w).summed.elements())));
}
Kernel reduce_max(const Writer& w) { return reduce(w, "(-1.0 / 0.0)", "larger(own, x)", "block_max", "1.0"); }

struct Channels {
  std::int64_t batch, channels, inner;
  std::int64_t count() const { return batch * inner; }
  /// Element k of channel g.
  std::string at() const { return fmt::format("((k / {0}) * {1} + g) * {0} + k % {0}", literal(inner), literal(channels)); }
};

Channels channels_of(const Shape& shape) {
  Channels c{shape[0], shape[1], 1};
  for (std::size_t axis = 2; axis < shape.rank(); ++axis) c.inner *= shape[axis];
  return c;
}

Kernel channel_sum(const Writer& w) {
  const Channels c = channels_of(w.operand(0).shape);
  return w.blocks(c.channels, "    double own = 0.0;\n" + each(c.count(), "      own += (double)a0[" + c.at() + "];\n") +
                                  "    const double whole = block_sum(own, shared);\n" + lead("      r0[g] = (T)whole;\n"));
}

Kernel batch_norm(const Writer& w) {
  const Channels c = channels_of(w.operand(0).shape);
  const std::string count = literal(static_cast<double>(c.count()));
  return w.blocks(c.channels,
                  "    double own = 0.0;\n" + each(c.count(), "      own += (double)a0[" + c.at() + "];\n") +
                      "    const double mean = block_sum(own, shared) / " + count + ";\n    own = 0.0;\n" +
                      each(c.count(), "      const double d = (double)a0[" + c.at() + "] - mean;\n      own += d * d;\n") +
                      "    const double variance = block_sum(own, shared) / " + count + ";\n" +
                      fmt::format("    const double factor = (double)a1[g] / sqrt(variance + {}), shift = (double)a2[g];\n", w.number("epsilon")) +
                      each(c.count(), "      const long long at = " + c.at() + ";\n      r0[at] = (T)(((double)a0[at] - mean) * factor + shift);\n") +
                      lead("      r1[g] = (T)mean;\n      r2[g] = (T)variance;\n"));
}

Kernel batch_norm_backward(const Writer& w) {
  const Channels c = channels_of(w.operand(0).shape);
  const std::string count = literal(static_cast<double>(c.count()));
  return w.blocks(
      c.channels,
      fmt::format("    const double mean = (double)a2[g], inverse = 1.0 / sqrt((double)a3[g] + {});\n    double shifts = 0.0, scales = 0.0;\n", w.number("epsilon")) +
          each(c.count(), "      const long long at = " + c.at() +
                              ";\n      const double dy = (double)a0[at];\n      shifts += dy;\n      scales += dy * ((double)a1[at] - mean) * inverse;\n") +
          "    const double dshift = block_sum(shifts, shared), dscale = block_sum(scales, shared);\n    const double factor = (double)a4[g] * inverse;\n" +
          each(c.count(), "      const long long at = " + c.at() + ";\n      const double normal = ((double)a1[at] - mean) * inverse;\n      r0[at] = (T)(factor * ((double)a0[at] - dshift / " +
                              count + " - normal * dscale / " + count + "));\n") +
          lead("      r1[g] = (T)dscale;\n      r2[g] = (T)dshift;\n"));
}

Kernel normalize_rows(const Writer& w) {
  const std::int64_t columns = w.result().shape[1];
  const std::string count = literal(static_cast<double>(columns));
  return w.blocks(w.result().shape[0],
                  "    const long long row = g * " + literal(columns) + ";\n    double own = 0.0;\n" + each(columns, "      own += (double)a0[row + k];\n") +
                      "    const double mean = block_sum(own, shared) / " + count + ";\n    own = 0.0;\n" +
                      each(columns, "      const double d = (double)a0[row + k] - mean;\n      own += d * d;\n") +
                      fmt::format("    const double inverse = 1.0 / sqrt(block_sum(own, shared) / {} + {});\n", count, w.number("epsilon")) +
                      each(columns, "      r0[row + k] = (T)(((double)a0[row + k] - mean) * inverse);\n") +
                      lead("      r1[g] = (T)mean;\n      r2[g] = (T)inverse;\n"));
}

Kernel normalize_rows_backward(const Writer& w) {
  const std::int64_t columns = w.result().shape[1];
  const std::string count = literal(static_cast<double>(columns));
  return w.blocks(w.result().shape[0],
                  "    const long long row = g * " + literal(columns) + ";\n    double sums = 0.0, products = 0.0;\n" +
                      each(columns, "      sums += (double)a0[row + k];\n      products += (double)a0[row + k] * (double)a1[row + k];\n") +
                      "    const double mean = block_sum(sums, shared) / " + count + ", projection = block_sum(products, shared) / " + count + ";\n" +
                      each(columns, "      r0[row + k] = (T)((double)a2[g] * ((double)a0[row + k] - mean - (double)a1[row + k] * projection));\n"));
}

/// Groups of elements along an axis: `begin` of group g, and `step` from one element to the next.
struct Groups {
  std::int64_t count, step, groups;
  std::string begin() const { return fmt::format("    const long long begin = g / {0} * {1} + g % {0};\n", literal(step), literal(step * count)); }
  std::string at() const { return "begin + k * " + literal(step); }
};

Groups groups_of(const Writer& w) {
  const Shape& shape = w.result().shape;
  const auto axis = static_cast<std::size_t>(w.integer("axis"));
  Groups groups{shape[axis], 1, shape.elements() / shape[axis]};
  for (std::size_t k = axis + 1; k < shape.rank(); ++k) groups.step *= shape[k];
  return groups;
}

Kernel softmax(const Writer& w) {
  const Groups s = groups_of(w);
  return w.blocks(s.groups, s.begin() + "    double own = (-1.0 / 0.0);\n" + each(s.count, "      own = larger(own, (double)a0[" + s.at() + "]);\n") +
                                "    const double largest = block_max(own, shared);\n    own = 0.0;\n" +
                                each(s.count, "      own += exp((double)a0[" + s.at() + "] - largest);\n") + "    const double sum = block_sum(own, shared);\n" +
                                each(s.count, "      r0[" + s.at() + "] = (T)(exp((double)a0[" + s.at() + "] - largest) / sum);\n"));
}

Kernel softmax_backward(const Writer& w) {
  const Groups s = groups_of(w);
  return w.blocks(s.groups, s.begin() + "    double own = 0.0;\n" + each(s.count, "      own += (double)a0[" + s.at() + "] * (double)a1[" + s.at() + "];\n") +
                                "    const double sum = block_sum(own, shared);\n" +
                                each(s.count, "      r0[" + s.at() + "] = (T)((double)a1[" + s.at() + "] * ((double)a0[" + s.at() + "] - sum));\n"));
}

/// One block; a thread takes whole rows, which are short.
Kernel softmax_cross_entropy(const Writer& w) {
  const Shape& shape = w.operand(0).shape;
  const std::string classes = literal(shape[1]);
  return w.blocks(1, "    double own = 0.0;\n" +
                         each(shape[0], fmt::format("      const T* row = a0 + k * {0};\n      double largest = (double)row[0], sum = 0.0;\n"
                                                    "      for (int c = 1; c < {0}; ++c) largest = (double)row[c] > largest ? (double)row[c] : largest;\n"
                                                    "      for (int c = 0; c < {0}; ++c) sum += exp((double)row[c] - largest);\n"
                                                    "      for (int c = 0; c < {0}; ++c) r1[k * {0} + c] = (T)(exp((double)row[c] - largest) / sum);\n"
                                                    "      own += log(sum) - ((double)row[a1[k]] - largest);\n",
                                                    classes)) +
                         "    const double whole = block_sum(own, shared);\n" + lead("      r0[0] = (T)(whole / " + literal(static_cast<double>(shape[0])) + ");\n"));
}

Kernel count_correct(const Writer& w) {
  const Shape& shape = w.operand(0).shape;
  return w.blocks(1, "    double own = 0.0;\n" +
                         each(shape[0], fmt::format("      const T* row = a0 + k * {0};\n      int best = 0;\n"
                                                    "      for (int c = 1; c < {0}; ++c) if (row[best] < row[c]) best = c;\n      own += best == a1[k] ? 1.0 : 0.0;\n",
                                                    literal(shape[1]))) +
                         "    const double whole = block_sum(own, shared);\n" + lead("      r0[0] = (T)whole;\n"));
}

Kernel mean_squared_error(const Writer& w) {
  const std::int64_t elements = w.operand(0).shape.elements();
  return w.blocks(1, "    double own = 0.0;\n" + each(elements, "      const double d = (double)a0[k] - (double)a1[k];\n      own += d * d;\n") +
                         "    const double whole = block_sum(own, shared);\n" + lead("      r0[0] = (T)(whole / " + literal(static_cast<double>(elements)) + ");\n"));
}

}  // namespace

const std::map<std::string, Emit>& reduction_kernels() {
  static const std::map<std::string, Emit> kernels = {
      {"reduce_sum", reduce_sum},
      {"reduce_mean", reduce_mean},
      {"reduce_max", reduce_max},
      {"channel_sum", channel_sum},
      {"batch_norm", batch_norm},
      {"batch_norm_backward", batch_norm_backward},
      {"normalize_rows", normalize_rows},
      {"normalize_rows_backward", normalize_rows_backward},
      {"softmax", softmax},
      {"softmax_backward", softmax_backward},
      {"softmax_cross_entropy", softmax_cross_entropy},
      {"count_correct", count_correct},
      {"mean_squared_error", mean_squared_error},
  };
  return kernels;
}

}  // namespace generalizer::cuda
