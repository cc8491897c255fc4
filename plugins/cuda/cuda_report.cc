#include <cublasLt.h>
#include <cuda_runtime_api.h>
#include <cudnn.h>
#include <fmt/format.h>

#include "compiler.h"
#include "cuda_device.h"

namespace generalizer::cuda {
namespace {

std::string version(int number) { return fmt::format("{}.{}", number / 1000, number % 1000 / 10); }

/// Why there is no device; "" when there are some.
std::string reason_for_none(int driver, cudaError_t result, int devices) {
  const char* instead = " Use backend = \"onednn\" on this machine.";
  // Without a driver the runtime gives the driver's version as 0, and no error.
  if (driver == 0) return std::string("This machine has no NVIDIA driver (libcuda.so.1): install the card's driver, where there is a card.") + instead;
  if (result == cudaErrorInsufficientDriver) {
    return fmt::format("The NVIDIA driver is for CUDA {}, and this plugin was built with CUDA {}: install a newer driver.{}", version(driver), version(CUDART_VERSION),
                       instead);
  }
  if (result == cudaErrorNoDevice || (result == cudaSuccess && devices == 0))
    return std::string("There is an NVIDIA driver, but no CUDA device that this process may use (is CUDA_VISIBLE_DEVICES set?).") + instead;
  if (result != cudaSuccess) return fmt::format("CUDA can't be used: {} ({}).{}", cudaGetErrorString(result), cudaGetErrorName(result), instead);
  return {};
}

std::string described(int index) {
  cudaDeviceProp properties{};
  if (cudaGetDeviceProperties(&properties, index) != cudaSuccess) return fmt::format("{}: unknown", index);
  return fmt::format("{}: {}, {:.0f} GiB, compute capability {}.{}", index, properties.name, static_cast<double>(properties.totalGlobalMem) / (1 << 30),
                     properties.major, properties.minor);
}

/// Those for tf32 and bf16, which came with Ampere.
bool has_tensor_cores(int index) {
  cudaDeviceProp properties{};
  return cudaGetDeviceProperties(&properties, index) == cudaSuccess && properties.major >= 8;
}

}  // namespace

BackendReport cuda_report() {
  BackendReport report;
  int driver = 0, devices = 0;
  (void)cudaDriverGetVersion(&driver);
  const cudaError_t result = driver == 0 ? cudaErrorInsufficientDriver : cudaGetDeviceCount(&devices);
  report.reason = reason_for_none(driver, result, devices);
  report.available = report.reason.empty();
  report.libraries["CUDA"] = version(CUDART_VERSION);
  if (driver != 0) report.libraries["CUDA driver"] = version(driver);
  report.libraries["cuBLASLt"] = fmt::format("{}.{}", cublasLtGetVersion() / 10000, cublasLtGetVersion() % 10000 / 100);
  report.libraries["cuDNN"] = fmt::format("{}.{}.{}", cudnnGetVersion() / 10000, cudnnGetVersion() % 10000 / 100, cudnnGetVersion() % 100);
  report.libraries["NVRTC"] = nvrtc_version();
  if (!report.available) return report;
  bool tensor_cores = false;
  for (int i = 0; i < devices; ++i) {
    report.devices.push_back(described(i));
    tensor_cores = tensor_cores || has_tensor_cores(i);
  }
  report.floating_types = {DType::f32, DType::f64};
  // Of several devices one may be older: that one refuses such a program.
  if (tensor_cores) report.arithmetics = {Arithmetic::exact, Arithmetic::tf32, Arithmetic::bf16};
  return report;
}

}  // namespace generalizer::cuda
