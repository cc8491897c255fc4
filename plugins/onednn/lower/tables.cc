#include "kernels/tables.h"

#include "lower/lower.h"

namespace generalizer::onednn {

void lower_one_hot(Lowering& lowering, const Node& node, NodeId) {
  const Located indices = lowering.read_plain(node.inputs[0]);
  const Located y = lowering.write_plain(node.outputs[0]);
  const std::int64_t count = lowering.shape(node.inputs[0]).elements();
  const std::int64_t classes = node.attributes.integer("classes");
  lowering.emit({indices.buffer, y.buffer}, [=, indices = indices.buffer, y = y.buffer](const Pointers& at) {
    one_hot(at.at<std::int32_t>(indices), count, classes, at.at(y));
  });
}

void lower_gather_rows(Lowering& lowering, const Node& node, NodeId) {
  const Located table = lowering.read_plain(node.inputs[0]);
  const Located indices = lowering.read_plain(node.inputs[1]);
  const Located y = lowering.write_plain(node.outputs[0]);
  const Shape& shape = lowering.shape(node.inputs[0]);
  const std::int64_t count = lowering.shape(node.inputs[1]).elements();
  lowering.emit({table.buffer, indices.buffer, y.buffer},
                [=, rows = shape[0], columns = shape[1], table = table.buffer, indices = indices.buffer,
                 y = y.buffer](const Pointers& at) {
                  gather_rows(at.at(table), rows, columns, at.at<std::int32_t>(indices), count, at.at(y));
                });
}

void lower_scatter_add_rows(Lowering& lowering, const Node& node, NodeId) {
  const Located x = lowering.read_plain(node.inputs[0]);
  const Located indices = lowering.read_plain(node.inputs[1]);
  const Located y = lowering.write_plain(node.outputs[0]);
  const Shape& shape = lowering.shape(node.outputs[0]);
  const std::int64_t count = lowering.shape(node.inputs[1]).elements();
  lowering.emit({x.buffer, indices.buffer, y.buffer},
                [=, rows = shape[0], columns = shape[1], x = x.buffer, indices = indices.buffer,
                 y = y.buffer](const Pointers& at) {
                  scatter_add_rows(at.at(x), at.at<std::int32_t>(indices), count, rows, columns, at.at(y));
                });
}

}  // namespace generalizer::onednn
