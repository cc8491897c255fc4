#include <array>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/gather.h"

// A table's rows by their indices, and the transpose of that: adding rows at their indices.
namespace generalizer {
namespace {

std::vector<TensorType> infer_gather(const OpSignature& signature) {
  const DType dtype = ops::common_floating_type(signature, {"table"});
  ops::require_rank(signature.inputs[0].shape, "table", 2, "rows×columns");
  ops::require_indices(signature.inputs[1]);
  return {{dtype, ops::with_last_axis(signature.inputs[1].shape, signature.inputs[0].shape[1])}};
}

std::vector<Tensor> gradient_of_gather(const GradientContext& context) {
  std::vector<Tensor> gradients(2);
  if (context.wanted[0]) {
    gradients[0] =
        scatter_add_rows(context.output_gradients[0], context.inputs[1], context.inputs[0].dim(0));
  }
  return gradients;
}

void reference_gather(const KernelContext& context) {
  const HostTensor& table = context.inputs[0];
  const std::int64_t rows = table.type.shape[0];
  const std::int64_t columns = table.type.shape[1];
  const auto* indices = context.inputs[1].as<const std::int32_t>();
  dispatch_floating(table.type.dtype, [&]<class T>(T) {
    T* to = context.outputs[0].as<T>();
    for (std::int64_t i = 0, n = context.inputs[1].type.shape.elements(); i < n; ++i, to += columns) {
      if (indices[i] >= 0 && indices[i] < rows) {
        std::copy_n(table.as<const T>() + indices[i] * columns, columns, to);
      } else {
        std::fill_n(to, columns, T{});
      }
    }
  });
}

std::vector<TensorType> infer_scatter(const OpSignature& signature) {
  const DType dtype = ops::common_floating_type(signature, {"rows"});
  const Shape& rows = signature.inputs[0].shape;
  const Shape& indices = signature.inputs[1].shape;
  ops::require_rank_at_least(rows, "rows", 1, "…×columns");
  ops::require_indices(signature.inputs[1]);
  const std::int64_t columns = rows[rows.rank() - 1];
  ops::require_shape(rows, "rows", ops::with_last_axis(indices, columns), "one row an index");
  const std::int64_t count = signature.attributes.integer("rows");
  if (count < 1) throw Error("the sum has " + std::to_string(count) + " rows; expected at least 1");
  return {{dtype, Shape{count, columns}}};
}

std::vector<Tensor> gradient_of_scatter(const GradientContext& context) {
  std::vector<Tensor> gradients(2);
  if (context.wanted[0]) gradients[0] = gather_rows(context.output_gradients[0], context.inputs[1]);
  return gradients;
}

void reference_scatter(const KernelContext& context) {
  const HostTensor& sum = context.outputs[0];
  const std::int64_t count = sum.type.shape[0];
  const std::int64_t columns = sum.type.shape[1];
  const auto* indices = context.inputs[1].as<const std::int32_t>();
  dispatch_floating(sum.type.dtype, [&]<class T>(T) {
    T* to = sum.as<T>();
    std::fill_n(to, sum.type.shape.elements(), T{});
    const T* from = context.inputs[0].as<const T>();
    for (std::int64_t i = 0, n = context.inputs[1].type.shape.elements(); i < n; ++i, from += columns) {
      if (indices[i] < 0 || indices[i] >= count) continue;
      for (std::int64_t j = 0; j < columns; ++j) to[indices[i] * columns + j] += from[j];
    }
  });
}

}  // namespace

const OpDefinition& ops::gather_rows() {
  static const OpDefinition definition{
      .name = "gather_rows",
      .summary = "The table's row at each index; zeros for an index outside the table.",
      .input_names = {"table", "indices"},
      .output_names = {"y"},
      .infer = infer_gather,
      .gradient = gradient_of_gather,
      .reference = reference_gather,
      .flops = no_flops,
      .in_place = {},
      .view = false,
      .workspaces = {}};
  return definition;
}

const OpDefinition& ops::scatter_add_rows() {
  static const OpDefinition definition{
      .name = "scatter_add_rows",
      .summary = "Rows added up at their indices, in their order; the gradient of gather_rows.",
      .input_names = {"rows", "indices"},
      .output_names = {"y"},
      .infer = infer_scatter,
      .gradient = gradient_of_scatter,
      .reference = reference_scatter,
      .flops =
          [](const OpSignature& signature) {
            return static_cast<double>(signature.inputs[0].shape.elements());
          },
      .in_place = {},
      .view = false,
      .workspaces = {}};
  return definition;
}

Tensor gather_rows(const Tensor& table, const Tensor& indices) {
  return generalizer::apply(ops::gather_rows(), std::array{table, indices});
}

Tensor scatter_add_rows(const Tensor& rows, const Tensor& indices, std::int64_t count) {
  return generalizer::apply(ops::scatter_add_rows(), std::array{rows, indices}, {{"rows", count}});
}

}  // namespace generalizer
