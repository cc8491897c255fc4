#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "generalizer/backend.h"

namespace generalizer::cuda {

/// A device as the driver describes it.
struct DeviceFacts {
  std::string name;
  int major = 0, minor = 0;  ///< compute capability
  std::int64_t total = 0;    ///< bytes of memory
  std::optional<std::int64_t> free = {};
  std::string problem = {};  ///< why it can't be described; "" when it can
};

enum class DriverState : std::uint8_t { works, none, too_old, no_device, broken };

/// What CUDA says of a machine. What follows from it, for a user, needs no CUDA.
struct MachineFacts {
  DriverState state = DriverState::none;
  int driver = 0;      ///< the newest CUDA that the driver knows, as 1000·major + 10·minor; 0: no driver
  int built_with = 0;  ///< the plugin's CUDA, likewise
  std::string error = {};  ///< of a broken one: what CUDA said
  std::vector<DeviceFacts> devices = {};
  std::map<std::string, std::string> libraries = {};
};

/// "13.0"
std::string cuda_version(int number);

/// Which devices there are, with their memory and capability; or why there is none: no driver, a driver that is too old, or no device.
BackendReport report_of(const MachineFacts& facts);

/// Throws `BackendError` when device `index`, as the driver counts, can't be had: with the reason, with the devices that there are, and with what works instead.
void require_device(const MachineFacts& facts, std::int64_t index);

}  // namespace generalizer::cuda
