#include "kernels/channels.h"

#include "kernels/reduce.h"
#include "lower/channel_operand.h"
#include "lower/lower.h"

namespace generalizer::onednn {

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
