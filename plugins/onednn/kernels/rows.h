#pragma once

#include <cstdint>

/// Normalisation by rows of `columns` elements each, one behind the other. A row is one thread's work and is read as a whole before it is
/// written, so results may lie over operands. Sums in f64.
namespace generalizer::onednn {

/// y = (x − mean)/√(variance + epsilon); means and 1/√(variance + epsilon) by row.
void normalize_rows(const float* x, std::int64_t rows, std::int64_t columns, double epsilon, float* y,
                    float* means, float* inverses);

/// dx = inverse·(dy − mean(dy) − y·mean(dy·y))
void normalize_rows_backward(const float* dy, const float* y, const float* inverses, std::int64_t rows,
                             std::int64_t columns, float* dx);

}  // namespace generalizer::onednn
