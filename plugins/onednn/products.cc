#include "products.h"

#include "generalizer/error.h"

namespace generalizer::onednn {

std::string name_of(dnnl::cpu_isa instructions) {
  switch (instructions) {
    case dnnl::cpu_isa::sse41:
      return "sse41";
    case dnnl::cpu_isa::avx:
      return "avx";
    case dnnl::cpu_isa::avx2:
      return "avx2";
    case dnnl::cpu_isa::avx2_vnni:
      return "avx2_vnni";
    case dnnl::cpu_isa::avx512_core:
      return "avx512_core";
    case dnnl::cpu_isa::avx512_core_vnni:
      return "avx512_core_vnni";
    case dnnl::cpu_isa::avx512_core_bf16:
      return "avx512_core_bf16";
    case dnnl::cpu_isa::avx512_core_fp16:
      return "avx512_core_fp16";
    case dnnl::cpu_isa::avx512_core_amx:
      return "avx512_core_amx";
    case dnnl::cpu_isa::avx512_core_amx_fp16:
      return "avx512_core_amx_fp16";
    default:
      return "the instructions of this machine";
  }
}

bool multiplies_bf16(dnnl::cpu_isa instructions) {
  switch (instructions) {
    case dnnl::cpu_isa::avx512_core_bf16:
    case dnnl::cpu_isa::avx512_core_fp16:
    case dnnl::cpu_isa::avx512_core_amx:
    case dnnl::cpu_isa::avx512_core_amx_fp16:
      return true;
    default:
      return false;
  }
}

Products products_for(Arithmetic arithmetic, dnnl::cpu_isa instructions) {
  if (arithmetic == Arithmetic::exact) return Products::exact;
  if (arithmetic != Arithmetic::bf16 || !multiplies_bf16(instructions)) {
    const std::string needed = arithmetic == Arithmetic::bf16
                                   ? ", which has no instructions for products of bf16 (AVX512_BF16 or AMX)"
                                   : ": no processor that oneDNN knows does";
    throw BackendError(std::string("The backend \"onednn\" does not multiply in ") + name_of(arithmetic) + " on this processor (" + name_of(instructions) + ")" +
                       needed + ". Choose precision = \"f32\".");
  }
  // FP16 without AMX: an Intel processor, from Sapphire Rapids on, whose tiles are hidden by a virtual machine. There the instruction for bf16
  // has half the rate of f32's multiply-add, so that each kernel for bf16 takes twice the time of the one for f32.
  return instructions == dnnl::cpu_isa::avx512_core_fp16 ? Products::rounded : Products::bf16;
}

}  // namespace generalizer::onednn
