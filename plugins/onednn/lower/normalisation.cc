#include <cmath>

#include "kernels/channels.h"
#include "lower/channel_operand.h"
#include "lower/lower.h"

namespace generalizer::onednn {

namespace {

/// scale/√(variance + epsilon); what padding gets is zero.
void fill_scales(std::int64_t channels, const float* scale, const float* variance, double epsilon,
                 float* result) {
  for (std::int64_t c = 0; c < channels; ++c) {
    result[c] = static_cast<float>(static_cast<double>(scale[c]) /
                                   std::sqrt(static_cast<double>(variance[c]) + epsilon));
  }
}

/// Arrays by channel, padding included, as work space of one instruction.
class ChannelArrays {
 public:
  ChannelArrays(Lowering& lowering, const ChannelView& view, std::int64_t count)
      : size_(view.padded_channels()) {
    buffer_ = lowering.scratch(count * size_ * 4);
  }
  BufferId buffer() const { return buffer_; }
  float* array(const Pointers& at, std::int64_t index) const { return at.at(buffer_) + index * size_; }
  /// Array `index`, with the values of the channels and zeros for padding.
  float* copy(const Pointers& at, std::int64_t index, const float* values, std::int64_t channels) const {
    float* to = array(at, index);
    std::copy_n(values, channels, to);
    std::fill(to + channels, to + size_, 0.0F);
    return to;
  }

 private:
  std::int64_t size_;
  BufferId buffer_ = -1;
};

}  // namespace

void lower_batch_norm(Lowering& lowering, const Node& node, NodeId id) {
  const Fused& fused = lowering.fused(id);
  const auto [x, view] = read_by_channel(lowering, node.inputs[0], lowering.layout(node.inputs[0]));
  const Located scale = lowering.read_plain(node.inputs[1]);
  const Located shift = lowering.read_plain(node.inputs[2]);
  const Located y = lowering.write(result_of(lowering.program(), node, fused), x.layout);
  const Located mean = lowering.write_plain(node.outputs[1]);
  const Located variance = lowering.write_plain(node.outputs[2]);
  const BufferId work = lowering.scratch(partial_sums(view) * 8);
  const ChannelArrays arrays(lowering, view, 4);
  const double epsilon = node.attributes.number("epsilon");
  const bool relu = fused.activation != no_node;
  lowering.emit(
      {x.buffer, scale.buffer, shift.buffer, y.buffer, mean.buffer, variance.buffer, work, arrays.buffer()},
      [=, view = view, x = x.buffer, scale = scale.buffer, shift = shift.buffer, y = y.buffer,
       mean = mean.buffer, variance = variance.buffer](const Pointers& at) {
        float* means = arrays.array(at, 0);
        float* variances = arrays.array(at, 1);
        channel_moments(view, at.at(x), at.at<double>(work), means, variances);
        std::copy_n(means, view.channels, at.at(mean));
        std::copy_n(variances, view.channels, at.at(variance));
        float* scales = arrays.copy(at, 2, at.at(scale), view.channels);
        fill_scales(view.channels, scales, variances, epsilon, scales);
        const float* shifts = arrays.copy(at, 3, at.at(shift), view.channels);
        normalise_by_channel(view, at.at(x), means, scales, shifts, relu, at.at(y));
      });
}

void lower_batch_norm_inference(Lowering& lowering, const Node& node, NodeId) {
  const auto [x, view] = read_by_channel(lowering, node.inputs[0], lowering.layout(node.inputs[0]));
  const Located scale = lowering.read_plain(node.inputs[1]);
  const Located shift = lowering.read_plain(node.inputs[2]);
  const Located mean = lowering.read_plain(node.inputs[3]);
  const Located variance = lowering.read_plain(node.inputs[4]);
  const Located y = lowering.write_over(node.outputs[0], x.layout, {{node.inputs[0], x}});
  const ChannelArrays arrays(lowering, view, 3);
  const double epsilon = node.attributes.number("epsilon");
  lowering.emit(
      {x.buffer, scale.buffer, shift.buffer, mean.buffer, variance.buffer, y.buffer, arrays.buffer()},
      [=, view = view, x = x.buffer, scale = scale.buffer, shift = shift.buffer, mean = mean.buffer,
       variance = variance.buffer, y = y.buffer](const Pointers& at) {
        const float* means = arrays.copy(at, 0, at.at(mean), view.channels);
        float* scales = arrays.copy(at, 1, at.at(scale), view.channels);
        fill_scales(view.channels, scales, at.at(variance), epsilon, scales);
        const float* shifts = arrays.copy(at, 2, at.at(shift), view.channels);
        normalise_by_channel(view, at.at(x), means, scales, shifts, false, at.at(y));
      });
}

void lower_batch_norm_backward(Lowering& lowering, const Node& node, NodeId id) {
  const NodeId relu_gradient = lowering.fused(id).relu_gradient;
  const bool masked = relu_gradient != no_node;
  const auto [x, view] = read_by_channel(lowering, node.inputs[1], lowering.layout(node.inputs[1]));
  const ValueId gradient = masked ? lowering.program().node(relu_gradient).inputs[0] : node.inputs[0];
  const Located dy = lowering.read(gradient, x.layout);
  const Located mask =
      masked ? lowering.read(lowering.program().node(relu_gradient).inputs[1], x.layout) : dy;
  const Located mean = lowering.read_plain(node.inputs[2]);
  const Located variance = lowering.read_plain(node.inputs[3]);
  const Located scale = lowering.read_plain(node.inputs[4]);
  const Located dx = lowering.write(node.outputs[0], x.layout);
  const Located dscale = lowering.write_plain(node.outputs[1]);
  const Located dshift = lowering.write_plain(node.outputs[2]);
  const BufferId work = lowering.scratch(partial_sums(view) * 8);
  const ChannelArrays arrays(lowering, view, 6);
  const double epsilon = node.attributes.number("epsilon");
  const double count = static_cast<double>(view.outer * view.spatial);

  const std::vector<BufferId> touched = {dy.buffer,       mask.buffer,  x.buffer,       mean.buffer,
                                         variance.buffer, scale.buffer, dx.buffer,      dscale.buffer,
                                         dshift.buffer,   work,         arrays.buffer()};
  lowering.emit(
      touched, [=, view = view, dy = dy.buffer, mask = mask.buffer, x = x.buffer, mean = mean.buffer,
                variance = variance.buffer, scale = scale.buffer, dx = dx.buffer, dscale = dscale.buffer,
                dshift = dshift.buffer](const Pointers& at) {
        const float* masks = masked ? at.at(mask) : nullptr;
        const float* means = arrays.copy(at, 0, at.at(mean), view.channels);
        float* sums = arrays.array(at, 1);
        float* products = arrays.array(at, 2);
        channel_gradient_sums(view, at.at(dy), masks, at.at(x), means, at.at<double>(work), sums, products);
        // dx = scale/σ · (dy − Σdy/M − (x − mean)·Σ(dy·(x − mean))/(M·σ²)), as a·dy + b·(x − mean) + c
        float* a = arrays.copy(at, 3, at.at(scale), view.channels);
        float* b = arrays.copy(at, 4, products, view.channels);
        float* c = arrays.copy(at, 5, sums, view.channels);
        for (std::int64_t k = 0; k < view.channels; ++k) {
          const double inverse = 1.0 / std::sqrt(static_cast<double>(at.at(variance)[k]) + epsilon);
          const double factor = static_cast<double>(a[k]) * inverse;
          at.at(dshift)[k] = sums[k];
          at.at(dscale)[k] = static_cast<float>(static_cast<double>(products[k]) * inverse);
          a[k] = static_cast<float>(factor);
          b[k] = static_cast<float>(-factor * inverse * inverse * static_cast<double>(products[k]) / count);
          c[k] = static_cast<float>(-factor * static_cast<double>(sums[k]) / count);
        }
        normalise_backward_by_channel(view, at.at(dy), masks, at.at(x), means, a, b, c, at.at(dx));
      });
}

}  // namespace generalizer::onednn
