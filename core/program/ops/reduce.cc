#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "program/ops/broadcast.h"
#include "program/ops/definitions.h"
#include "program/ops/elementwise.h"
#include "program/ops/movement.h"

// reduce_sum, reduce_mean and reduce_max.
namespace generalizer {
namespace {

struct Reduction {
  std::vector<bool> reduced;  ///< one an axis of x
  Shape kept;                 ///< x with 1 where it is reduced
  Shape result;               ///< `kept`, or without those axes
  std::int64_t count = 1;     ///< elements of x to one of the result
};

/// Also the check of the axes.
Reduction reduction_of(const Shape& x, const Attributes& attributes) {
  const std::vector<std::int64_t>& axes = attributes.integers("axes");
  Reduction r{std::vector<bool>(x.rank(), axes.empty()), x, {}, 1};
  for (const std::int64_t axis : axes) {
    const std::size_t at = ops::require_axis(axis, x);
    if (r.reduced[at]) {
      throw Error("the axes are [" + ops::join(axes) + "], and each may be named once");
    }
    r.reduced[at] = true;
  }
  std::vector<std::int64_t> left;
  for (std::size_t axis = 0; axis < x.rank(); ++axis) {
    if (r.reduced[axis]) {
      r.kept[axis] = 1;
      r.count *= x[axis];
    } else {
      left.push_back(x[axis]);
    }
  }
  r.result = attributes.integer("keep_dims") != 0 ? r.kept : Shape(std::move(left));
  return r;
}

std::vector<TensorType> infer(const OpSignature& signature) {
  const DType dtype = ops::common_floating_type(signature, {"operand"});
  return {{dtype, reduction_of(signature.inputs[0].shape, signature.attributes).result}};
}

/// Folds x in f64: one accumulator an element of the result starts at `first`, takes each of its elements by
/// `accumulator = fold(accumulator, x)`, and is scaled at the end.
template <class F>
void fold_elements(const KernelContext& context, double first, F fold, double scale) {
  const HostTensor& x = context.inputs[0];
  const HostTensor& y = context.outputs[0];
  const Reduction r = reduction_of(x.type.shape, context.attributes);
  std::vector<double> sums(static_cast<std::size_t>(y.type.shape.elements()), first);
  dispatch_floating(x.type.dtype, [&]<class T>(T) {
    const T* from = x.as<const T>();
    ops::for_each_position<1>(x.type.shape, {ops::broadcast_strides(r.kept, x.type.shape)},
                              [&](std::int64_t i, const std::array<std::int64_t, 1>& at) {
                                double& sum = sums[static_cast<std::size_t>(at[0])];
                                sum = fold(sum, static_cast<double>(from[i]));
                              });
    for (std::size_t i = 0; i < sums.size(); ++i) y.as<T>()[i] = static_cast<T>(sums[i] * scale);
  });
}

double plus(double a, double b) { return a + b; }

void sum_reference(const KernelContext& context) { fold_elements(context, 0.0, plus, 1.0); }

void mean_reference(const KernelContext& context) {
  const Reduction r = reduction_of(context.inputs[0].type.shape, context.attributes);
  fold_elements(context, 0.0, plus, 1.0 / static_cast<double>(r.count));
}

void max_reference(const KernelContext& context) {
  const auto larger = [](double a, double b) { return b > a || std::isnan(b) ? b : a; };
  fold_elements(context, -std::numeric_limits<double>::infinity(), larger, 1.0);
}

/// dy stretched over the elements that it is the gradient of, times `scale`.
Tensor spread(const Tensor& dy, const Shape& x, const Reduction& r, double scale) {
  const Tensor scaled = scale == 1.0 ? dy : dy * scale;
  return broadcast_to(reshape(scaled, r.kept), x);
}

std::vector<Tensor> sum_gradient(const GradientContext& context) {
  if (!context.wanted[0]) return {Tensor{}};
  const Shape x = context.inputs[0].shape();
  return {spread(context.output_gradients[0], x, reduction_of(x, context.node.attributes), 1.0)};
}

std::vector<Tensor> mean_gradient(const GradientContext& context) {
  if (!context.wanted[0]) return {Tensor{}};
  const Shape x = context.inputs[0].shape();
  const Reduction r = reduction_of(x, context.node.attributes);
  return {spread(context.output_gradients[0], x, r, 1.0 / static_cast<double>(r.count))};
}

/// The first 1 of each row of F[M×K], whose elements are 0 or 1. Counts the ones up to each element in steps that double
/// (Hillis, Steele, 1986, "Data parallel algorithms") and keeps those whose count is 1.
Tensor first_ones(const Tensor& rows) {
  const std::int64_t width = rows.dim(1);
  Tensor count = rows;
  for (std::int64_t step = 1; step < width; step *= 2) {
    count = count + pad(slice(count, 1, 0, width - step), 1, step, 0);
  }
  return rows * greater_equal(affine(count, -1.0, 1.5), 0.0);
}

/// 1 at the first largest element of every group that is reduced together, else 0.
Tensor first_largest(const Tensor& x, const Tensor& largest, const Reduction& r) {
  // The reduced axes go last, as one: {outer, count}.
  std::vector<std::int64_t> order;
  for (const bool reduced : {false, true}) {
    for (std::size_t axis = 0; axis < r.reduced.size(); ++axis) {
      if (r.reduced[axis] == reduced) order.push_back(static_cast<std::int64_t>(axis));
    }
  }
  std::vector<std::int64_t> back(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    back[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i);
  }
  const Tensor ordered = transpose(greater_equal(x - largest, 0.0), order);
  const Shape shape = ordered.shape();
  const Tensor first = first_ones(reshape(ordered, Shape{shape.elements() / r.count, r.count}));
  return transpose(reshape(first, shape), back);
}

std::vector<Tensor> max_gradient(const GradientContext& context) {
  if (!context.wanted[0]) return {Tensor{}};
  const Reduction r = reduction_of(context.inputs[0].shape(), context.node.attributes);
  const Tensor largest = reshape(context.outputs[0], r.kept);
  const Tensor dy = reshape(context.output_gradients[0], r.kept);
  return {first_largest(context.inputs[0], largest, r) * dy};
}

OpDefinition reduction(std::string name, std::string summary, GradientRule gradient,
                       ReferenceKernel reference) {
  return {.name = std::move(name),
          .summary = std::move(summary),
          .input_names = {"x"},
          .output_names = {"y"},
          .infer = infer,
          .gradient = std::move(gradient),
          .reference = std::move(reference),
          .flops = ops::flops_per_element(1),
          .in_place = {},
          .view = false,
          .workspaces = {}};
}

/// Names all axes where none is named, so that a backend always finds them.
Tensor reduce(const OpDefinition& op, const Tensor& x, std::vector<std::int64_t> axes, bool keep_dims) {
  if (axes.empty()) {
    axes.resize(x.rank());
    std::iota(axes.begin(), axes.end(), std::int64_t{0});
  }
  return generalizer::apply(op, std::array{x},
                            {{"axes", std::move(axes)}, {"keep_dims", std::int64_t{keep_dims}}});
}

}  // namespace

const OpDefinition& ops::reduce_sum() {
  static const OpDefinition definition =
      reduction("reduce_sum", "The sum over axes.", sum_gradient, sum_reference);
  return definition;
}

const OpDefinition& ops::reduce_mean() {
  static const OpDefinition definition =
      reduction("reduce_mean", "The mean over axes.", mean_gradient, mean_reference);
  return definition;
}

const OpDefinition& ops::reduce_max() {
  static const OpDefinition definition =
      reduction("reduce_max", "The largest element over axes; the gradient goes to the first of several.",
                max_gradient, max_reference);
  return definition;
}

Tensor reduce_sum(const Tensor& x, std::vector<std::int64_t> axes, bool keep_dims) {
  return reduce(ops::reduce_sum(), x, std::move(axes), keep_dims);
}
Tensor reduce_mean(const Tensor& x, std::vector<std::int64_t> axes, bool keep_dims) {
  return reduce(ops::reduce_mean(), x, std::move(axes), keep_dims);
}
Tensor reduce_max(const Tensor& x, std::vector<std::int64_t> axes, bool keep_dims) {
  return reduce(ops::reduce_max(), x, std::move(axes), keep_dims);
}

}  // namespace generalizer
