#pragma once

#include <string>
#include <vector>

namespace generalizer::cuda {

/// Compiles CUDA C++ by NVRTC; needs no device. `architecture` is "sm_90" for machine code, or "compute_90" for PTX that a driver translates. Throws
/// `BackendError` with the compiler's messages.
std::vector<char> compile_cuda(const std::string& source, const std::string& architecture);

/// Machine code for a device of this compute capability where NVRTC knows it, or else PTX of the newest that it knows.
std::string architecture_for(int major, int minor);

/// "13.0"
std::string nvrtc_version();

}  // namespace generalizer::cuda
