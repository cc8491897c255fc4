#include "kernels/reduce.h"

#include <algorithm>

#include "kernels/movement.h"
#include "lower/lower.h"

namespace generalizer::onednn {

namespace {

/// The operand's axes, neighbours of one kind merged.
std::vector<ReductionAxis> axes_of(const Shape& shape, const std::vector<std::int64_t>& reduced) {
  const std::vector<std::int64_t> strides = shape.strides();
  std::vector<ReductionAxis> axes;
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] == 1) continue;
    const bool gone = reduced.empty() || std::find(reduced.begin(), reduced.end(),
                                                   static_cast<std::int64_t>(axis)) != reduced.end();
    if (!axes.empty() && axes.back().reduced == gone) {
      axes.back() = {axes.back().extent * shape[axis], strides[axis], gone};
    } else {
      axes.push_back({shape[axis], strides[axis], gone});
    }
  }
  return axes;
}

/// Whether the sum leaves one number for each channel of images [N × C × …].
bool leaves_channels(const Shape& shape, const std::vector<std::int64_t>& reduced) {
  if (shape.rank() < 3 || reduced.empty()) return false;
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
    const bool gone =
        std::find(reduced.begin(), reduced.end(), static_cast<std::int64_t>(axis)) != reduced.end();
    if (axis == 1 ? gone : !gone && shape[axis] != 1) return false;
  }
  return true;
}

}  // namespace

void lower_reduction(Lowering& lowering, const Node& node, NodeId id) {
  if (node.op->name == "reduce_sum" && !is_plain(lowering.layout(node.inputs[0])) &&
      leaves_channels(lowering.shape(node.inputs[0]), node.attributes.integers("axes"))) {
    return lower_channel_sum(lowering, node, id);  // in the layout as it is
  }
  const Located x = lowering.read_plain(node.inputs[0]);
  const Located y = lowering.write_plain(node.outputs[0]);
  const std::string& op = node.op->name;
  const Reduction kind = op == "reduce_max"    ? Reduction::max
                         : op == "reduce_mean" ? Reduction::mean
                                               : Reduction::sum;
  const Reducer reducer(kind, axes_of(lowering.shape(node.inputs[0]), node.attributes.integers("axes")));
  lowering.emit({x.buffer, y.buffer},
                [=, x = x.buffer, y = y.buffer](const Pointers& at) { reducer.run(at.at(x), at.at(y)); });
}

void lower_broadcast_to(Lowering& lowering, const Node& node, NodeId) {
  const Located x = lowering.read_plain(node.inputs[0]);
  const Located y = lowering.write_plain(node.outputs[0]);
  const Shape& from = lowering.shape(node.inputs[0]);
  const Shape& to = lowering.shape(node.outputs[0]);
  BoxCopy copy;
  copy.extents = {to.begin(), to.end()};
  copy.to_strides = to.strides();
  copy.from_strides.assign(to.rank(), 0);
  const std::vector<std::int64_t> strides = from.strides();
  for (std::size_t axis = 0; axis < from.rank(); ++axis) {
    if (from[axis] != 1) copy.from_strides[to.rank() - from.rank() + axis] = strides[axis];
  }
  copy.simplify();
  lowering.emit({x.buffer, y.buffer}, [=, x = x.buffer, y = y.buffer](const Pointers& at) {
    copy.run(at.at<std::byte>(x), at.at<std::byte>(y));
  });
}

}  // namespace generalizer::onednn
