#include "kernels/channel_rows.h"
#include "kernels/channels.h"
#include "kernels/parallel.h"

namespace generalizer::onednn {

namespace {

/// f(i, lane) over one row, 16 at a time.
template <class F>
[[gnu::always_inline]] inline void map_row(std::int64_t count, F f) {
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
#pragma omp simd
    for (std::int64_t lane = 0; lane < lanes; ++lane) f(i + lane, lane);
  }
  for (; i < count; ++i) f(i, i % lanes);
}

GENERALIZER_ONEDNN_VECTORISED void add_row(const float* x, const float* bias, float* y, std::int64_t count) {
  map_row(count, [=](std::int64_t i, std::int64_t lane) { y[i] = x[i] + bias[lane]; });
}

GENERALIZER_ONEDNN_VECTORISED void scale_row(const float* x, const float* scale, float* y,
                                             std::int64_t count) {
  map_row(count, [=](std::int64_t i, std::int64_t lane) { y[i] = x[i] * scale[lane]; });
}

GENERALIZER_ONEDNN_VECTORISED void normalise_row(const float* x, const float* mean, const float* scale,
                                                 const float* shift, float* y, std::int64_t count) {
  map_row(count,
          [=](std::int64_t i, std::int64_t lane) { y[i] = (x[i] - mean[lane]) * scale[lane] + shift[lane]; });
}

GENERALIZER_ONEDNN_VECTORISED void normalise_relu_row(const float* x, const float* mean, const float* scale,
                                                      const float* shift, float* y, std::int64_t count) {
  map_row(count, [=](std::int64_t i, std::int64_t lane) {
    const float v = (x[i] - mean[lane]) * scale[lane] + shift[lane];
    y[i] = v < 0.0F ? 0.0F : v;
  });
}

struct BackwardLanes {
  float mean[lanes];
  float a[lanes];
  float b[lanes];
  float c[lanes];
};

GENERALIZER_ONEDNN_VECTORISED void backward_row(const float* dy, const float* x, const BackwardLanes& by_lane,
                                                float* dx, std::int64_t count) {
  map_row(count, [&](std::int64_t i, std::int64_t lane) {
    dx[i] = by_lane.a[lane] * dy[i] + by_lane.b[lane] * (x[i] - by_lane.mean[lane]) + by_lane.c[lane];
  });
}

GENERALIZER_ONEDNN_VECTORISED void masked_backward_row(const float* dy, const float* mask, const float* x,
                                                       const BackwardLanes& by_lane, float* dx,
                                                       std::int64_t count) {
  map_row(count, [&](std::int64_t i, std::int64_t lane) {
    const float g = mask[i] > 0.0F ? dy[i] : 0.0F;
    dx[i] = by_lane.a[lane] * g + by_lane.b[lane] * (x[i] - by_lane.mean[lane]) + by_lane.c[lane];
  });
}

/// f(plan, n, group) for every outer index and group of channels.
template <class F>
void for_each_group(const ChannelView& view, F&& f) {
  const RowPlan plan(view);
  const std::int64_t items = view.outer * plan.groups();
  parallel_items(items, view.elements() / items,
                 [&](std::int64_t item) { f(plan, item / plan.groups(), item % plan.groups()); });
}

}  // namespace

void add_by_channel(const ChannelView& view, const float* x, const float* bias, float* y) {
  for_each_group(view, [=](const RowPlan& plan, std::int64_t n, std::int64_t group) {
    float by_lane[lanes];
    plan.spread(bias, group, by_lane);
    plan.for_each_row(n, group,
                      [&](const Row& row) { add_row(x + row.offset, by_lane, y + row.offset, row.count); });
  });
}

void scale_by_channel(const ChannelView& view, const float* x, const float* scale, float* y) {
  for_each_group(view, [=](const RowPlan& plan, std::int64_t n, std::int64_t group) {
    float by_lane[lanes];
    plan.spread(scale, group, by_lane);
    plan.for_each_row(n, group,
                      [&](const Row& row) { scale_row(x + row.offset, by_lane, y + row.offset, row.count); });
  });
}

void normalise_by_channel(const ChannelView& view, const float* x, const float* mean, const float* scale,
                          const float* shift, bool relu, float* y) {
  const auto row_loop = relu ? normalise_relu_row : normalise_row;
  for_each_group(view, [=](const RowPlan& plan, std::int64_t n, std::int64_t group) {
    float means[lanes];
    float scales[lanes];
    float shifts[lanes];
    plan.spread(mean, group, means);
    plan.spread(scale, group, scales);
    plan.spread(shift, group, shifts);
    plan.for_each_row(n, group, [&](const Row& row) {
      row_loop(x + row.offset, means, scales, shifts, y + row.offset, row.count);
    });
  });
}

void normalise_backward_by_channel(const ChannelView& view, const float* dy, const float* mask,
                                   const float* x, const float* mean, const float* a, const float* b,
                                   const float* c, float* dx) {
  for_each_group(view, [=](const RowPlan& plan, std::int64_t n, std::int64_t group) {
    BackwardLanes by_lane;
    plan.spread(mean, group, by_lane.mean);
    plan.spread(a, group, by_lane.a);
    plan.spread(b, group, by_lane.b);
    plan.spread(c, group, by_lane.c);
    plan.for_each_row(n, group, [&](const Row& row) {
      if (mask != nullptr) {
        masked_backward_row(dy + row.offset, mask + row.offset, x + row.offset, by_lane, dx + row.offset,
                            row.count);
      } else {
        backward_row(dy + row.offset, x + row.offset, by_lane, dx + row.offset, row.count);
      }
    });
  });
}

}  // namespace generalizer::onednn
