#pragma once

#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "device.h"
#include "race_detector.h"

namespace generalizer::test {

enum class Kind : std::uint8_t {
  allocate,
  release,
  allocate_host,
  release_host,
  mark,
  wait,
  synchronize_event,
  synchronize_stream,
  clear,
  upload,
  download,
  copy,
  launch,
  library,
  custom,
  replay,
};

/// One call of the device, or one piece of work that a replay did.
struct Call {
  Kind kind = Kind::mark;
  std::size_t agent = 0;  ///< the stream, or the thread of the host
  std::string what;
  std::vector<Access> accesses;
  Moment moment;             ///< of work
  std::int64_t bytes = 0;    ///< that were allocated, copied or cleared
  const void* recording = nullptr;  ///< of a replay, and of work that it did
  Clock waited_for;          ///< of waits and synchronisations: what comes before from then on
};

/// A device that runs no kernel: it keeps what it is asked for, checks that everything that touches the same bytes is ordered by streams, events and waits, and
/// that the host leaves the source of a copy alone until it knows the copy to be done. Copies move real bytes; what comes back to the host is there only when
/// the host has waited for it.
class Recorder final : public cuda::Device {
 public:
  Recorder();
  ~Recorder() override;

  // What the test asks for.
  std::int64_t free = std::int64_t{1} << 40;
  /// Leaves out the wait, or the host's wait for an event, of this number, counted from 0 over those that have something to wait for; none: -1.
  std::int64_t lost_wait = -1, lost_synchronize = -1;
  /// The device is lost at its call of this number, counted over all calls; none: -1.
  std::int64_t lost_at = -1;

  // What it has seen.
  std::vector<Call> calls() const;
  std::size_t count() const;
  std::size_t count(Kind kind, std::size_t from = 0) const;
  std::vector<std::string> races() const;
  std::int64_t waits() const { return waits_; }
  std::int64_t synchronizations() const { return synchronizations_; }
  std::int64_t allocated() const { return allocated_; }  ///< bytes of the device, now
  std::int64_t allocated_host() const { return allocated_host_; }

  std::string name() const override { return "a recorder"; }
  std::int64_t free_bytes() override { return free - allocated_; }
  cuda::Address allocate(std::int64_t bytes) override;
  void release(cuda::Address memory) noexcept override;
  std::byte* allocate_host(std::int64_t bytes) override;
  void release_host(std::byte* memory) noexcept override;
  std::unique_ptr<cuda::Stream> make_stream() override;
  std::unique_ptr<cuda::Event> make_event() override;
  void mark(cuda::Event& event, cuda::Stream& stream) override;
  void wait(cuda::Stream& stream, cuda::Event& event) override;
  void synchronize(cuda::Event& event) override;
  void synchronize(cuda::Stream& stream) override;
  void clear(cuda::Piece memory, cuda::Stream& stream) override;
  void upload(cuda::Address to, std::span<const std::byte> bytes, cuda::Stream& stream) override;
  void download(std::span<std::byte> bytes, cuda::Address from, cuda::Stream& stream) override;
  void copy(cuda::Address to, cuda::Address from, std::int64_t bytes, cuda::Stream& stream) override;
  std::unique_ptr<cuda::Module> compile(const std::string& source, const std::vector<cuda::Kernel>& kernels) override;
  void launch(cuda::Module& module, const cuda::Kernel& kernel, const std::vector<cuda::Piece>& arguments, cuda::Stream& stream) override;
  std::unique_ptr<cuda::PreparedCall> prepare(const Program& program, const cuda::LibraryStep& step) override;
  void call_library(cuda::PreparedCall& prepared, const Program& program, const cuda::LibraryStep& step, const std::vector<cuda::Address>& operands,
                    const std::vector<cuda::Address>& results, cuda::Piece workspace, cuda::Stream& stream) override;
  void call_custom(const Program& program, const Node& node, const std::vector<cuda::Address>& operands, const std::vector<cuda::Address>& results,
                   cuda::Stream& stream) override;
  void begin_recording(cuda::Stream& stream) override;
  std::unique_ptr<cuda::Recording> end_recording(cuda::Stream& stream) override;
  void replay(cuda::Recording& recording, cuda::Stream& stream) override;

 private:
  /// A copy that the host doesn't know yet to be done.
  struct Pending {
    Moment moment;
    std::string what;
    std::span<const std::byte> source;  ///< on the host
    std::vector<std::byte> held;        ///< its bytes as the copy took them; of a download, what the host will find
    std::span<std::byte> destination;   ///< on the host
  };
  std::size_t host();
  void begin_call();
  void work(cuda::Stream& stream, Call call);
  void perform(Call call);
  void know(const Clock& clock);
  std::int64_t size_of_block(std::uintptr_t begin) const;
  bool in_a_block(std::uintptr_t begin, std::int64_t bytes) const;

  mutable std::mutex mutex_;
  RaceDetector detector_;
  std::map<std::thread::id, std::size_t> hosts_;
  std::vector<Call> calls_;
  std::vector<std::string> other_races_;
  std::vector<Pending> pending_;
  std::map<std::uintptr_t, std::vector<std::byte>> blocks_;  ///< device and pinned memory, by where it begins
  std::set<std::size_t> streams_;
  cuda::Stream* capturing_ = nullptr;
  std::vector<Call> captured_;
  std::int64_t calls_made_ = 0, waits_ = 0, synchronizations_ = 0, allocated_ = 0, allocated_host_ = 0;
};

/// Which of the kernel's parameters it writes to: those that aren't const.
std::vector<bool> written_parameters(const cuda::Kernel& kernel);

}  // namespace generalizer::test
