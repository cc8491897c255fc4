#pragma once

#include <cstdint>

#include "layout.h"

/// Work on [N × C × …] by channel, in any layout that `ChannelView` describes. Parameters and results by channel are arrays of
/// `padded_channels()`; those of padding are zero. All results are the same for any number of threads.
namespace generalizer::onednn {

/// f64 cells that the sums below need as work space.
std::int64_t partial_sums(const ChannelView& view);

/// sums[c] = Σ x
void channel_sums(const ChannelView& view, const float* x, double* work, float* sums);
/// Mean and biased variance of each channel, about a value of the channel, so that a large mean costs no digits.
void channel_moments(const ChannelView& view, const float* x, double* work, float* mean, float* variance);
/// sums[c] = Σ dy, products[c] = Σ dy·(x − mean); with `mask`, dy counts only where mask > 0.
void channel_gradient_sums(const ChannelView& view, const float* dy, const float* mask, const float* x,
                           const float* mean, double* work, float* sums, float* products);

/// y = x + bias
void add_by_channel(const ChannelView& view, const float* x, const float* bias, float* y);
/// y = x·scale
void scale_by_channel(const ChannelView& view, const float* x, const float* scale, float* y);
/// y = scale·(x − mean) + shift, and no less than zero with `relu`
void normalise_by_channel(const ChannelView& view, const float* x, const float* mean, const float* scale,
                          const float* shift, bool relu, float* y);
/// dx = a·dy + b·(x − mean) + c; with `mask`, dy counts only where mask > 0.
void normalise_backward_by_channel(const ChannelView& view, const float* dy, const float* mask,
                                   const float* x, const float* mean, const float* a, const float* b,
                                   const float* c, float* dx);

}  // namespace generalizer::onednn
