#pragma once

#include <memory>

#include "generalizer/backend.h"

namespace generalizer::cuda {

/// What cuda/device.so exports under the symbol `kDeviceEntry`, for the plugin that comes with it.
struct DeviceEntry {
  BackendReport (*report)();
  std::unique_ptr<Session> (*open)(std::int64_t device);
  CompileReport (*compile_ahead)(const Program& program);
};
constexpr const char* kDeviceEntry = "generalizer_cuda_device";

}  // namespace generalizer::cuda
