#pragma once

#include <cstdint>
#include <string>

#include <dnnl.hpp>

#include "generalizer/program.h"

namespace generalizer::onednn {

/// How matmuls and convolutions are computed. Their results are f32 in each.
enum class Products : std::uint8_t {
  exact,    ///< from f32 operands
  bf16,     ///< by kernels that take their operands in bf16
  rounded,  ///< by the kernels for f32, from operands rounded to bf16 and kept in f32. A product of two such numbers has 16 bits and is exact in f32, so
            ///< this is the same arithmetic, but for the order of sums.
};

/// "avx512_core"
std::string name_of(dnnl::cpu_isa instructions);

/// Whether the processor has instructions for products of bf16.
bool multiplies_bf16(dnnl::cpu_isa instructions);

/// The quicker way to compute in this arithmetic. Throws `BackendError` for one that the processor hasn't.
Products products_for(Arithmetic arithmetic, dnnl::cpu_isa instructions);

}  // namespace generalizer::onednn
