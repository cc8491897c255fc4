#include "recorder.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace generalizer::test {
namespace {

using cuda::Address;
using cuda::Piece;

struct RecordedStream final : cuda::Stream {
  std::size_t agent = 0;
};
struct RecordedEvent final : cuda::Event {
  bool marked = false;
  Clock clock;
};
struct RecordedModule final : cuda::Module {};
/// Wants a work space, and a different one for each product.
struct RecordedCall final : cuda::PreparedCall {
  explicit RecordedCall(std::int64_t bytes) : wanted(bytes) {}
  std::int64_t workspace() const override { return wanted; }
  std::int64_t wanted;
};
struct Recorded final : cuda::Recording {
  std::vector<Call> work;
};

std::size_t agent_of(const cuda::Stream& stream) { return static_cast<const RecordedStream&>(stream).agent; }
std::uintptr_t address_of(const std::byte* memory) { return reinterpret_cast<std::uintptr_t>(memory); }
std::byte* memory_at(Address address) { return reinterpret_cast<std::byte*>(address); }

Call call_of(Kind kind, std::string what, std::vector<Access> accesses, std::int64_t bytes = 0) {
  Call call;
  call.kind = kind;
  call.what = std::move(what);
  call.accesses = std::move(accesses);
  call.bytes = bytes;
  return call;
}

}  // namespace

std::vector<bool> written_parameters(const cuda::Kernel& kernel) {
  const std::size_t begin = kernel.text.find('(') + 1, end = kernel.text.find(')');
  std::vector<bool> written;
  for (std::size_t at = begin; at < end;) {
    written.push_back(kernel.text.compare(at, 6, "const ") != 0);
    at = std::min(kernel.text.find(", ", at), end) + 2;
  }
  return written;
}

Recorder::Recorder() = default;
Recorder::~Recorder() = default;

std::vector<Call> Recorder::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::size_t Recorder::count() const {
  const std::lock_guard lock(mutex_);
  return calls_.size();
}

std::size_t Recorder::count(Kind kind, std::size_t from) const {
  const std::lock_guard lock(mutex_);
  std::size_t number = 0;
  for (std::size_t i = from; i < calls_.size(); ++i) number += calls_[i].kind == kind ? 1 : 0;
  return number;
}

std::vector<std::string> Recorder::races() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> all = detector_.races();
  all.insert(all.end(), other_races_.begin(), other_races_.end());
  return all;
}

/// The agent of the calling thread.
std::size_t Recorder::host() {
  const auto [known, fresh] = hosts_.emplace(std::this_thread::get_id(), 0);
  if (fresh) known->second = detector_.add_agent();
  return known->second;
}

void Recorder::begin_call() {
  if (calls_made_++ >= lost_at && lost_at >= 0) throw cuda::DeviceLost("The GPU is lost: this recorder was told so.");
}

std::int64_t Recorder::size_of_block(std::uintptr_t begin) const { return static_cast<std::int64_t>(blocks_.at(begin).size()); }

bool Recorder::in_a_block(std::uintptr_t begin, std::int64_t bytes) const {
  auto after = blocks_.upper_bound(begin);
  if (after == blocks_.begin()) return false;
  const auto& [start, memory] = *std::prev(after);
  return begin + static_cast<std::uintptr_t>(bytes) <= start + memory.size();
}

Address Recorder::allocate(std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  begin_call();
  if (capturing_ != nullptr) throw BackendError("Memory is asked for within a recording.");
  if (allocated_ + bytes > free) throw BackendError("The recorder's memory is too small.");
  std::vector<std::byte> memory(static_cast<std::size_t>(bytes), std::byte{0xAB});
  const std::uintptr_t begin = address_of(memory.data());
  blocks_[begin] = std::move(memory);
  detector_.forget(begin, bytes);
  allocated_ += bytes;
  calls_.push_back(call_of(Kind::allocate, "allocate", {}, bytes));
  return begin;
}

/// As CUDA's, it waits for the device first.
void Recorder::release(Address memory) noexcept {
  const std::lock_guard lock(mutex_);
  const std::int64_t bytes = size_of_block(memory);
  for (const std::size_t stream : streams_) detector_.join(host(), detector_.clock(stream));
  know(detector_.clock(host()));
  detector_.give_back(host(), "release", memory, bytes);
  calls_.push_back(call_of(Kind::release, "release", {}, bytes));
  allocated_ -= bytes;
  blocks_.erase(memory);
}

std::byte* Recorder::allocate_host(std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  begin_call();
  if (capturing_ != nullptr) throw BackendError("Memory is asked for within a recording.");
  std::vector<std::byte> memory(static_cast<std::size_t>(bytes));
  std::byte* begin = memory.data();
  blocks_[address_of(begin)] = std::move(memory);
  detector_.forget(address_of(begin), bytes);
  allocated_host_ += bytes;
  calls_.push_back(call_of(Kind::allocate_host, "allocate_host", {}, bytes));
  return begin;
}

void Recorder::release_host(std::byte* memory) noexcept {
  const std::lock_guard lock(mutex_);
  const std::int64_t bytes = size_of_block(address_of(memory));
  for (const std::size_t stream : streams_) detector_.join(host(), detector_.clock(stream));
  know(detector_.clock(host()));
  detector_.give_back(host(), "release_host", address_of(memory), bytes);
  calls_.push_back(call_of(Kind::release_host, "release_host", {}, bytes));
  allocated_host_ -= bytes;
  blocks_.erase(address_of(memory));
}

std::unique_ptr<cuda::Stream> Recorder::make_stream() {
  const std::lock_guard lock(mutex_);
  auto stream = std::make_unique<RecordedStream>();
  stream->agent = detector_.add_agent();
  streams_.insert(stream->agent);
  return stream;
}

std::unique_ptr<cuda::Event> Recorder::make_event() { return std::make_unique<RecordedEvent>(); }

void Recorder::mark(cuda::Event& event, cuda::Stream& stream) {
  const std::lock_guard lock(mutex_);
  begin_call();
  if (capturing_ == &stream) throw BackendError("The recorder knows no events within a recording.");
  auto& marked = static_cast<RecordedEvent&>(event);
  detector_.join(agent_of(stream), detector_.clock(host()));
  marked.marked = true;
  marked.clock = detector_.clock(agent_of(stream));
  Call call = call_of(Kind::mark, "mark", {});
  call.agent = agent_of(stream);
  calls_.push_back(std::move(call));
}

void Recorder::wait(cuda::Stream& stream, cuda::Event& event) {
  const std::lock_guard lock(mutex_);
  begin_call();
  if (capturing_ == &stream) throw BackendError("The recorder knows no events within a recording.");
  const auto& marked = static_cast<const RecordedEvent&>(event);
  Call call = call_of(Kind::wait, "wait", {});
  call.agent = agent_of(stream);
  call.waited_for = marked.clock;
  calls_.push_back(std::move(call));
  if (!marked.marked || waits_++ == lost_wait) return;
  detector_.join(agent_of(stream), marked.clock);
}

void Recorder::synchronize(cuda::Event& event) {
  const std::lock_guard lock(mutex_);
  begin_call();
  const auto& marked = static_cast<const RecordedEvent&>(event);
  Call call = call_of(Kind::synchronize_event, "synchronize_event", {});
  call.agent = host();
  call.waited_for = marked.clock;
  calls_.push_back(std::move(call));
  if (!marked.marked || synchronizations_++ == lost_synchronize) return;
  detector_.join(host(), marked.clock);
  know(marked.clock);
}

void Recorder::synchronize(cuda::Stream& stream) {
  const std::lock_guard lock(mutex_);
  begin_call();
  if (capturing_ != nullptr) throw BackendError("A stream is waited for within a recording.");
  Call call = call_of(Kind::synchronize_stream, "synchronize_stream", {});
  call.agent = host();
  call.waited_for = detector_.clock(agent_of(stream));
  calls_.push_back(std::move(call));
  detector_.join(host(), detector_.clock(agent_of(stream)));
  know(detector_.clock(agent_of(stream)));
}

/// The host now knows that this much is done.
void Recorder::know(const Clock& clock) {
  for (auto copy = pending_.begin(); copy != pending_.end();) {
    const Moment& moment = copy->moment;
    if (moment.agent >= clock.size() || moment.count > clock[moment.agent]) {
      ++copy;
      continue;
    }
    if (copy->destination.empty()) {
      if (!std::equal(copy->source.begin(), copy->source.end(), copy->held.begin()))
        other_races_.push_back("The source of \"" + copy->what + "\" was changed while the copy might have been under way");
    } else {
      std::copy(copy->held.begin(), copy->held.end(), copy->destination.begin());
    }
    copy = pending_.erase(copy);
  }
}

/// Queues it, in the recording where there is one.
void Recorder::work(cuda::Stream& stream, Call call) {
  begin_call();
  call.agent = agent_of(stream);
  if (capturing_ == &stream) {
    captured_.push_back(std::move(call));
    return;
  }
  detector_.join(call.agent, detector_.clock(host()));
  perform(std::move(call));
}

void Recorder::perform(Call call) {
  for (const Access& access : call.accesses) {
    const bool anywhere = call.kind == Kind::download && access.write;  // to any memory of the host
    if (!anywhere && access.bytes > 0 && !in_a_block(access.begin, access.bytes))
      other_races_.push_back("\"" + call.what + "\" touches memory that nobody has: not the device's, nor pinned");
  }
  call.moment = detector_.act(call.agent, call.what, call.accesses);
  if (call.kind == Kind::copy) std::memcpy(memory_at(call.accesses[1].begin), memory_at(call.accesses[0].begin), static_cast<std::size_t>(call.bytes));
  calls_.push_back(std::move(call));
}

void Recorder::clear(Piece memory, cuda::Stream& stream) {
  const std::lock_guard lock(mutex_);
  std::memset(memory_at(memory.address), 0, static_cast<std::size_t>(memory.bytes));
  work(stream, call_of(Kind::clear, "clear", {{memory.address, memory.bytes, true}}, memory.bytes));
}

void Recorder::upload(Address to, std::span<const std::byte> bytes, cuda::Stream& stream) {
  const std::lock_guard lock(mutex_);
  const auto size = static_cast<std::int64_t>(bytes.size());
  work(stream, call_of(Kind::upload, "upload " + std::to_string(calls_.size()), {{address_of(bytes.data()), size, false}, {to, size, true}}, size));
  std::memcpy(memory_at(to), bytes.data(), bytes.size());
  pending_.push_back({calls_.back().moment, calls_.back().what, bytes, {bytes.begin(), bytes.end()}, {}});
}

void Recorder::download(std::span<std::byte> bytes, Address from, cuda::Stream& stream) {
  const std::lock_guard lock(mutex_);
  const auto size = static_cast<std::int64_t>(bytes.size());
  work(stream, call_of(Kind::download, "download", {{from, size, false}, {address_of(bytes.data()), size, true}}, size));
  const std::byte* source = memory_at(from);
  pending_.push_back({calls_.back().moment, "download", {}, {source, source + bytes.size()}, bytes});
  std::memset(bytes.data(), 0xEE, bytes.size());
}

void Recorder::copy(Address to, Address from, std::int64_t bytes, cuda::Stream& stream) {
  const std::lock_guard lock(mutex_);
  work(stream, call_of(Kind::copy, "copy", {{from, bytes, false}, {to, bytes, true}}, bytes));
}

std::unique_ptr<cuda::Module> Recorder::compile(const std::string&, const std::vector<cuda::Kernel>&) { return std::make_unique<RecordedModule>(); }

void Recorder::launch(cuda::Module&, const cuda::Kernel& kernel, const std::vector<Piece>& arguments, cuda::Stream& stream) {
  const std::lock_guard lock(mutex_);
  const std::vector<bool> written = written_parameters(kernel);
  if (written.size() != arguments.size()) throw BackendError("A kernel is launched with another number of arguments than it has parameters.");
  std::vector<Access> accesses;
  for (std::size_t k = 0; k < arguments.size(); ++k) accesses.push_back({arguments[k].address, arguments[k].bytes, written[k]});
  work(stream, call_of(Kind::launch, kernel.name, std::move(accesses)));
}

std::unique_ptr<cuda::PreparedCall> Recorder::prepare(const Program& program, const cuda::LibraryStep& step) {
  return std::make_unique<RecordedCall>(1000 + program.value(step.product().outputs[0]).type.bytes() / 2);
}

void Recorder::call_library(cuda::PreparedCall& prepared, const Program& program, const cuda::LibraryStep& step, const std::vector<Address>& operands,
                            const std::vector<Address>& results, Piece workspace, cuda::Stream& stream) {
  const std::lock_guard lock(mutex_);
  if (prepared.workspace() > workspace.bytes) throw BackendError("A library's call gets a smaller work space than it wants.");
  std::vector<Access> accesses;
  for (std::size_t k = 0; k < operands.size(); ++k) accesses.push_back({operands[k], program.value(step.operands[k]).type.bytes(), false});
  for (std::size_t k = 0; k < results.size(); ++k) accesses.push_back({results[k], program.value(step.results[k]).type.bytes(), true});
  accesses.push_back({workspace.address, prepared.workspace(), true});
  work(stream, call_of(Kind::library, step.product().op->name, std::move(accesses)));
}

void Recorder::call_custom(const Program& program, const Node& node, const std::vector<Address>& operands, const std::vector<Address>& results,
                           cuda::Stream& stream) {
  const std::lock_guard lock(mutex_);
  std::vector<Access> accesses;
  for (std::size_t k = 0; k < operands.size(); ++k) accesses.push_back({operands[k], program.value(node.inputs[k]).type.bytes(), false});
  for (std::size_t k = 0; k < results.size(); ++k) accesses.push_back({results[k], program.value(node.outputs[k]).type.bytes(), true});
  work(stream, call_of(Kind::custom, node.op->name, std::move(accesses)));
}

void Recorder::begin_recording(cuda::Stream& stream) {
  const std::lock_guard lock(mutex_);
  begin_call();
  capturing_ = &stream;
  captured_.clear();
}

std::unique_ptr<cuda::Recording> Recorder::end_recording(cuda::Stream&) {
  const std::lock_guard lock(mutex_);
  begin_call();
  auto recorded = std::make_unique<Recorded>();
  recorded->work = std::move(captured_);
  captured_.clear();
  capturing_ = nullptr;
  return recorded;
}

void Recorder::replay(cuda::Recording& recording, cuda::Stream& stream) {
  const std::lock_guard lock(mutex_);
  begin_call();
  detector_.join(agent_of(stream), detector_.clock(host()));
  Call call = call_of(Kind::replay, "replay", {});
  call.agent = agent_of(stream);
  call.recording = &recording;
  call.moment = detector_.act(call.agent, "replay", {});
  calls_.push_back(std::move(call));
  for (Call done : static_cast<const Recorded&>(recording).work) {
    done.agent = agent_of(stream);
    done.recording = &recording;
    perform(std::move(done));
  }
}

}  // namespace generalizer::test
