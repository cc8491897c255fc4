// What is said of a machine's devices, on machines that are made up.
#include "inspection.h"

#include "catch.h"

using namespace generalizer;
using namespace generalizer::cuda;

namespace {

constexpr std::int64_t kGiB = std::int64_t{1} << 30;

MachineFacts two_devices() {
  MachineFacts facts;
  facts.state = DriverState::works;
  facts.driver = 13000;
  facts.built_with = 12080;
  facts.devices = {{"Big Card", 9, 0, 80 * kGiB, 78 * kGiB}, {"Old Card", 7, 5, 16 * kGiB}};
  facts.libraries = {{"cuDNN", "9.19.0"}};
  return facts;
}

}  // namespace

TEST_CASE("each device is listed with its number, capability, memory and what of it is free") {
  const BackendReport report = report_of(two_devices());
  CHECK(report.available);
  CHECK(report.reason.empty());
  CHECK(report.devices == std::vector<std::string>{"0: Big Card, compute capability 9.0, 80.0 GiB, 78.0 GiB of it free",
                                                   "1: Old Card, compute capability 7.5, 16.0 GiB"});
  CHECK(report.libraries.at("CUDA") == "12.8");
  CHECK(report.libraries.at("CUDA driver") == "for CUDA 13.0");
  CHECK(report.libraries.at("cuDNN") == "9.19.0");
  CHECK(report.floating_types == std::vector<DType>{DType::f32, DType::f64});
  CHECK(report.arithmetics == std::vector<Arithmetic>{Arithmetic::exact, Arithmetic::tf32, Arithmetic::bf16});
}

TEST_CASE("tensor cores for tf32 and bf16 are not promised where no device has them") {
  MachineFacts facts = two_devices();
  facts.devices.erase(facts.devices.begin());
  CHECK(report_of(facts).arithmetics == std::vector<Arithmetic>{Arithmetic::exact});
}

TEST_CASE("a device that can't be described is listed with the reason") {
  MachineFacts facts = two_devices();
  facts.devices[1].problem = "it has fallen off the bus";
  CHECK(report_of(facts).devices[1] == "1: can't be described: it has fallen off the bus");
}

TEST_CASE("a device that isn't there is refused with a list of those that are") {
  CHECK_NOTHROW(require_device(two_devices(), 0));
  CHECK_NOTHROW(require_device(two_devices(), 1));
  CHECK_THROWS_WITH(require_device(two_devices(), 2),
                    "There is no CUDA device 2. This machine has:\n  0: Big Card, compute capability 9.0, 80.0 GiB, 78.0 GiB of it free\n"
                    "  1: Old Card, compute capability 7.5, 16.0 GiB\nChoose one by its number: backend = \"cuda:0\".");
}

TEST_CASE("without devices the reason tells no driver, an old one, no device and a broken one apart") {
  const auto reason = [](DriverState state, int driver) {
    MachineFacts facts;
    facts.state = state;
    facts.driver = driver;
    facts.built_with = 13000;
    facts.error = "unknown error (cudaErrorUnknown)";
    const BackendReport report = report_of(facts);
    CHECK_FALSE(report.available);
    CHECK(report.libraries.at("CUDA driver") == (driver == 0 ? "missing" : "for CUDA 12.2"));
    CHECK_THROWS_WITH(require_device(facts, 0), "The backend \"cuda\" can't be used here. " + report.reason);
    CHECK_THAT(report.reason, Catch::EndsWith("Use backend = \"onednn\" on this machine."));
    return report.reason;
  };
  CHECK_THAT(reason(DriverState::none, 0), Catch::StartsWith("This machine has no NVIDIA driver (libcuda.so.1)"));
  CHECK_THAT(reason(DriverState::too_old, 12020), Catch::StartsWith("The NVIDIA driver is for CUDA 12.2, and this plugin was built with CUDA 13.0: install a newer"));
  CHECK_THAT(reason(DriverState::no_device, 12020), Catch::Contains("no CUDA device that this process may use (is CUDA_VISIBLE_DEVICES set?)"));
  CHECK_THAT(reason(DriverState::broken, 12020), Catch::StartsWith("CUDA can't be used: unknown error (cudaErrorUnknown)."));
}
