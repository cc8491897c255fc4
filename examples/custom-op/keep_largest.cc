// A layer with an op of its own: of every image's numbers only the `count` largest go on (Makhzani, Frey, 2014, "k-sparse autoencoders"). Which ones these
// are can't be said with the ops that there are, so the plugin brings one: a shape rule, a gradient, kernels.
#include "keep_largest.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <generalizer/plugin.h>
#include <numeric>
#include <thread>
#include <vector>

using namespace generalizer;

namespace {

/// The rows [first, last) of the result. By a partial sort of the row's indices: O(K) a row.
template <class T>
void keep_rows(const KernelContext& context, std::int64_t first, std::int64_t last) {
  const std::int64_t columns = context.inputs[0].type.shape[1];
  const std::int64_t count = context.attributes.integer("count");
  std::vector<std::int64_t> order(static_cast<std::size_t>(columns));
  for (std::int64_t row = first; row < last; ++row) {
    const T* x = context.inputs[0].as<const T>() + row * columns;
    T* y = context.outputs[0].as<T>() + row * columns;
    std::iota(order.begin(), order.end(), std::int64_t{0});
    std::nth_element(order.begin(), order.begin() + (count - 1), order.end(),
                     [x](std::int64_t a, std::int64_t b) { return x[a] != x[b] ? x[a] > x[b] : a < b; });
    std::fill(y, y + columns, T{0});
    for (std::int64_t k = 0; k < count; ++k) y[order[static_cast<std::size_t>(k)]] = x[order[static_cast<std::size_t>(k)]];
  }
}

/// The plain truth: one thread.
void reference(const KernelContext& context) {
  dispatch_floating(context.inputs[0].type.dtype,
                    [&]<class T>(T) { keep_rows<T>(context, 0, context.inputs[0].type.shape[0]); });
}

/// The same, rows shared out among threads where there is enough to do. Rows don't meet, so that the result doesn't hang on their number.
void cpu(const KernelContext& context) {
  const std::int64_t rows = context.inputs[0].type.shape[0];
  const std::int64_t threads =
      std::clamp<std::int64_t>(context.inputs[0].type.shape.elements() / 65536, 1, std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::jthread> running;
  dispatch_floating(context.inputs[0].type.dtype, [&]<class T>(T) {
    for (std::int64_t t = 1; t < threads; ++t)
      running.emplace_back(keep_rows<T>, std::cref(context), rows * t / threads, rows * (t + 1) / threads);
    keep_rows<T>(context, 0, rows / threads);
  });
}

const OpDefinition& keep_largest_op() {
  static const OpDefinition op = [] {
    OpDefinition result;
    result.name = "keep_largest";
    result.summary = "Of each row the `count` largest elements; 0 in place of the others.";
    result.input_names = {"x"};
    result.output_names = {"y"};
    result.infer = [](const OpSignature& signature) {
      const TensorType& x = signature.inputs[0];
      if (x.shape.rank() != 2 || !is_floating(x.dtype)) throw Error("it takes floating numbers N×K, found " + to_string(x));
      const std::int64_t count = signature.attributes.integer("count");
      if (count < 1 || count > x.shape[1])
        throw Error("\"count\" must be from 1 to the " + std::to_string(x.shape[1]) + " numbers of a row, found " + std::to_string(count));
      return std::vector{x};
    };
    // dx = dy where x was kept. A kept element that is 0 has the same value either way, and gets no gradient.
    result.gradient = [](const GradientContext& context) {
      return std::vector{context.output_gradients[0] * abs(sign(context.outputs[0]))};
    };
    result.reference = reference;
    result.cpu = cpu;
#ifdef KEEP_LARGEST_CUDA
    result.cuda = keep_largest_cuda;
#endif
    return result;
  }();
  return op;
}

/// N×K → N×K
Tensor build(LayerBuilder& layer) {
  layer.require_rank(0, 2, "vectors (N×K)", "flatten the images before it");
  const std::int64_t count = layer.integer("count");
  if (count > layer.input().dim(1))
    layer.fail_at("count", "it can't keep " + std::to_string(count) + " of " + std::to_string(layer.input().dim(1)) + " numbers");
  return apply(keep_largest_op(), std::array{layer.input()}, {{"count", count}});
}

LayerType keep_largest() {
  LayerType type;
  type.name = "keep_largest";
  type.summary = "Keeps the largest numbers of each image and sets the others to 0.";
  type.parameters = {at_least(parameter("count", {ParameterType::integer}, std::int64_t{8}, "How many numbers stay."), 1)};
  type.build = build;
  return type;
}

}  // namespace

GENERALIZER_PLUGIN("keep_largest", "1.0", "Apache-2.0", [](Registry& registry) {
  registry.add_op(keep_largest_op());
  registry.add_layer(keep_largest());
})
