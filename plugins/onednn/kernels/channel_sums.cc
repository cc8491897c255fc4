#include "kernels/channel_rows.h"
#include "kernels/channels.h"
#include "kernels/parallel.h"

namespace generalizer::onednn {

namespace {

/// The outer axis is summed in at most this many pieces, whatever the number of threads: so is the order of the additions.
constexpr std::int64_t most_pieces = 32;
/// 16 numbers that the compiler keeps in one register, or in as many as the machine needs. Sums in plain arrays would go through memory.
using Lanes = float __attribute__((vector_size(64)));

std::int64_t pieces_of(const ChannelView& view) { return std::min(view.outer, most_pieces); }

/// Two sums by lane, f32 within a row and f64 over rows.
struct LaneSums {
  double first[lanes] = {};
  double second[lanes] = {};
};

[[gnu::always_inline]] inline void load(const float* from, Lanes& to) {
  __builtin_memcpy(&to, from, sizeof to);
}

inline void add_lanes(const Lanes& lanes_of_row, double* sums) {
  for (std::int64_t lane = 0; lane < lanes; ++lane) sums[lane] += static_cast<double>(lanes_of_row[lane]);
}

/// terms(i, first, second) adds the 16 elements from i on; the four pairs of sums don't wait for one another's last addition.
template <class Terms>
[[gnu::always_inline]] inline void add_row(std::int64_t count, LaneSums& sums, Terms terms) {
  Lanes first[4] = {};
  Lanes second[4] = {};
  std::int64_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    terms(i, first[0], second[0]);
    terms(i + lanes, first[1], second[1]);
    terms(i + 2 * lanes, first[2], second[2]);
    terms(i + 3 * lanes, first[3], second[3]);
  }
  for (; i + lanes <= count; i += lanes) terms(i, first[0], second[0]);
  add_lanes(first[0] + first[1] + (first[2] + first[3]), sums.first);
  add_lanes(second[0] + second[1] + (second[2] + second[3]), sums.second);
}

/// The elements of a row that fill no vector: one after the other, terms(i, lane, first, second).
template <class Terms>
[[gnu::always_inline]] inline void add_rest(std::int64_t count, LaneSums& sums, Terms terms) {
  for (std::int64_t i = count / lanes * lanes; i < count; ++i) {
    float first = 0;
    float second = 0;
    terms(i, i % lanes, first, second);
    sums.first[i % lanes] += static_cast<double>(first);
    sums.second[i % lanes] += static_cast<double>(second);
  }
}

GENERALIZER_ONEDNN_VECTORISED void sum_row(const float* x, std::int64_t count, LaneSums& sums) {
  add_row(count, sums, [x](std::int64_t i, Lanes& first, Lanes&) {
    Lanes v;
    load(x + i, v);
    first += v;
  });
  add_rest(count, sums, [x](std::int64_t i, std::int64_t, float& first, float&) { first = x[i]; });
}

GENERALIZER_ONEDNN_VECTORISED void moment_row(const float* x, const float* shift, std::int64_t count,
                                              LaneSums& sums) {
  Lanes shifts;
  load(shift, shifts);
  add_row(count, sums, [x, &shifts](std::int64_t i, Lanes& first, Lanes& second) {
    Lanes v;
    load(x + i, v);
    v -= shifts;
    first += v;
    second += v * v;
  });
  add_rest(count, sums, [x, shift](std::int64_t i, std::int64_t lane, float& first, float& second) {
    first = x[i] - shift[lane];
    second = first * first;
  });
}

GENERALIZER_ONEDNN_VECTORISED void gradient_row(const float* dy, const float* x, const float* mean,
                                                std::int64_t count, LaneSums& sums) {
  Lanes means;
  load(mean, means);
  add_row(count, sums, [dy, x, &means](std::int64_t i, Lanes& first, Lanes& second) {
    Lanes g;
    Lanes v;
    load(dy + i, g);
    load(x + i, v);
    first += g;
    second += g * (v - means);
  });
  add_rest(count, sums, [dy, x, mean](std::int64_t i, std::int64_t lane, float& first, float& second) {
    first = dy[i];
    second = first * (x[i] - mean[lane]);
  });
}

GENERALIZER_ONEDNN_VECTORISED void masked_gradient_row(const float* dy, const float* mask, const float* x,
                                                       const float* mean, std::int64_t count,
                                                       LaneSums& sums) {
  const Lanes zero = {};
  Lanes means;
  load(mean, means);
  add_row(count, sums, [dy, mask, x, &means, &zero](std::int64_t i, Lanes& first, Lanes& second) {
    Lanes g;
    Lanes v;
    Lanes m;
    load(dy + i, g);
    load(x + i, v);
    load(mask + i, m);
    g = m > zero ? g : zero;
    first += g;
    second += g * (v - means);
  });
  add_rest(count, sums, [dy, mask, x, mean](std::int64_t i, std::int64_t lane, float& first, float& second) {
    first = mask[i] > 0.0F ? dy[i] : 0.0F;
    second = first * (x[i] - mean[lane]);
  });
}

/// Sums `row(row, by_lane)` of every row; results(channel, first, second) once a channel.
template <class RowFunction, class Results>
void sum_by_channel(const ChannelView& view, const float* parameter, double* work, RowFunction row,
                    Results results) {
  const RowPlan plan(view);
  const std::int64_t pieces = pieces_of(view);
  const std::int64_t channels = view.padded_channels();
  const std::int64_t items = pieces * plan.groups();
  parallel_items(items, view.elements() / items, [&](std::int64_t item) {
    const std::int64_t piece = item / plan.groups();
    const std::int64_t group = item % plan.groups();
    float by_lane[lanes] = {};
    if (parameter != nullptr) plan.spread(parameter, group, by_lane);
    LaneSums sums;
    const std::int64_t end = (piece + 1) * view.outer / pieces;
    for (std::int64_t n = piece * view.outer / pieces; n < end; ++n) {
      plan.for_each_row(n, group, [&](const Row& where) { row(where, by_lane, sums); });
    }
    double* cells = work + piece * channels * 2;
    for (std::int64_t lane = 0; lane < plan.used_lanes(group); ++lane) {
      cells[plan.channel_of(group, lane) * 2] = 0;
      cells[plan.channel_of(group, lane) * 2 + 1] = 0;
    }
    for (std::int64_t lane = 0; lane < plan.used_lanes(group); ++lane) {
      cells[plan.channel_of(group, lane) * 2] += sums.first[lane];
      cells[plan.channel_of(group, lane) * 2 + 1] += sums.second[lane];
    }
  });
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    double first = 0;
    double second = 0;
    for (std::int64_t piece = 0; piece < pieces; ++piece) {
      first += work[(piece * channels + channel) * 2];
      second += work[(piece * channels + channel) * 2 + 1];
    }
    results(channel, first, second);
  }
}

}  // namespace

std::int64_t partial_sums(const ChannelView& view) {
  return (pieces_of(view) * 2 + 1) * view.padded_channels();
}

void channel_sums(const ChannelView& view, const float* x, double* work, float* sums) {
  sum_by_channel(
      view, nullptr, work,
      [x](const Row& row, const float*, LaneSums& into) { sum_row(x + row.offset, row.count, into); },
      [sums](std::int64_t channel, double first, double) { sums[channel] = static_cast<float>(first); });
}

void channel_moments(const ChannelView& view, const float* x, double* work, float* mean, float* variance) {
  // The first element of each channel is near enough to its mean for the difference to keep its digits.
  auto* shift = reinterpret_cast<float*>(work + pieces_of(view) * 2 * view.padded_channels());
  const std::int64_t block_stride = view.spatial * view.block;
  for (std::int64_t channel = 0; channel < view.padded_channels(); ++channel) {
    shift[channel] = x[channel / view.block * block_stride + channel % view.block];
  }
  const double count = static_cast<double>(view.outer * view.spatial);
  sum_by_channel(
      view, shift, work,
      [x](const Row& row, const float* by_lane, LaneSums& into) {
        moment_row(x + row.offset, by_lane, row.count, into);
      },
      [&](std::int64_t channel, double first, double second) {
        const double distance = first / count;
        mean[channel] = static_cast<float>(shift[channel] + distance);
        variance[channel] = static_cast<float>(std::max(second / count - distance * distance, 0.0));
      });
}

void channel_gradient_sums(const ChannelView& view, const float* dy, const float* mask, const float* x,
                           const float* mean, double* work, float* sums, float* products) {
  sum_by_channel(
      view, mean, work,
      [=](const Row& row, const float* by_lane, LaneSums& into) {
        if (mask != nullptr) {
          masked_gradient_row(dy + row.offset, mask + row.offset, x + row.offset, by_lane, row.count, into);
        } else {
          gradient_row(dy + row.offset, x + row.offset, by_lane, row.count, into);
        }
      },
      [=](std::int64_t channel, double first, double second) {
        sums[channel] = static_cast<float>(first);
        products[channel] = static_cast<float>(second);
      });
}

}  // namespace generalizer::onednn
