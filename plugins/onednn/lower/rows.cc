#include "kernels/rows.h"

#include "lower/lower.h"

namespace generalizer::onednn {

namespace {

/// Whether every row lies in one piece, whatever the order of its elements, and the rows one behind the other. Groups of channels are such rows
/// in blocks of channels that they are whole numbers of.
bool keeps_rows(const Descriptor& layout, std::int64_t columns) {
  if (is_padded(layout)) return false;
  const auto parts = split(factors_of(layout), columns);
  if (!parts) return false;
  const auto& [rows, row] = *parts;
  if (rows.size() > 1 || (rows.size() == 1 && rows.front().stride != columns)) return false;
  std::int64_t last = 0;  // the place of the row's last element in memory
  for (const Factor& factor : row) last += (factor.extent - 1) * factor.stride;
  return last == columns - 1;
}

/// The value's own layout where that keeps its rows, else row-major.
Descriptor row_layout(const Lowering& lowering, ValueId value) {
  const Descriptor layout = lowering.layout(value);
  return keeps_rows(layout, lowering.shape(value)[1]) ? layout : plain(lowering.type(value));
}

}  // namespace

void lower_normalize_rows(Lowering& lowering, const Node& node, NodeId) {
  const Shape& shape = lowering.shape(node.inputs[0]);
  const Descriptor layout = row_layout(lowering, node.inputs[0]);
  const Located x = lowering.read(node.inputs[0], layout);
  const Located y = lowering.write_over(node.outputs[0], layout, {{node.inputs[0], x}});
  const Located mean = lowering.write_plain(node.outputs[1]);
  const Located inverse = lowering.write_plain(node.outputs[2]);
  const double epsilon = node.attributes.number("epsilon");
  lowering.emit({x.buffer, y.buffer, mean.buffer, inverse.buffer},
                [=, rows = shape[0], columns = shape[1], x = x.buffer, y = y.buffer, mean = mean.buffer,
                 inverse = inverse.buffer](const Pointers& at) {
                  normalize_rows(at.at(x), rows, columns, epsilon, at.at(y), at.at(mean), at.at(inverse));
                });
}

void lower_normalize_rows_backward(Lowering& lowering, const Node& node, NodeId) {
  const Shape& shape = lowering.shape(node.inputs[0]);
  const Descriptor layout = row_layout(lowering, node.inputs[0]);
  const Located dy = lowering.read(node.inputs[0], layout);
  const Located y = lowering.read(node.inputs[1], layout);
  const Located inverse = lowering.read_plain(node.inputs[2]);
  const Located dx =
      lowering.write_over(node.outputs[0], layout, {{node.inputs[0], dy}, {node.inputs[1], y}});
  lowering.emit({dy.buffer, y.buffer, inverse.buffer, dx.buffer},
                [=, rows = shape[0], columns = shape[1], dy = dy.buffer, y = y.buffer,
                 inverse = inverse.buffer, dx = dx.buffer](const Pointers& at) {
                  normalize_rows_backward(at.at(dy), at.at(y), at.at(inverse), rows, columns, at.at(dx));
                });
}

}  // namespace generalizer::onednn
