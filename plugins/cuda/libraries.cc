#include "libraries.h"

#include <fmt/format.h>

#include "generalizer/error.h"

namespace generalizer::cuda {

void check(cudaError_t result, const std::string& what) {
  if (result != cudaSuccess) throw BackendError(fmt::format("CUDA failed to {}: {} ({}).", what, cudaGetErrorString(result), cudaGetErrorName(result)));
}
void check(cublasStatus_t result, const std::string& what) {
  if (result != CUBLAS_STATUS_SUCCESS) throw BackendError(fmt::format("cuBLASLt failed to {}: {}.", what, cublasLtGetStatusString(result)));
}
void check(cudnnStatus_t result, const std::string& what) {
  if (result != CUDNN_STATUS_SUCCESS) throw BackendError(fmt::format("cuDNN failed to {}: {}.", what, cudnnGetErrorString(result)));
}

}  // namespace generalizer::cuda
