#pragma once

#include <cublasLt.h>
#include <cuda_runtime_api.h>
#include <cudnn.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "device.h"

namespace generalizer::cuda {

/// Throw `BackendError` with what was tried and what was said.
void check(cudaError_t result, const std::string& what);
void check(cublasStatus_t result, const std::string& what);
void check(cudnnStatus_t result, const std::string& what);

/// A step that a library computes, with the algorithm chosen for its shapes.
class LibraryCall : public PreparedCall {
 public:
  virtual void run(const std::vector<Address>& operands, const std::vector<Address>& results, Address workspace, cudaStream_t stream) = 0;
};

/// By cuBLASLt, as matmul_choice says.
std::unique_ptr<LibraryCall> matmul_call(cublasLtHandle_t handle, const Program& program, const LibraryStep& step);
/// By cuDNN, as convolution_choice says, with an algorithm that gives the same bytes in every run.
std::unique_ptr<LibraryCall> convolution_call(cudnnHandle_t handle, const Program& program, const LibraryStep& step);

}  // namespace generalizer::cuda
