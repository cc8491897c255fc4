#pragma once

#include "device.h"
#include "generalizer/backend.h"

namespace generalizer::cuda {

/// Which CUDA devices this machine has, or why it has none: no driver, a driver that is too old, or no device.
BackendReport cuda_report();

/// Device `index`, as the driver counts. Throws `BackendError` where it can't be had, with the reason and the backend that works instead.
std::unique_ptr<Device> open_cuda_device(std::int64_t index);

}  // namespace generalizer::cuda
