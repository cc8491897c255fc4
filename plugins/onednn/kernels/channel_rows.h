#pragma once

#include <algorithm>
#include <cstdint>

#include "layout.h"

namespace generalizer::onednn {

/// Loops by channel go over rows in which the channel repeats with the lanes of one wide vector: element i of a row belongs to the channel
/// of lane i mod 16.
constexpr std::int64_t lanes = 16;

/// A stretch of memory and the channels of its lanes.
struct Row {
  std::int64_t offset = 0;
  std::int64_t count = 0;
};

/// How the memory of one outer index and one group of channels falls into rows.
///   block 1: a row is a channel's plane;  block 16 or 8: a block's plane;  else: a pixel's channels, 16 at a time.
class RowPlan {
 public:
  explicit RowPlan(const ChannelView& view) : view_(view) {
    whole_planes_ = view.block == 1 || view.block == lanes || view.block == lanes / 2;
    groups_ = whole_planes_ ? view.blocks : (view.padded_channels() + lanes - 1) / lanes;
  }

  /// Groups of channels whose rows have one assignment of lanes.
  std::int64_t groups() const { return groups_; }
  std::int64_t channel_of(std::int64_t group, std::int64_t lane) const {
    if (view_.block == 1) return group;
    if (whole_planes_) return group * view_.block + lane % view_.block;
    return group * lanes + lane;
  }
  /// Lanes that belong to a channel: fewer in the last group of a block that is no multiple of 16.
  std::int64_t used_lanes(std::int64_t group) const {
    return whole_planes_ ? lanes : std::min(lanes, view_.padded_channels() - group * lanes);
  }

  /// f(row) for each row of outer index `n`.
  template <class F>
  void for_each_row(std::int64_t n, std::int64_t group, F&& f) const {
    const std::int64_t plane = view_.spatial * view_.block;
    if (whole_planes_) {
      f(Row{(n * view_.blocks + group) * plane, plane});
      return;
    }
    // One block holds every channel: `block` apart from pixel to pixel.
    const std::int64_t count = used_lanes(group);
    for (std::int64_t pixel = 0; pixel < view_.spatial; ++pixel) {
      f(Row{(n * view_.spatial + pixel) * view_.block + group * lanes, count});
    }
  }

  /// The parameters of a group, one a lane.
  void spread(const float* by_channel, std::int64_t group, float* by_lane) const {
    const std::int64_t used = used_lanes(group);
    for (std::int64_t lane = 0; lane < lanes; ++lane)
      by_lane[lane] = lane < used ? by_channel[channel_of(group, lane)] : 0.0F;
  }

 private:
  ChannelView view_;
  bool whole_planes_ = true;
  std::int64_t groups_ = 1;
};

}  // namespace generalizer::onednn
