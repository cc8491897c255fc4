#pragma once

#include "device.h"
#include "inspection.h"

namespace generalizer::cuda {

MachineFacts machine_facts();
BackendReport cuda_report();

/// Device `index`, as the driver counts. Throws `BackendError` where it can't be had, with the reason and the backend that works instead.
std::unique_ptr<Device> open_cuda_device(std::int64_t index);

}  // namespace generalizer::cuda
