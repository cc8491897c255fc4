#include "lower/lower.h"
#include "lower/product.h"

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

/// An operand: the value in the order in which it has to lie, and that memory as the kernel sees it, whatever its rows and columns mean.
struct Operand {
  ValueId value = no_value;
  Descriptor order;
  Descriptor matrix;
};

Located read(Lowering& lowering, const Operand& operand, Products products) {
  const DataType type = operand_type(products);
  const Located where = lowering.read_operand(operand.value, in_type(operand.order, type).value(), products);
  return {in_type(operand.matrix, type).value(), where.buffer};
}

/// y [M×N], which is to lie in this order, = x [M×K] · weights, given to oneDNN as N×K with the strides of memory, and what is fused.
void emit_product(Lowering& lowering, NodeId id, const Operand& x, const Operand& weights, const Descriptor& order) {
  using Product = dnnl::inner_product_forward;
  const Program& program = lowering.program();
  const Fused& fused = lowering.fused(id);
  dnnl::primitive_attr attributes = attributes_with_shared_scratchpad();
  add_activation(attributes, program, fused);
  const Descriptor y_matrix = plain(Dims{x.matrix.get_dims()[0], weights.matrix.get_dims()[0]});
  const Descriptor bias = plain(Dims{y_matrix.get_dims()[1]});
  const auto [kernel, products] = product_kernel(lowering.products(), [&](DataType type) {
    const auto kind = dnnl::prop_kind::forward_training;
    const Descriptor a = in_type(x.matrix, type).value(), b = in_type(weights.matrix, type).value();
    return fused.bias != no_node ? Product::primitive_desc(lowering.engine(), kind, a, b, bias, y_matrix, attributes)
                                 : Product::primitive_desc(lowering.engine(), kind, a, b, y_matrix, attributes);
  });
  const Located a = read(lowering, x, products);
  const Located b = read(lowering, weights, products);
  const Located y{y_matrix, lowering.write(result_of(program, program.node(id), fused), order).buffer};
  std::vector<Argument> arguments = {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, y}};
  if (fused.bias != no_node) arguments.push_back({DNNL_ARG_BIAS, lowering.read_plain(program.node(fused.bias).inputs[1])});
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
  emit_product(lowering, id, {node.inputs[0], with_columns_in(order, m, k), plain(Dims{m, k})},
               {node.inputs[1], with_rows_in(order, k, n), strided({n, k}, {1, n})}, plain(Dims{m, n}));
}

/// dy [M×K] · wᵀ, w [N×K]: the columns of the result are the rows of w.
void lower_by_transposed(Lowering& lowering, const Node& node, NodeId id, std::int64_t m, std::int64_t k,
                         std::int64_t n) {
  Order order = row_order(lowering.layout(node.inputs[1]), k).value_or(Order{});
  if (lowering.fused(id).bias != no_node) order = {};  // a bias is in natural order
  emit_product(lowering, id, {node.inputs[0], plain(Dims{m, k}), plain(Dims{m, k})},
               {node.inputs[1], with_rows_in(order, n, k), plain(Dims{n, k})}, with_columns_in(order, m, n));
}

/// xᵀ · dy, x [K×M], dy [K×N]: the rows of the result are the columns of x.
void lower_transposed(Lowering& lowering, const Node& node, std::int64_t m, std::int64_t k, std::int64_t n) {
  using Product = dnnl::inner_product_backward_weights;
  const Order order = column_order(lowering.layout(node.inputs[0]), k, m).value_or(Order{});
  const Operand x{node.inputs[0], with_columns_in(order, k, m), plain(Dims{k, m})};
  const Operand dy{node.inputs[1], plain(Dims{k, n}), plain(Dims{k, n})};
  const Descriptor weights = strided({n, m}, {1, n});
  const auto [kernel, products] = product_kernel(lowering.products(), [&](DataType type) {
    const Descriptor a = in_type(x.matrix, type).value(), b = in_type(dy.matrix, type).value();
    const dnnl::inner_product_forward::primitive_desc hint(lowering.engine(), dnnl::prop_kind::forward_training, a,
                                                           in_type(weights, type).value(), b);
    return Product::primitive_desc(lowering.engine(), a, weights, b, hint, attributes_with_shared_scratchpad());
  });
  const Located a = read(lowering, x, products);
  const Located b = read(lowering, dy, products);
  const Located y{weights, lowering.write(node.outputs[0], with_rows_in(order, m, n)).buffer};
  lowering.emit(Product(kernel), kernel.scratchpad_desc(),
                {{DNNL_ARG_SRC, a}, {DNNL_ARG_DIFF_DST, b}, {DNNL_ARG_DIFF_WEIGHTS, y}});
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
  const auto operand = [&](ValueId value, const Descriptor& matrix) { return Operand{value, plain(lowering.type(value)), matrix}; };
  const Operand a = operand(node.inputs[0], factor(batch, m, k, transpose_a));
  const Operand b = operand(node.inputs[1], factor(batch, k, n, transpose_b));
  const Descriptor matrix = factor(batch, m, n, false);
  const auto [kernel, products] = product_kernel(lowering.products(), [&](DataType type) {
    return dnnl::matmul::primitive_desc(lowering.engine(), in_type(a.matrix, type).value(), in_type(b.matrix, type).value(), matrix,
                                        attributes_with_shared_scratchpad());
  });
  const Located left = read(lowering, a, products);
  const Located right = read(lowering, b, products);
  const Located y{matrix, lowering.write_plain(node.outputs[0]).buffer};
  lowering.emit(dnnl::matmul(kernel), kernel.scratchpad_desc(),
                {{DNNL_ARG_SRC, left}, {DNNL_ARG_WEIGHTS, right}, {DNNL_ARG_DST, y}});
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
