#include "kernels/channels.h"

#include "kernels/reduce.h"
#include "lower/channel_operand.h"
#include "lower/lower.h"

namespace generalizer::onednn {

namespace {

/// Whether the operand has one number for each channel of images [N × C × …]: [C×1×…] or [1×C×1×…].
bool is_by_channel(const Shape& operand, const Shape& images) {
  if (operand.rank() > images.rank() || operand.rank() + 1 < images.rank()) return false;
  const std::size_t axis = operand.rank() == images.rank() ? 1 : 0;
  return operand[axis] == images[1] && operand.elements() == images[1];
}

}  // namespace

void lower_bias_add(Lowering& lowering, const Node& node, NodeId) {
  const auto [x, view] = read_by_channel(lowering, node.inputs[0], lowering.layout(node.inputs[0]));
  const Located bias = lowering.read_plain(node.inputs[1]);
  const Located y = lowering.write_over(node.outputs[0], x.layout, {{node.inputs[0], x}});
  const ChannelParameter parameter(lowering, view, bias);
  lowering.emit({x.buffer, y.buffer, bias.buffer, parameter.scratch()},
                [=, view = view, x = x.buffer, y = y.buffer](const Pointers& at) {
                  add_by_channel(view, at.at(x), parameter.padded(at), at.at(y));
                });
}

bool lower_channel_scale(Lowering& lowering, const Node& node) {
  const Shape& shape = lowering.shape(node.outputs[0]);
  if (node.op->name != "multiply" || shape.rank() < 3) return false;
  const bool swapped = is_by_channel(lowering.shape(node.inputs[0]), shape);
  const ValueId images = node.inputs[swapped ? 1 : 0];
  const ValueId factors = node.inputs[swapped ? 0 : 1];
  if (lowering.shape(images) != shape || !is_by_channel(lowering.shape(factors), shape)) return false;
  if (is_plain(lowering.layout(images))) return false;
  const auto [x, view] = read_by_channel(lowering, images, lowering.layout(images));
  const Located scale = lowering.read_plain(factors);
  const Located y = lowering.write_over(node.outputs[0], x.layout, {{images, x}});
  const ChannelParameter parameter(lowering, view, scale);
  lowering.emit({x.buffer, y.buffer, scale.buffer, parameter.scratch()},
                [=, view = view, x = x.buffer, y = y.buffer](const Pointers& at) {
                  scale_by_channel(view, at.at(x), parameter.padded(at), at.at(y));
                });
  return true;
}

void lower_channel_sum(Lowering& lowering, const Node& node, NodeId) {
  const auto [x, view] = read_by_channel(lowering, node.inputs[0], lowering.layout(node.inputs[0]));
  const Located y = lowering.write_plain(node.outputs[0]);
  if (view.spatial == 1 && view.padded_channels() == view.channels) {  // a matrix: the sum of its rows
    const Reducer rows(Reduction::sum, {{view.outer, view.channels, true}, {view.channels, 1, false}});
    lowering.emit({x.buffer, y.buffer},
                  [=, x = x.buffer, y = y.buffer](const Pointers& at) { rows.run(at.at(x), at.at(y)); });
    return;
  }
  const BufferId work = lowering.scratch(partial_sums(view) * 8);
  const BufferId sums = lowering.scratch(view.padded_channels() * 4);
  lowering.emit({x.buffer, y.buffer, work, sums},
                [=, view = view, x = x.buffer, y = y.buffer](const Pointers& at) {
                  channel_sums(view, at.at(x), at.at<double>(work), at.at(sums));
                  std::copy_n(at.at(sums), view.channels, at.at(y));
                });
}

}  // namespace generalizer::onednn
