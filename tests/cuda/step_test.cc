// A program on a device that records what it is asked for: order, edges, memory.
#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "catch.h"
#include "generalizer/ops.h"
#include "recorder.h"
#include "session.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

struct Recorded {
  Recorded() {
    auto device = std::make_unique<Recorder>();
    recorder = device.get();
    session = std::make_unique<cuda::CudaSession>(std::move(device));
  }
  Recorder* recorder;
  std::unique_ptr<cuda::CudaSession> session;
};

/// Two inputs, a weight that is updated, a product and an output.
Program small_step() {
  Program program("small step");
  const Tensor x(program, program.add_input("x", {DType::f32, {4, 6}})), y(program, program.add_input("y", {DType::f32, {4, 3}}));
  const Tensor w(program, program.add_variable("w", {DType::f32, {6, 3}}));
  const Tensor difference = matmul(x, w) - y;
  program.add_output("difference", difference.id());
  program.assign(w.id(), (w - 0.1 * matmul(x, difference, true, false)).id());
  return program;
}

template <class T>
std::span<const std::byte> bytes_of(const std::vector<T>& values) {
  return std::as_bytes(std::span(values));
}

/// Runs it with new inputs each time, from ordinary memory that is written over at once.
void run_several(Executable& step, int runs) {
  std::vector<float> x(24), y(12);
  for (int run = 0; run < runs; ++run) {
    std::iota(x.begin(), x.end(), static_cast<float>(run));
    std::iota(y.begin(), y.end(), static_cast<float>(100 * run));
    step.set_input(0, bytes_of(x));
    step.set_input(1, bytes_of(y));
    step.run();
  }
}

std::vector<Call> of_kind(const std::vector<Call>& calls, Kind kind) {
  std::vector<Call> found;
  std::copy_if(calls.begin(), calls.end(), std::back_inserter(found), [&](const Call& call) { return call.kind == kind; });
  return found;
}

}  // namespace

TEST_CASE("a run is one launch of a recording, and two recordings take turns") {
  Recorded r;
  const auto step = r.session->compile(small_step());
  const std::size_t before = r.recorder->count();
  run_several(*step, 4);
  std::vector<Call> calls = r.recorder->calls();
  calls.erase(calls.begin(), calls.begin() + static_cast<std::ptrdiff_t>(before));
  const std::vector<Call> replays = of_kind(calls, Kind::replay);
  REQUIRE(replays.size() == 4);
  CHECK(replays[0].recording == replays[2].recording);
  CHECK(replays[1].recording == replays[3].recording);
  CHECK(replays[0].recording != replays[1].recording);
  for (const Call& call : calls) {
    const bool part_of_a_recording = call.kind == Kind::launch || call.kind == Kind::library || call.kind == Kind::copy;
    if (part_of_a_recording) CHECK(call.recording != nullptr);
  }
}

TEST_CASE("the next inputs are copied beside a run, in another stream, after the last run that read their place") {
  Recorded r;
  const auto step = r.session->compile(small_step());
  const std::size_t before = r.recorder->count();
  run_several(*step, 5);
  std::vector<Call> calls = r.recorder->calls();
  calls.erase(calls.begin(), calls.begin() + static_cast<std::ptrdiff_t>(before));
  const std::vector<Call> uploads = of_kind(calls, Kind::upload), replays = of_kind(calls, Kind::replay);
  REQUIRE(uploads.size() == 10);
  for (std::size_t run = 0; run < 5; ++run) {
    const Call& copy = uploads[2 * run];
    CHECK(copy.agent != replays[run].agent);
    CHECK(happens_before(copy.moment, replays[run].moment));
    if (run >= 1) CHECK_FALSE(happens_before(replays[run - 1].moment, copy.moment));
    if (run >= 2) CHECK(happens_before(replays[run - 2].moment, copy.moment));
  }
  CHECK(r.recorder->races().empty());
}

TEST_CASE("running asks for no memory, and waits for nothing but copies from memory that it fills again") {
  Recorded r;
  const auto step = r.session->compile(small_step());
  const std::size_t before = r.recorder->count();
  run_several(*step, 8);
  const Recorder& recorder = *r.recorder;
  for (const Kind kind : {Kind::allocate, Kind::allocate_host, Kind::release, Kind::release_host, Kind::synchronize_stream, Kind::download})
    CHECK(recorder.count(kind, before) == 0);
  const std::vector<Call> calls = recorder.calls();
  std::vector<Call> replays;
  for (std::size_t i = before; i < calls.size(); ++i) {
    if (calls[i].kind == Kind::replay) replays.push_back(calls[i]);
    if (calls[i].kind != Kind::synchronize_event || replays.size() < 2) continue;
    const Moment& last = replays.back().moment;
    CHECK(calls[i].waited_for[last.agent] < last.count);  // the run that is under way goes on
  }
}

TEST_CASE("every edge between the streams is needed, and the recorder finds when it is missing") {
  const auto runs_without = [](std::int64_t lost) {
    Recorded r;
    const auto step = r.session->compile(small_step());
    const std::int64_t before = r.recorder->waits();
    if (lost >= 0) r.recorder->lost_wait = before + lost;
    run_several(*step, 6);
    r.session->synchronize();
    return std::pair(r.recorder->waits() - before, r.recorder->races());
  };
  const auto [edges, races] = runs_without(-1);
  CHECK(races.empty());
  CHECK(edges == 6 + 4);  // a run after its copies, each; and from the third on a copy after the run that read its place
  for (std::int64_t lost = 0; lost < edges; ++lost) {
    INFO("without edge " << lost);
    CHECK_FALSE(runs_without(lost).second.empty());
  }
}

TEST_CASE("a host that fills pinned memory too early is found") {
  Recorded r;
  const auto step = r.session->compile(small_step());
  r.recorder->lost_synchronize = r.recorder->synchronizations();
  run_several(*step, 3);  // the third uses the first's memory
  r.session->synchronize();
  REQUIRE_FALSE(r.recorder->races().empty());
  CHECK_THAT(r.recorder->races()[0], Catch::Contains("was changed while the copy might have been under way"));
}

TEST_CASE("an input that isn't set anew is taken over from the run before, in order") {
  Recorded r;
  Program program("keeps");
  const Tensor x(program, program.add_input("x", {DType::f32, {2}})), y(program, program.add_input("y", {DType::f32, {2}}));
  program.add_output("sum", (x + y).id());
  const auto step = r.session->compile(program);
  step->set_input(0, bytes_of(std::vector<float>{1, 2}));
  step->set_input(1, bytes_of(std::vector<float>{3, 4}));
  step->run();
  step->run();  // as it is
  for (int i = 0; i < 4; ++i) {
    step->set_input(0, bytes_of(std::vector<float>{5, 6}));
    step->set_input(0, bytes_of(std::vector<float>{7, 8}));  // twice
    step->run();
  }
  step->set_input(1, bytes_of(std::vector<float>{9, 10}));
  step->run();
  CHECK(r.recorder->count(Kind::copy) == 5);
  CHECK(r.recorder->races().empty());
}

TEST_CASE("a batch in the session's own pinned memory is copied from there, and its memory is free when the copy is done") {
  Recorded r;
  const auto step = r.session->compile(small_step());
  const auto batch = r.session->allocate_host(24 * sizeof(float));
  const std::vector<float> y(12);
  std::span<const std::byte> given;
  for (int run = 0; run < 5; ++run) {
    const std::span<std::byte> memory = batch->bytes();
    std::fill(memory.begin(), memory.end(), std::byte(run));
    given = memory;
    step->set_input(0, given);
    step->set_input(1, bytes_of(y));
    step->run();
  }
  const std::vector<Call> uploads = of_kind(r.recorder->calls(), Kind::upload);
  CHECK(std::count_if(uploads.begin(), uploads.end(), [&](const Call& call) {
          return call.accesses[0].begin == reinterpret_cast<std::uintptr_t>(given.data());
        }) == 5);
  CHECK(r.recorder->races().empty());
  const std::size_t before = r.recorder->count();
  r.session->allocate_host(64);
  r.session->allocate_host(64);
  CHECK(r.recorder->count(Kind::allocate_host, before) == 1);  // what was given back is given out again
}

TEST_CASE("a variable is written without waiting, between the runs before and after, and reads back") {
  Recorded r;
  const auto step = r.session->compile(small_step());
  std::vector<float> w(18);
  const std::size_t before = r.recorder->count();
  for (int run = 0; run < 50; ++run) {
    std::iota(w.begin(), w.end(), static_cast<float>(run));
    r.session->write_variable("w", bytes_of(w));
    std::fill(w.begin(), w.end(), -1.0F);  // the caller's memory is free at once
    step->run();
  }
  CHECK(r.recorder->count(Kind::synchronize_event, before) == 0);
  CHECK(r.recorder->count(Kind::synchronize_stream, before) == 0);
  r.session->read_variable("w", std::as_writable_bytes(std::span(w)));
  CHECK(w[0] == 49.0F);
  CHECK(w[17] == 66.0F);
  CHECK(r.recorder->races().empty());
}

TEST_CASE("a large variable goes through the pinned ring piece by piece, and the ring is used again in order") {
  Recorded r;
  r.session->declare_variable("large", {DType::f32, {1000, 1000}});
  std::vector<float> values(1000 * 1000), back(values.size());
  std::iota(values.begin(), values.end(), 0.0F);
  for (int times = 0; times < 2; ++times) r.session->write_variable("large", bytes_of(values));
  r.session->read_variable("large", std::as_writable_bytes(std::span(back)));
  CHECK(back == values);
  CHECK(r.recorder->races().empty());
  CHECK(r.recorder->allocated_host() < 2 << 20);
}

TEST_CASE("a variable that is written too early in the ring is found") {
  Recorded r;
  r.session->declare_variable("large", {DType::f32, {1000, 1000}});
  r.recorder->lost_synchronize = 0;
  std::vector<float> values(1000 * 1000);
  std::iota(values.begin(), values.end(), 0.0F);
  r.session->write_variable("large", bytes_of(values));
  r.session->synchronize();
  CHECK_FALSE(r.recorder->races().empty());
}

TEST_CASE("outputs come back after the run that makes them, and are what that run's recording wrote to") {
  Recorded r;
  const auto step = r.session->compile(small_step());
  run_several(*step, 3);
  std::vector<float> difference(12);
  step->get_output(0, std::as_writable_bytes(std::span(difference)));
  const std::vector<Call> calls = r.recorder->calls();
  const Call download = of_kind(calls, Kind::download).back(), replay = of_kind(calls, Kind::replay).back();
  CHECK(happens_before(replay.moment, download.moment));
  const auto writes_it = [&](const Call& call) {
    return call.recording == replay.recording && std::any_of(call.accesses.begin(), call.accesses.end(), [&](const Access& access) {
             return access.write && access.begin == download.accesses[0].begin && access.bytes == download.accesses[0].bytes;
           });
  };
  CHECK(std::any_of(calls.begin(), calls.end(), writes_it));
  unsigned poison = 0;
  std::memcpy(&poison, difference.data(), sizeof poison);
  CHECK(poison != 0xEEEEEEEE);  // the host has waited before it reads
  CHECK(r.recorder->races().empty());
}

TEST_CASE("what a device has lost is told with the step that shows it and the last that was given") {
  Recorded r;
  const auto step = r.session->compile(small_step());
  run_several(*step, 2);
  r.recorder->lost_at = 0;
  CHECK_THROWS_AS(step->run(), cuda::DeviceLost);
  CHECK_THROWS_WITH(step->run(), Catch::Contains("The GPU is lost") && Catch::Contains("It showed at \"small step\"") &&
                                     Catch::Contains("the last step it was given is \"small step\", number 2 of this session"));
  std::vector<float> w(18);
  CHECK_THROWS_WITH(r.session->read_variable("w", std::as_writable_bytes(std::span(w))), Catch::Contains("It showed at \"reading w\""));
  CHECK_THROWS_AS(r.session->synchronize(), cuda::DeviceLost);
}
