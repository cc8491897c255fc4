// Sums. They are in f64 and in an order that hangs on the shapes alone: the same bytes in every run.
#include <fmt/format.h>

#include <algorithm>

#include "writer.h"

namespace generalizer::cuda {
namespace {

/// A sum's parts: enough to fill a device, none shorter than what a block sums well, and no more than a thread adds up in passing.
std::int64_t chunks_of(const Groups& g) {
  const std::int64_t least = g.neighbours_differ ? 64 : 1024;
  return std::clamp<std::int64_t>(g.count / least, 1, 64);
}

/// The axes that stay and those that are summed over, as groups.
Groups groups_over(const Shape& shape, const std::vector<std::int64_t>& axes) {
  const std::vector<std::int64_t> strides = shape.strides();
  std::vector<std::int64_t> kept, summed, kept_strides, summed_strides;
  std::int64_t nearest_kept = shape.elements(), nearest_summed = shape.elements();
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
    const bool gone = axes.empty() || std::find(axes.begin(), axes.end(), static_cast<std::int64_t>(axis)) != axes.end();
    (gone ? summed : kept).push_back(shape[axis]);
    (gone ? summed_strides : kept_strides).push_back(strides[axis]);
    if (shape[axis] > 1) (gone ? nearest_summed : nearest_kept) = strides[axis];
  }
  Groups g;
  g.groups = Shape(kept).elements();
  g.count = Shape(summed).elements();
  g.at = fmt::format("({}) + ({})", position("g", Shape(kept), kept_strides), position("k", Shape(summed), summed_strides));
  g.neighbours_differ = nearest_kept < nearest_summed;
  return g;
}

/// Channel by channel of N×C×….
Groups channels_of(const Shape& shape) {
  std::vector<std::int64_t> axes{0};
  for (std::size_t axis = 2; axis < shape.rank(); ++axis) axes.push_back(static_cast<std::int64_t>(axis));
  return groups_over(shape, axes);
}

Groups rows_of(const Shape& shape) { return groups_over(shape, {1}); }

/// Groups along the axis that an attribute names.
Groups groups_along(const Writer& w) { return groups_over(w.operand(0).shape, {w.integer("axis")}); }

Work grouped(const Writer& w, Groups groups, std::vector<Pass> passes) {
  Work work = w.work(Form::grouped);
  work.items = groups.groups * groups.count;
  work.groups = std::move(groups);
  work.passes = std::move(passes);
  return work;
}

/// The sum over everything of `term`, in as many parts as the kernel that it becomes part of has tiles.
void total(const Writer& w, std::int64_t items, const std::string& term, const std::string& expression) {
  Work work = w.work(Form::total);
  work.items = items;
  work.body = term;
  const ValueId result = work.results[0], partial = w.works().add_value({DType::f64, {1}});
  work.results = {partial};
  w.works().add(std::move(work));
  w.finish(partial, result, expression);
}

/// One sum a group, times `factor`.
void sums(const Writer& w, const Groups& groups, const std::string& factor) {
  if (groups.groups == 1 && groups.count > 1) return total(w, groups.count, "(double)a0[i]", "whole" + factor);
  Work work = grouped(w, groups, {{"(double)a0[i]", false, 0, 0}});
  work.groups.chunks = chunks_of(groups);
  if (work.groups.chunks == 1) {
    work.of_group = {{0, "s0$" + factor}};
    return w.works().add(std::move(work));
  }
  const std::int64_t chunks = work.groups.chunks;
  Work rest = w.work(Form::map);
  const ValueId partial = w.works().add_value({DType::f64, Shape{chunks, groups.groups}});
  work.results = {partial};
  work.of_group = {{0, "s0$"}};
  w.works().add(std::move(work));
  rest.operands = {partial};
  rest.items = groups.groups;
  rest.body = fmt::format("    double sum = 0.0;\n#pragma unroll 8\n    for (int c = 0; c < {}; ++c) sum += a0[c * {} + i];\n    r0[i] = (T)(sum{});\n", chunks,
                          literal(groups.groups), factor);
  w.works().add(std::move(rest));
}

void reduce_sum(const Writer& w) { sums(w, groups_over(w.operand(0).shape, w.attributes().integers("axes")), ""); }
void reduce_mean(const Writer& w) {
  const Groups groups = groups_over(w.operand(0).shape, w.attributes().integers("axes"));
  sums(w, groups, " * " + literal(1.0 / static_cast<double>(groups.count)));
}
void channel_sum(const Writer& w) { sums(w, channels_of(w.operand(0).shape), ""); }

void reduce_max(const Writer& w) {
  Work work = grouped(w, groups_over(w.operand(0).shape, w.attributes().integers("axes")), {{"(double)a0[i]", true, 0, 0}});
  work.of_group = {{0, "s0$"}};
  w.works().add(std::move(work));
}

std::string count_of(const Groups& groups) { return literal(static_cast<double>(groups.count)); }

/// Sums of a group that is cut in chunks: `terms` of its elements, each as partial sums of its own.
std::vector<ValueId> partial_sums(const Writer& w, const Groups& groups, const std::vector<std::string>& terms) {
  Work work = grouped(w, groups, {});
  work.results.clear();
  for (std::size_t k = 0; k < terms.size(); ++k) {
    work.passes.push_back({terms[k], false, 0, 0});
    work.results.push_back(w.works().add_value({DType::f64, Shape{groups.chunks, groups.groups}}));
    work.of_group.emplace_back(k, fmt::format("s{}$", k));
  }
  const std::vector<ValueId> made = work.results;
  w.works().add(std::move(work));
  return made;
}

/// A work's passes over partial sums instead of elements: operands of its own, behind the others.
void use_partial_sums(Work& work, const std::vector<ValueId>& partials) {
  for (const ValueId id : partials) {
    work.passes.push_back({fmt::format("a{}[k * {} + g]", work.operands.size(), literal(work.groups.groups)), false, 0, work.groups.chunks});
    work.operands.push_back(id);
  }
}

/// Where a channel is long, one kernel sums parts of it and another adds them up and normalises; a short one is normalised by the block that sums it. The
/// variance of a long one is that of sums of squares: in f64, of numbers in f32, nothing is lost.
void batch_norm(const Writer& w) {
  Groups c = channels_of(w.operand(0).shape);
  c.chunks = chunks_of(c);
  const std::string count = count_of(c), mean = "s0$ / " + count;
  std::string variance = "s1$ / " + count;
  Work work = grouped(w, c, {{"(double)a0[i]", false, 0, 0}, {fmt::format("squared((double)a0[i] - {})", mean), false, 1, 0}});
  if (c.chunks > 1) {
    work.passes.clear();
    use_partial_sums(work, partial_sums(w, c, {"(double)a0[i]", "squared((double)a0[i])"}));
    variance = fmt::format("not_below_0(s1$ / {} - squared({}))", count, mean);
  }
  work.of_element = {{0, fmt::format("((double)a0[i] - {}) * ((double)a1[g] / sqrt({} + {})) + (double)a2[g]", mean, variance, w.number("epsilon"))}};
  work.of_group = {{1, mean}, {2, variance}};
  w.works().add(std::move(work));
}

void batch_norm_backward(const Writer& w) {
  Groups c = channels_of(w.operand(0).shape);
  c.chunks = chunks_of(c);
  const std::string count = count_of(c), inverse = fmt::format("(1.0 / sqrt((double)a3[g] + {}))", w.number("epsilon"));
  const std::string normal = fmt::format("((double)a1[i] - (double)a2[g]) * {}", inverse), along = "(double)a0[i] * " + normal;
  Work work = grouped(w, c, {{"(double)a0[i]", false, 0, 0}, {along, false, 0, 0}});
  if (c.chunks > 1) {
    work.passes.clear();
    use_partial_sums(work, partial_sums(w, c, {"(double)a0[i]", along}));
  }
  work.of_element = {{0, fmt::format("(double)a4[g] * {0} * ((double)a0[i] - s0$ / {1} - {2} * s1$ / {1})", inverse, count, normal)}};
  work.of_group = {{1, "s1$"}, {2, "s0$"}};
  w.works().add(std::move(work));
}

void normalize_rows(const Writer& w) {
  const Groups rows = rows_of(w.result().shape);
  const std::string mean = "s0$ / " + count_of(rows), inverse = fmt::format("(1.0 / sqrt(s1$ / {} + {}))", count_of(rows), w.number("epsilon"));
  Work work = grouped(w, rows, {{"(double)a0[i]", false, 0, 0}, {fmt::format("squared((double)a0[i] - {})", mean), false, 1, 0}});
  work.of_element = {{0, fmt::format("((double)a0[i] - {}) * {}", mean, inverse)}};
  work.of_group = {{1, mean}, {2, inverse}};
  w.works().add(std::move(work));
}

void normalize_rows_backward(const Writer& w) {
  const Groups rows = rows_of(w.result().shape);
  Work work = grouped(w, rows, {{"(double)a0[i]", false, 0, 0}, {"(double)a0[i] * (double)a1[i]", false, 0, 0}});
  work.of_element = {{0, fmt::format("(double)a2[g] * ((double)a0[i] - s0$ / {0} - (double)a1[i] * (s1$ / {0}))", count_of(rows))}};
  w.works().add(std::move(work));
}

// The exponential is in the results' own type: in f64 it would take longer than everything else, on cards that have little of it.
void softmax(const Writer& w) {
  const std::string exponential = "(double)exp((T)((double)a0[i] - s0$))";
  Work work = grouped(w, groups_along(w), {{"(double)a0[i]", true, 0, 0}, {exponential, false, 1, 0}});
  work.of_element = {{0, exponential + " / s1$"}};
  w.works().add(std::move(work));
}

void softmax_backward(const Writer& w) {
  Work work = grouped(w, groups_along(w), {{"(double)a0[i] * (double)a1[i]", false, 0, 0}});
  work.of_element = {{0, "(double)a1[i] * ((double)a0[i] - s0$)"}};
  w.works().add(std::move(work));
}

/// A number a row, and `expression` of their sum.
void sum_over_rows(const Writer& w, Work work, const std::string& of_row, const std::string& expression) {
  const ValueId result = work.results[0], partial = w.works().add_value({DType::f64, Shape{work.groups.groups}});
  work.results[0] = partial;
  work.of_group = {{0, of_row}};
  w.works().add(std::move(work));
  w.finish(partial, result, expression);
}

void softmax_cross_entropy(const Writer& w) {
  const Shape& shape = w.operand(0).shape;
  const std::string exponential = "(double)exp((T)((double)a0[i] - s0$))";
  Work work = grouped(w, rows_of(shape), {{"(double)a0[i]", true, 0, 0}, {exponential, false, 1, 0}, {"(k == a1[g] ? (double)a0[i] - s0$ : 0.0)", false, 1, 0}});
  work.of_element = {{1, exponential + " / s1$"}};
  sum_over_rows(w, std::move(work), "log(s1$) - s2$", "whole / " + literal(static_cast<double>(shape[0])));
}

/// The answer is the first of the largest: right where none before the label's is as large and none after it larger. NaN is never larger, and at the first
/// place never smaller.
void count_correct(const Writer& w) {
  Work work = grouped(w, rows_of(w.operand(0).shape),
                      {{"(k == a1[g] ? (double)a0[i] : 0.0)", false, 0, 0},
                       {"(k < a1[g] ? ((double)a0[i] >= s0$ || (k == 0 && a0[i] != a0[i]) ? 1.0 : 0.0) : k > a1[g] && (double)a0[i] > s0$ ? 1.0 : 0.0)", false, 1, 0}});
  sum_over_rows(w, std::move(work), "(s1$ == 0.0 && (a1[g] == 0 || s0$ == s0$) ? 1.0 : 0.0)", "whole");
}

void mean_squared_error(const Writer& w) {
  const std::int64_t elements = w.operand(0).shape.elements();
  total(w, elements, "squared((double)a0[i] - (double)a1[i])", "whole / " + literal(static_cast<double>(elements)));
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
