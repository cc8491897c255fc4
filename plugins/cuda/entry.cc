#include "entry.h"

#include "ahead.h"
#include "cuda_device.h"
#include "session.h"

namespace {

std::unique_ptr<generalizer::Session> open(std::int64_t device) {
  return std::make_unique<generalizer::cuda::CudaSession>(generalizer::cuda::open_cuda_device(device));
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const generalizer::cuda::DeviceEntry generalizer_cuda_device;
const generalizer::cuda::DeviceEntry generalizer_cuda_device = {generalizer::cuda::cuda_report, open, generalizer::cuda::compile_ahead};
