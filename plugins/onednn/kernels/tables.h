#pragma once

#include <cstdint>

/// Rows of `columns` numbers by their indices. An index outside [0, rows) stands for no row.
namespace generalizer::onednn {

/// y[i] = table[indices[i]], or zeros.
void gather_rows(const float* table, std::int64_t rows, std::int64_t columns, const std::int32_t* indices,
                 std::int64_t count, float* y);

/// y[indices[i]] += x[i] from zeros, in the order of i whatever the threads.
void scatter_add_rows(const float* x, const std::int32_t* indices, std::int64_t count, std::int64_t rows,
                      std::int64_t columns, float* y);

/// y[i][indices[i]] = 1 in rows of zeros.
void one_hot(const std::int32_t* indices, std::int64_t count, std::int64_t classes, float* y);

}  // namespace generalizer::onednn
