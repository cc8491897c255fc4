#include <cublasLt.h>
#include <cuda_runtime_api.h>
#include <cudnn.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <array>

#include "compiler.h"
#include "cuda_device.h"

namespace generalizer::cuda {
namespace {

DriverState state_of(int driver, cudaError_t result, int devices) {
  // Without a driver the runtime gives the driver's version as 0, and no error.
  if (driver == 0) return DriverState::none;
  if (result == cudaErrorInsufficientDriver) return DriverState::too_old;
  if (result == cudaErrorNoDevice || (result == cudaSuccess && devices == 0)) return DriverState::no_device;
  return result == cudaSuccess ? DriverState::works : DriverState::broken;
}

/// The driver's own library for looking after devices, which says what memory is free without taking some: CUDA's runtime would first set up the device.
class Nvml {
 public:
  Nvml() : library_(dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL)) {
    if (library_ == nullptr) return;
    find(start_, "nvmlInit_v2");
    find(stop_, "nvmlShutdown");
    find(device_, "nvmlDeviceGetHandleByPciBusId_v2");
    find(memory_, "nvmlDeviceGetMemoryInfo");
    works_ = start_ != nullptr && stop_ != nullptr && device_ != nullptr && memory_ != nullptr && start_() == 0;
  }
  ~Nvml() {
    if (works_) stop_();
  }
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  /// Nothing where it can't say.
  std::optional<std::int64_t> free_bytes(int index) const {
    std::array<char, 32> bus{};
    void* device = nullptr;
    Memory memory{};
    if (!works_ || cudaDeviceGetPCIBusId(bus.data(), static_cast<int>(bus.size()), index) != cudaSuccess) return std::nullopt;
    if (device_(bus.data(), &device) != 0 || memory_(device, &memory) != 0) return std::nullopt;
    return static_cast<std::int64_t>(memory.free);
  }

 private:
  struct Memory {  // nvmlMemory_t
    unsigned long long total, free, used;
  };
  template <class F>
  void find(F& function, const char* name) {
    function = reinterpret_cast<F>(dlsym(library_, name));
  }

  void* library_;  ///< never closed: it starts threads
  int (*start_)() = nullptr;
  int (*stop_)() = nullptr;
  int (*device_)(const char*, void**) = nullptr;
  int (*memory_)(void*, Memory*) = nullptr;
  bool works_ = false;
};

DeviceFacts facts_of(int index, const Nvml& nvml) {
  DeviceFacts facts;
  cudaDeviceProp properties{};
  if (const cudaError_t result = cudaGetDeviceProperties(&properties, index); result != cudaSuccess) {
    facts.problem = cudaGetErrorString(result);
    return facts;
  }
  facts.name = properties.name;
  facts.major = properties.major;
  facts.minor = properties.minor;
  facts.total = static_cast<std::int64_t>(properties.totalGlobalMem);
  facts.free = nvml.free_bytes(index);
  return facts;
}

}  // namespace

MachineFacts machine_facts() {
  MachineFacts facts;
  int devices = 0;
  (void)cudaDriverGetVersion(&facts.driver);
  const cudaError_t result = facts.driver == 0 ? cudaErrorInsufficientDriver : cudaGetDeviceCount(&devices);
  facts.state = state_of(facts.driver, result, devices);
  facts.built_with = CUDART_VERSION;
  if (facts.state == DriverState::broken) facts.error = fmt::format("{} ({})", cudaGetErrorString(result), cudaGetErrorName(result));
  facts.libraries["cuBLASLt"] = fmt::format("{}.{}", cublasLtGetVersion() / 10000, cublasLtGetVersion() % 10000 / 100);
  facts.libraries["cuDNN"] = fmt::format("{}.{}.{}", cudnnGetVersion() / 10000, cudnnGetVersion() % 10000 / 100, cudnnGetVersion() % 100);
  facts.libraries["NVRTC"] = nvrtc_version();
  if (facts.state != DriverState::works) return facts;
  const Nvml nvml;
  for (int i = 0; i < devices; ++i) facts.devices.push_back(facts_of(i, nvml));
  return facts;
}

BackendReport cuda_report() { return report_of(machine_facts()); }

}  // namespace generalizer::cuda
