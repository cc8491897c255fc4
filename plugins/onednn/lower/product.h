#pragma once

#include <string>
#include <utility>

#include "layout.h"
#include "products.h"

namespace generalizer::onednn {

/// In which the operands are given to the kernel.
inline DataType operand_type(Products products) { return products == Products::bf16 ? DataType::bf16 : DataType::f32; }

template <class Kernel>
bool is_reference(const Kernel& kernel) {
  return std::string(kernel.impl_info_str()).rfind("ref", 0) == 0;
}

/// `make(type)`, a primitive descriptor for operands of this type, and how it computes products: for bf16 as `wanted`, but by f32's kernel where the library has
/// nothing but its slow reference kernel for bf16.
template <class Make>
auto product_kernel(Products wanted, Make&& make) -> std::pair<decltype(make(DataType::f32)), Products> {
  if (wanted != Products::bf16) return {make(DataType::f32), wanted};
  try {
    auto kernel = make(DataType::bf16);
    if (!is_reference(kernel)) return {kernel, wanted};
  } catch (const dnnl::error& error) {
    if (error.status != dnnl_unimplemented) throw;
  }
  return {make(DataType::f32), Products::rounded};
}

}  // namespace generalizer::onednn
