// A whole training on a device that records: what the loop asks for from step to step.
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <fstream>

#include "catch.h"
#include "places.h"
#include "recorder.h"
#include "session.h"
#include "trainer/small_training.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

/// Built-in types and a backend "recorder", whose device has so much memory; `opened` is its last session's.
struct WithRecorder {
  WithRecorder() {
    load_folder(plugin_folder(), registry);
    generalizer::testing::add_memory_dataset(registry);
    registry.add_backend({.name = "recorder",
                          .summary = "Keeps what it is asked for.",
                          .parameters = {},
                          .report =
                              [] {
                                BackendReport report;
                                report.available = true;
                                report.floating_types = {DType::f32, DType::f64};
                                return report;
                              },
                          .open = [this](const Parameters&) -> std::unique_ptr<Session> {
                            auto device = std::make_unique<Recorder>();
                            opened = device.get();
                            opened->free = memory;
                            return std::make_unique<cuda::CudaSession>(std::move(device));
                          }});
  }
  GraphSpec graph(std::vector<Override> overrides) {
    overrides.insert(overrides.begin(), {"backend=recorder"});
    return parse_graph(generalizer::testing::graph_text, "small.toml", ".", registry, overrides);
  }
  Registry registry;
  std::int64_t memory = std::int64_t{1} << 40;
  Recorder* opened = nullptr;
};

}  // namespace

TEST_CASE("a training's loop asks for no memory, waits for no run, and fetches figures a few times a second at most") {
  const char* schedule = GENERATE("constant", "cosine");
  const char* prefetch = GENERATE("data.prefetch=2", "data.prefetch=1");
  WithRecorder with;
  const GraphSpec spec = with.graph({{"train.epochs=3"}, {prefetch}, {std::string("classifier.optimizer.schedule=") + schedule}});
  const generalizer::testing::TemporaryFolder folder;

  // Where each step ends, in calls: asked before the first step of an epoch and after each.
  std::vector<std::size_t> ends;
  std::vector<Call> calls;
  std::vector<std::string> races;
  const auto begin = std::chrono::steady_clock::now();
  TrainingOptions options;
  options.out = (folder / "run").string();
  options.stop_requested = [&] {
    ends.push_back(with.opened->count());
    if (ends.size() == 24) calls = with.opened->calls(), races = with.opened->races();
    return false;
  };
  TrainingObserver observer;
  train(spec, with.registry, options, observer);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();

  CHECK(races.empty());
  REQUIRE(ends.size() == 24);  // three epochs of 7 steps
  std::size_t fetching_steps = 0, replays = 0, written = 0;
  for (std::size_t step = 0; step < ends.size(); ++step) {
    if (step % 8 == 0 || step == 1) continue;  // between epochs; and the first of all, whose end is waited for
    bool fetches = false;
    Moment last_run;
    for (std::size_t i = ends[step - 1]; i < ends[step]; ++i) {
      const Call& call = calls[i];
      INFO("step " << step << ", " << call.what);
      const bool memory = call.kind == Kind::allocate || call.kind == Kind::release || call.kind == Kind::allocate_host || call.kind == Kind::release_host;
      CHECK_FALSE(memory);
      fetches = fetches || call.kind == Kind::download;
      if (call.kind == Kind::synchronize_stream) CHECK(fetches);
      if (call.kind == Kind::synchronize_event && last_run.count > 0) CHECK(call.waited_for[last_run.agent] < last_run.count);
      if (call.kind == Kind::upload && call.bytes == 4) ++written;
      if (call.kind != Kind::replay) continue;
      ++replays;
      last_run = call.moment;
    }
    fetching_steps += fetches ? 1 : 0;
  }
  // The classifier and the decoder "near" in each step, "far" in every third.
  CHECK(replays >= 20 * 2 + 5);
  CHECK((std::string(schedule) == "constant" ? written == 0 : written >= 19));
  CHECK(static_cast<double>(fetching_steps) <= 10.0 * seconds + 1.0);
  // From the second epoch on, pinned memory is there already.
  for (std::size_t i = ends[15]; i < ends[16]; ++i) {
    CHECK(calls[i].kind != Kind::allocate);
    CHECK(calls[i].kind != Kind::allocate_host);
  }
}

TEST_CASE("a training is refused where the device's memory is too small for its programs, and takes all that it was said to need where it isn't") {
  WithRecorder with;
  const generalizer::testing::TemporaryFolder folder;
  const std::string out = (folder / "run").string();
  // The memory at the end, when every program has been compiled.
  std::int64_t taken = 0;
  const auto train_with = [&](std::int64_t bytes) {
    with.memory = bytes;
    std::filesystem::remove_all(out);
    TrainingOptions options;
    options.out = out;
    options.stop_requested = [&] {
      taken = with.opened->allocated();
      return false;
    };
    TrainingObserver observer;
    train(with.graph({{"train.epochs=2"}}), with.registry, options, observer);
  };
  train_with(std::int64_t{1} << 40);
  const std::int64_t needed = taken;
  train_with(needed);
  CHECK(taken == needed);
  CHECK_THROWS_WITH(train_with(needed - 1), Catch::Contains("The device's memory is too small for this training") &&
                                                Catch::Contains("at [train] batch = 8") && Catch::Contains("The largest batch that fits is "));
  CHECK_FALSE(std::filesystem::exists(out));
}

TEST_CASE("a device that is lost in the middle ends the training with the step and how to go on") {
  WithRecorder with;
  const generalizer::testing::TemporaryFolder folder;
  TrainingOptions options;
  options.out = (folder / "run").string();
  int asked = 0;
  options.stop_requested = [&] {
    if (++asked == 8 + 4) with.opened->lost_at = 0;
    return false;
  };
  TrainingObserver observer;
  try {
    train(with.graph({{"train.epochs=2"}, {"train.checkpoint_every=1"}}), with.registry, options, observer);
    FAIL("the device's loss went unseen");
  } catch (const TrainingError& error) {
    CHECK_THAT(error.what(), Catch::Contains("The GPU is lost") && Catch::Contains("The training was in step 11.") &&
                                 Catch::Contains("generalizer train --resume " + options.out + "` goes on from there"));
  }
}

TEST_CASE("the program ends with 1, and leaves no folder, where a device's memory is too small") {
  const generalizer::testing::TemporaryFolder folder;
  std::ofstream(folder / "graph.toml") << R"(
name = "too-large"
[data]
type = "synthetic"
shape = [1, 8, 8]
classes = 3
train_images = 200
test_images = 40
[train]
batch = 128
pictures = 0
[classifier]
loss = "cross_entropy"
layers = [
  { name = "flat", type = "flatten" },
  { name = "logits", type = "dense", units = 3 },
]
)";
  const auto ends = [&](const std::string& backend) {
    const std::string command = program_file() + " train " + (folder / "graph.toml").string() + " --plugin-path " + CUDA_ON_HOST +
                                " --set 'backend=" + backend + "' --out " + (folder / "run").string() + " > " + (folder / "said.txt").string() + " 2>&1";
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  CHECK(ends("{ type = \"cuda_on_host\", memory = 60000 }") == 1);
  CHECK_THAT(generalizer::testing::slurp(folder / "said.txt"),
             Catch::Contains("The device's memory is too small for this training") && Catch::Contains("58.6 KiB are free on a CUDA device's stand-in"));
  CHECK(ends("{ type = \"cuda_on_host\", memory = 100 }") == 1);
  CHECK_THAT(generalizer::testing::slurp(folder / "said.txt"), Catch::Contains("The device's memory is too small for this network"));
  CHECK_FALSE(std::filesystem::exists(folder / "run"));
}
