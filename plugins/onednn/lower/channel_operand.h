#pragma once

#include <algorithm>
#include <utility>

#include "lowering.h"

namespace generalizer::onednn {

/// A value in `preferred` layout if the loops by channel can work in it, else row-major.
inline std::pair<Located, ChannelView> read_by_channel(Lowering& lowering, ValueId value,
                                                       const Descriptor& preferred) {
  const Shape& shape = lowering.shape(value);
  auto view = channel_view(preferred, shape);
  const bool usable =
      view && (view->blocks == 1 || view->block == 1 || view->block == 8 || view->block == 16);
  const Descriptor layout = usable ? preferred : plain(lowering.type(value));
  if (!usable) view = channel_view(layout, shape);
  return {lowering.read(value, layout), *view};
}

/// F[C] with zeros for the channels that are padding.
class ChannelParameter {
 public:
  ChannelParameter(Lowering& lowering, const ChannelView& view, const Located& values)
      : values_(values.buffer), channels_(view.channels), padded_(view.padded_channels()) {
    scratch_ = lowering.scratch(padded_ * 4);
  }
  BufferId scratch() const { return scratch_; }
  const float* padded(const Pointers& at) const {
    if (padded_ == channels_) return at.at(values_);
    float* copy = at.at(scratch_);
    std::copy_n(at.at(values_), channels_, copy);
    std::fill(copy + channels_, copy + padded_, 0.0F);
    return copy;
  }

 private:
  BufferId values_;
  BufferId scratch_ = -1;
  std::int64_t channels_;
  std::int64_t padded_;
};

}  // namespace generalizer::onednn
