// A training that the device has no memory for is refused before its first step, with what would fit.
#include <regex>

#include "catch.h"
#include "places.h"
#include "trainer/small_training.h"

using namespace generalizer;
using namespace generalizer::testing;

namespace {

/// The reference backend on a device with so much memory, of which programs take what is forecast, and variables their bytes.
class SmallSession final : public Session {
 public:
  SmallSession(std::unique_ptr<Session> inner, std::int64_t& free) : inner_(std::move(inner)), free_(free) {}
  std::optional<std::int64_t> free_bytes() const override { return free_; }
  MemoryReport forecast(const Program& program) const override { return inner_->forecast(program); }
  std::string device() const override { return "a small device"; }

 private:
  std::unique_ptr<Executable> do_compile(const Program& program) override {
    const MemoryReport report = inner_->forecast(program);
    free_ -= report.arena + report.scratchpad;
    return inner_->compile(program);
  }
  void do_declare_variable(const std::string& name, const TensorType& type) override {
    free_ -= type.bytes();
    inner_->declare_variable(name, type);
  }
  void do_write_variable(const std::string& name, std::span<const std::byte> bytes) override { inner_->write_variable(name, bytes); }
  void do_read_variable(const std::string& name, std::span<std::byte> bytes) override { inner_->read_variable(name, bytes); }

  std::unique_ptr<Session> inner_;
  std::int64_t& free_;
};

struct SmallDevice {
  SmallDevice() {
    load_folder(plugin_folder(), registry);
    add_memory_dataset(registry);
    const BackendType& reference = *registry.find_backend("reference");
    BackendType small = reference;
    small.name = "small";
    small.open = [this, open = reference.open](const Parameters& parameters) -> std::unique_ptr<Session> {
      left = memory;
      return std::make_unique<SmallSession>(open(parameters), left);
    };
    registry.add_backend(std::move(small));
  }

  TrainingResult train_with(std::int64_t bytes, std::vector<Override> overrides = {}) {
    memory = bytes;
    overrides.insert(overrides.begin(), {{"backend=small"}, {"train.epochs=1"}});
    const GraphSpec spec = parse_graph(graph_text, "small.toml", ".", registry, overrides);
    TrainingOptions options;
    options.out = (folder / "run").string();
    std::filesystem::remove_all(options.out);
    TrainingObserver observer;
    return train(spec, registry, options, observer);
  }
  /// What a training says; "" when it goes well.
  std::string complaint(std::int64_t bytes, const std::vector<Override>& overrides = {}) {
    try {
      train_with(bytes, overrides);
    } catch (const TrainingError& error) {
      return error.what();
    }
    return "";
  }

  Registry registry;
  TemporaryFolder folder;
  std::int64_t memory = 0, left = 0;
};

constexpr std::int64_t kPlenty = std::int64_t{1} << 40;

}  // namespace

TEST_CASE("the memory that a training is said to need is what it takes, to the byte") {
  SmallDevice device;
  // A last smaller batch in training and measuring, a validation set, and pictures.
  const std::vector<Override> overrides = {{"data.validation=0.2"}, {"data.test=300"}};
  device.train_with(kPlenty, overrides);
  const std::int64_t taken = kPlenty - device.left;
  CHECK(device.complaint(taken, overrides).empty());
  CHECK(device.left == 0);
  CHECK_THAT(device.complaint(taken - 1, overrides), Catch::Contains("The device's memory is too small for this training"));
  CHECK_FALSE(std::filesystem::exists(device.folder / "run"));
}

TEST_CASE("what doesn't fit is refused with what is needed, what is free, and the largest batch that fits") {
  SmallDevice device;
  device.train_with(kPlenty, {{"train.batch=40"}});
  const std::string said = device.complaint((kPlenty - device.left) * 4 / 5, {{"train.batch=40"}});
  CHECK_THAT(said, Catch::Contains("are needed at [train] batch = 40") && Catch::Contains("KiB are free on a small device"));
  std::smatch found;
  REQUIRE(std::regex_search(said, found, std::regex("The largest batch that fits is ([0-9]+): set batch = [0-9]+ in \\[train\\], or give --set train.batch=[0-9]+\\.")));
  const int fits = std::stoi(found[1]);
  CHECK(fits > 1);
  CHECK(fits < 40);
  const std::int64_t memory = device.memory;
  CHECK(device.complaint(memory, {{"train.batch=" + std::to_string(fits)}}).empty());
  for (int larger = fits + 1; larger < 40; ++larger) {
    INFO(larger);
    CHECK_FALSE(device.complaint(memory, {{"train.batch=" + std::to_string(larger)}}).empty());
  }
}

TEST_CASE("where no batch fits, that is said, and where not even the weights do") {
  SmallDevice device;
  device.train_with(kPlenty, {{"train.batch=1"}});
  CHECK_THAT(device.complaint(kPlenty - device.left - 1, {{"train.batch=8"}}), Catch::Contains("No smaller batch fits either"));
  CHECK_THROWS_WITH(device.train_with(1000), Catch::Contains("The device's memory is too small for this network: its weights, moments and figures take") &&
                                                 Catch::Contains("1.0 KiB are free on a small device"));
}
