#include "lower/lower.h"

/// Matrices that come out of convolutions keep the order that their features have there: a flattened activation in blocks of channels is a
/// row-major matrix with its columns in another order, and all that a product needs is that the rows of the other matrix, the weights,
/// are in that order, too. So weights, their moments and their gradient are stored that way, and nothing is ever reordered.
namespace generalizer::onednn {

namespace {

/// The order of one axis of a matrix: its factors as if nothing else was there. Natural order is one factor of stride 1, or none.
using Order = Factors;

bool is_natural(const Order& order) { return order.empty() || (order.size() == 1 && order[0].stride == 1); }

/// The order of the columns of a matrix whose rows are whole and in their places; nothing for any other layout.
std::optional<Order> column_order(const Descriptor& layout, std::int64_t rows, std::int64_t columns) {
  if (is_padded(layout)) return std::nullopt;
  const auto parts = split(factors_of(layout), columns);
  if (!parts) return std::nullopt;
  const auto& [outer, inner] = *parts;
  const bool whole_rows = rows == 1 ? outer.empty() : outer.size() == 1 && outer[0].stride == columns;
  return whole_rows ? std::optional(inner) : std::nullopt;
}

/// The order of the rows of a matrix whose rows are whole.
std::optional<Order> row_order(const Descriptor& layout, std::int64_t columns) {
  if (is_padded(layout)) return std::nullopt;
  auto parts = split(factors_of(layout), columns);
  if (!parts) return std::nullopt;
  auto& [outer, inner] = *parts;
  const bool whole_rows = columns == 1 ? inner.empty() : inner.size() == 1 && inner[0].stride == 1;
  if (!whole_rows) return std::nullopt;
  for (Factor& factor : outer) {
    if (factor.stride % columns != 0) return std::nullopt;
    factor.stride /= columns;
  }
  return outer;
}

Descriptor with_columns_in(const Order& order, std::int64_t rows, std::int64_t columns) {
  if (is_natural(order)) return plain(Dims{rows, columns});
  Dims dims{rows};
  Dims strides{columns};
  for (const Factor& factor : order) {
    dims.push_back(factor.extent);
    strides.push_back(factor.stride);
  }
  return strided(dims, strides);
}

Descriptor with_rows_in(const Order& order, std::int64_t rows, std::int64_t columns) {
  if (is_natural(order)) return plain(Dims{rows, columns});
  Dims dims;
  Dims strides;
  for (const Factor& factor : order) {
    dims.push_back(factor.extent);
    strides.push_back(factor.stride * columns);
  }
  dims.push_back(columns);
  strides.push_back(1);
  return strided(dims, strides);
}

/// As the kernels see it: a row-major matrix, whatever its rows and columns mean.
Located as_matrix(const Located& where, std::int64_t rows, std::int64_t columns) {
  return {plain(Dims{rows, columns}), where.buffer};
}

/// y [M×N] = x [M×K] · weights, given to oneDNN as N×K with the strides of memory, and what is fused.
void emit_product(Lowering& lowering, NodeId id, const Located& x, const Located& weights, const Located& y) {
  const Program& program = lowering.program();
  const Fused& fused = lowering.fused(id);
  dnnl::primitive_attr attributes = attributes_with_shared_scratchpad();
  add_activation(attributes, program, fused);
  std::vector<Argument> arguments = {{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_DST, y}};
  Descriptor bias;
  if (fused.bias != no_node) {
    const Located values = lowering.read_plain(program.node(fused.bias).inputs[1]);
    bias = values.layout;
    arguments.push_back({DNNL_ARG_BIAS, values});
  }
  using Product = dnnl::inner_product_forward;
  const auto kind = dnnl::prop_kind::forward_training;
  const Product::primitive_desc kernel =
      fused.bias != no_node
          ? Product::primitive_desc(lowering.engine(), kind, x.layout, weights.layout, bias, y.layout,
                                    attributes)
          : Product::primitive_desc(lowering.engine(), kind, x.layout, weights.layout, y.layout, attributes);
  lowering.emit(Product(kernel), kernel.scratchpad_desc(), arguments);
}

/// x [M×K] · w [K×N]
void lower_forward(Lowering& lowering, const Node& node, NodeId id, std::int64_t m, std::int64_t k,
                   std::int64_t n) {
  Order order = row_order(lowering.layout(node.inputs[1]), n).value_or(Order{});
  if (is_natural(order)) {
    const auto columns = column_order(lowering.layout(node.inputs[0]), m, k);
    if (columns && lowering.lies_in(node.inputs[1], with_rows_in(*columns, k, n))) order = *columns;
  }
  const Located x = lowering.read(node.inputs[0], with_columns_in(order, m, k));
  const Located w = lowering.read(node.inputs[1], with_rows_in(order, k, n));
  const ValueId result = result_of(lowering.program(), node, lowering.fused(id));
  const Located y = lowering.write(result, plain(Dims{m, n}));
  emit_product(lowering, id, as_matrix(x, m, k), {strided({n, k}, {1, n}), w.buffer}, y);
}

/// dy [M×K] · wᵀ, w [N×K]: the columns of the result are the rows of w.
void lower_by_transposed(Lowering& lowering, const Node& node, NodeId id, std::int64_t m, std::int64_t k,
                         std::int64_t n) {
  Order order = row_order(lowering.layout(node.inputs[1]), k).value_or(Order{});
  if (lowering.fused(id).bias != no_node) order = {};  // a bias is in natural order
  const Located dy = lowering.read(node.inputs[0], plain(Dims{m, k}));
  const Located w = lowering.read(node.inputs[1], with_rows_in(order, n, k));
  const ValueId result = result_of(lowering.program(), node, lowering.fused(id));
  const Located y = lowering.write(result, with_columns_in(order, m, n));
  emit_product(lowering, id, dy, as_matrix(w, n, k), as_matrix(y, m, n));
}

/// xᵀ · dy, x [K×M], dy [K×N]: the rows of the result are the columns of x.
void lower_transposed(Lowering& lowering, const Node& node, std::int64_t m, std::int64_t k, std::int64_t n) {
  const Order order = column_order(lowering.layout(node.inputs[0]), k, m).value_or(Order{});
  const Located x = as_matrix(lowering.read(node.inputs[0], with_columns_in(order, k, m)), k, m);
  const Located dy = lowering.read(node.inputs[1], plain(Dims{k, n}));
  const Located y = lowering.write(node.outputs[0], with_rows_in(order, m, n));
  const Located weights{strided({n, m}, {1, n}), y.buffer};
  const auto attributes = attributes_with_shared_scratchpad();
  const dnnl::inner_product_forward::primitive_desc hint(lowering.engine(), dnnl::prop_kind::forward_training,
                                                         x.layout, weights.layout, dy.layout);
  const dnnl::inner_product_backward_weights::primitive_desc kernel(
      lowering.engine(), x.layout, weights.layout, dy.layout, hint, attributes);
  lowering.emit(dnnl::inner_product_backward_weights(kernel), kernel.scratchpad_desc(),
                {{DNNL_ARG_SRC, x}, {DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_DIFF_WEIGHTS, weights}});
}

/// An operand of oneDNN's plain product: batch × rows × columns as multiplied, stored row-major or, `transposed`, turned round.
Descriptor factor(std::int64_t batch, std::int64_t rows, std::int64_t columns, bool transposed) {
  const Dims strides = transposed ? Dims{rows * columns, 1, rows} : Dims{rows * columns, columns, 1};
  return strided({batch, rows, columns}, strides);
}

/// Products side by side, as in attention, and aᵀ · bᵀ, which no layer makes: oneDNN's plain product.
void lower_batched(Lowering& lowering, const Node& node, bool transpose_a, bool transpose_b) {
  const Shape& result = lowering.shape(node.outputs[0]);
  const std::int64_t m = result[result.rank() - 2];
  const std::int64_t n = result[result.rank() - 1];
  const std::int64_t batch = result.elements() / (m * n);
  const std::int64_t k = lowering.shape(node.inputs[0]).elements() / (batch * m);
  const Located a{factor(batch, m, k, transpose_a), lowering.read_plain(node.inputs[0]).buffer};
  const Located b{factor(batch, k, n, transpose_b), lowering.read_plain(node.inputs[1]).buffer};
  const Located y{factor(batch, m, n, false), lowering.write_plain(node.outputs[0]).buffer};
  const dnnl::matmul::primitive_desc kernel(lowering.engine(), a.layout, b.layout, y.layout,
                                            attributes_with_shared_scratchpad());
  lowering.emit(dnnl::matmul(kernel), kernel.scratchpad_desc(),
                {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, y}});
}

}  // namespace

void lower_matmul(Lowering& lowering, const Node& node, NodeId id) {
  const bool transpose_a = node.attributes.integer("transpose_a") != 0;
  const bool transpose_b = node.attributes.integer("transpose_b") != 0;
  const Shape& result = lowering.shape(node.outputs[0]);
  if (result.rank() > 2 || (transpose_a && transpose_b)) {
    lower_batched(lowering, node, transpose_a, transpose_b);
    return;
  }
  const std::int64_t m = result[0];
  const std::int64_t n = result[1];
  const std::int64_t k = lowering.shape(node.inputs[0])[transpose_a ? 0 : 1];
  if (transpose_a) {
    lower_transposed(lowering, node, m, k, n);
  } else if (transpose_b) {
    lower_by_transposed(lowering, node, id, m, k, n);
  } else {
    lower_forward(lowering, node, id, m, k, n);
  }
}

}  // namespace generalizer::onednn
