#include "kernels/tables.h"

#include <cstring>

#include "kernels/parallel.h"

namespace generalizer::onednn {

namespace {

constexpr std::int64_t line = 16;  // floats of a cache line

bool within(std::int32_t index, std::int64_t rows) { return index >= 0 && index < rows; }

std::size_t bytes(std::int64_t floats) { return static_cast<std::size_t>(floats) * 4; }

/// The columns [begin, end) of all rows.
GENERALIZER_ONEDNN_VECTORISED void scatter_columns(const float* x, const std::int32_t* indices,
                                                   std::int64_t count, std::int64_t rows,
                                                   std::int64_t columns, std::int64_t begin, std::int64_t end,
                                                   float* y) {
  for (std::int64_t i = 0; i < count; ++i) {
    if (!within(indices[i], rows)) continue;
    const float* from = x + i * columns;
    float* to = y + indices[i] * columns;
#pragma omp simd
    for (std::int64_t column = begin; column < end; ++column) to[column] += from[column];
  }
}

}  // namespace

void gather_rows(const float* table, std::int64_t rows, std::int64_t columns, const std::int32_t* indices,
                 std::int64_t count, float* y) {
  parallel_items(count, columns, [=](std::int64_t i) {
    float* to = y + i * columns;
    if (within(indices[i], rows)) {
      std::memcpy(to, table + indices[i] * columns, bytes(columns));
    } else {
      std::memset(to, 0, bytes(columns));
    }
  });
}

void scatter_add_rows(const float* x, const std::int32_t* indices, std::int64_t count, std::int64_t rows,
                      std::int64_t columns, float* y) {
  parallel_range(rows * columns, [=](std::int64_t begin, std::int64_t end) {
    std::memset(y + begin, 0, bytes(end - begin));
  });
  // Each thread has columns of its own: many rows may go to one place, and never to places of two threads.
  const std::int64_t lines = (columns + line - 1) / line;
  const std::int64_t parts = std::min<std::int64_t>(omp_get_max_threads(), lines);
  parallel_items(parts, count * columns / parts, [=](std::int64_t part) {
    scatter_columns(x, indices, count, rows, columns, lines * part / parts * line,
                    std::min(columns, lines * (part + 1) / parts * line), y);
  });
}

void one_hot(const std::int32_t* indices, std::int64_t count, std::int64_t classes, float* y) {
  parallel_items(count, classes, [=](std::int64_t i) {
    std::memset(y + i * classes, 0, bytes(classes));
    if (within(indices[i], classes)) y[i * classes + indices[i]] = 1.0F;
  });
}

}  // namespace generalizer::onednn
