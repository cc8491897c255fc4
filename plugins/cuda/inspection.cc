#include "inspection.h"

#include <fmt/format.h>

namespace generalizer::cuda {
namespace {

constexpr const char* kInstead = " Use backend = \"onednn\" on this machine.";

/// Why there is no device; "" when there are some.
std::string reason_for_none(const MachineFacts& facts) {
  switch (facts.state) {
    case DriverState::works:
      break;
    case DriverState::none:
      return std::string("This machine has no NVIDIA driver (libcuda.so.1): install the card's driver, where there is a card.") + kInstead;
    case DriverState::too_old:
      return fmt::format("The NVIDIA driver is for CUDA {}, and this plugin was built with CUDA {}: install a newer driver.{}", cuda_version(facts.driver),
                         cuda_version(facts.built_with), kInstead);
    case DriverState::no_device:
      return std::string("There is an NVIDIA driver, but no CUDA device that this process may use (is CUDA_VISIBLE_DEVICES set?).") + kInstead;
    case DriverState::broken:
      return fmt::format("CUDA can't be used: {}.{}", facts.error, kInstead);
  }
  return {};
}

double gib(std::int64_t bytes) { return static_cast<double>(bytes) / (1 << 30); }

/// "1: NVIDIA H100, compute capability 9.0, 79.2 GiB, 78.6 GiB of it free"
std::string described(std::size_t index, const DeviceFacts& device) {
  if (!device.problem.empty()) return fmt::format("{}: can't be described: {}", index, device.problem);
  return fmt::format("{}: {}, compute capability {}.{}, {:.1f} GiB", index, device.name, device.major, device.minor, gib(device.total)) +
         (device.free ? fmt::format(", {:.1f} GiB of it free", gib(*device.free)) : "");
}

}  // namespace

std::string cuda_version(int number) { return fmt::format("{}.{}", number / 1000, number % 1000 / 10); }

BackendReport report_of(const MachineFacts& facts) {
  BackendReport report;
  report.reason = reason_for_none(facts);
  report.available = report.reason.empty();
  report.libraries = facts.libraries;
  report.libraries["CUDA"] = cuda_version(facts.built_with);
  report.libraries["CUDA driver"] = facts.driver == 0 ? "missing" : "for CUDA " + cuda_version(facts.driver);
  if (!report.available) return report;
  bool tensor_cores = false;  // those for tf32 and bf16, which came with Ampere
  for (std::size_t i = 0; i < facts.devices.size(); ++i) {
    report.devices.push_back(described(i, facts.devices[i]));
    tensor_cores = tensor_cores || facts.devices[i].major >= 8;
  }
  report.floating_types = {DType::f32, DType::f64};
  // Of several devices one may be older: that one refuses such a program.
  if (tensor_cores) report.arithmetics = {Arithmetic::exact, Arithmetic::tf32, Arithmetic::bf16};
  return report;
}

void require_device(const MachineFacts& facts, std::int64_t index) {
  const BackendReport report = report_of(facts);
  if (!report.available) throw BackendError("The backend \"cuda\" can't be used here. " + report.reason);
  if (index < static_cast<std::int64_t>(facts.devices.size())) return;
  std::string list;
  for (const std::string& device : report.devices) list += "\n  " + device;
  throw BackendError(fmt::format("There is no CUDA device {}. This machine has:{}\nChoose one by its number: backend = \"cuda:0\".", index, list));
}

}  // namespace generalizer::cuda
