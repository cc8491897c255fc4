#pragma once

#include <initializer_list>

#include "program/ops/operand_checks.h"

/// What the ops per channel share: x F[N×C×…] is N×C rows of `inner` elements, each row of one channel.
namespace generalizer::ops {

struct ChannelSizes {
  std::int64_t batch = 0;
  std::int64_t channels = 0;
  std::int64_t inner = 1;  ///< product of the extents after the channel axis

  /// How many elements a channel has.
  std::int64_t per_channel() const { return batch * inner; }
};

inline ChannelSizes channel_sizes(const Shape& x) {
  require_rank_at_least(x, "first operand", 2, "batch×channels×…");
  return {x[0], x[1], x.elements() / (x[0] * x[1])};
}

/// Throws unless operand `index` has one number a channel of x.
inline void require_per_channel(const OpSignature& signature, std::size_t index, const char* name,
                                const ChannelSizes& sizes) {
  require_shape(signature.inputs[index].shape, name, Shape{sizes.channels}, "one number a channel");
}

/// 1×C×1×…, by which a tensor F[C] broadcasts over x.
inline Shape channel_shape(const Shape& x) {
  Shape shape(std::vector<std::int64_t>(x.rank(), 1));
  shape[1] = x[1];
  return shape;
}

/// Calls f(begin) for each row of channel c: the index of its first element.
template <class F>
void for_each_channel_row(const ChannelSizes& s, std::int64_t c, F&& f) {
  for (std::int64_t n = 0; n < s.batch; ++n) f((n * s.channels + c) * s.inner);
}

}  // namespace generalizer::ops
