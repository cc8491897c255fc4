// A stand-in for a CUDA device, in plain memory: kernels are compiled by the host's compiler and run block by block, their threads as fibers that change
// over at each barrier; what libraries would compute is computed by the reference kernels. As the plugin "cuda_on_host" it is a backend of its own, so that
// everything between a program and the launches, and the text of every kernel, is tested on a machine without a card.
#include <dlfcn.h>
#include <stdlib.h>
#include <ucontext.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>

#include "choices.h"
#include "generalizer/plugin.h"
#include "session.h"
#include "tensor_cores.h"

namespace generalizer::cuda {
namespace {

/// What a kernel's text finds in CUDA.
constexpr const char* shim = R"(
#define __device__
#define __global__
#define __launch_bounds__(...)
#define __shared__ static
#define __align__(n) alignas(n)
struct Dimensions { unsigned x, y, z; };
extern "C" {
Dimensions threadIdx, blockIdx, blockDim, gridDim;
void (*host_barrier)();
double exp(double); double log(double); double sqrt(double); double cos(double); double tanh(double); double erf(double); double fabs(double);
double pow(double, double); double floor(double); double ceil(double);
void* memcpy(void*, const void*, unsigned long);
}
static inline void __syncthreads() { host_barrier(); }
)";

/// The threads of one block as fibers. A barrier goes back to the loop, which lets every other thread come as far.
class Block {
 public:
  static void barrier() { swapcontext(&running_->fibers_[running_->current_], &running_->loop_); }

  void run(unsigned threads, const std::function<void(unsigned)>& enter, const std::function<void()>& body) {
    running_ = this;
    body_ = body;
    fibers_.assign(threads, {});
    done_.assign(threads, false);
    stacks_.resize(threads);
    for (unsigned t = 0; t < threads; ++t) {
      stacks_[t].resize(1 << 15);
      getcontext(&fibers_[t]);
      fibers_[t].uc_stack.ss_sp = stacks_[t].data();
      fibers_[t].uc_stack.ss_size = stacks_[t].size();
      fibers_[t].uc_link = &loop_;
      makecontext(&fibers_[t], &Block::start, 0);
    }
    for (bool any = true; any;) {
      any = false;
      for (unsigned t = 0; t < threads; ++t) {
        if (done_[t]) continue;
        any = true;
        current_ = t;
        enter(t);
        swapcontext(&loop_, &fibers_[t]);
      }
    }
  }

 private:
  static void start() {
    running_->body_();
    running_->done_[running_->current_] = true;
  }

  static thread_local Block* running_;
  std::function<void()> body_;
  std::vector<ucontext_t> fibers_;
  std::vector<std::vector<char>> stacks_;
  std::vector<bool> done_;
  ucontext_t loop_{};
  unsigned current_ = 0;
};
thread_local Block* Block::running_ = nullptr;

struct Dimensions {
  unsigned x, y, z;
};

/// `extern "C" void call_NAME(void** a)`, as a host calls what it only knows by name.
std::string wrapper_of(const Kernel& kernel) {
  const std::size_t begin = kernel.text.find('(') + 1, end = kernel.text.find(')');
  std::string arguments;
  std::size_t count = 0;
  for (std::size_t at = begin; at < end;) {
    const std::size_t comma = std::min(kernel.text.find(", ", at), end);
    const std::string parameter = kernel.text.substr(at, comma - at);
    arguments += (count == 0 ? "(" : ", (") + parameter.substr(0, parameter.rfind(' ')) + ")a[" + std::to_string(count) + "]";
    ++count;
    at = comma + 2;
  }
  return "extern \"C\" void call_" + kernel.name + "(void** a) { " + kernel.name + "(" + arguments + "); }\n";
}

class HostModule final : public Module {
 public:
  HostModule(const std::string& source, const std::vector<Kernel>& kernels) {
    std::string pattern = (std::filesystem::temp_directory_path() / "generalizer-kernels-XXXXXX").string();
    const std::filesystem::path folder = ::mkdtemp(pattern.data());
    std::string text = shim + source;
    for (const Kernel& kernel : kernels) text += wrapper_of(kernel);
    std::ofstream(folder / "kernels.cc") << text;
    const std::string command = "c++ -std=c++20 -O0 -shared -fPIC -w -o " + (folder / "kernels.so").string() + " " + (folder / "kernels.cc").string() + " 2> " +
                                (folder / "errors.txt").string();
    const int code = std::system(command.c_str());
    std::ifstream errors(folder / "errors.txt");
    const std::string said((std::istreambuf_iterator<char>(errors)), {});
    if (code == 0) library_ = dlopen((folder / "kernels.so").c_str(), RTLD_NOW | RTLD_LOCAL);
    std::filesystem::remove_all(folder);
    if (library_ == nullptr) throw BackendError("The kernels can't be compiled: " + said + "\n" + text);
    *static_cast<void (**)()>(symbol("host_barrier")) = &Block::barrier;
  }
  ~HostModule() override { dlclose(library_); }

  void* symbol(const std::string& name) const { return dlsym(library_, name.c_str()); }
  Dimensions& dimensions(const char* name) const { return *static_cast<Dimensions*>(symbol(name)); }

 private:
  void* library_ = nullptr;
};

class HostRecording final : public Recording {
 public:
  Address keep(std::int64_t bytes) {
    kept_.emplace_back(static_cast<std::size_t>(bytes));
    return reinterpret_cast<Address>(kept_.back().data());
  }
  std::vector<std::function<void()>> calls;

 private:
  std::deque<std::vector<std::byte>> kept_;
};

class HostCall final : public PreparedCall {
 public:
  std::int64_t workspace() const override { return 0; }
};

class HostStream final : public Stream {};
class HostEvent final : public Event {};

/// All streams do their work at once, so that there is nothing to wait for.
class HostDevice final : public Device {
 public:
  explicit HostDevice(std::int64_t memory) : free_(memory) {}
  std::string name() const override { return "a CUDA device's stand-in in plain memory"; }
  std::int64_t free_bytes() override { return free_; }
  Address allocate(std::int64_t bytes) override {
    if (bytes > free_) throw BackendError("The stand-in's memory is too small.");
    const auto memory = reinterpret_cast<Address>(std::aligned_alloc(256, static_cast<std::size_t>((bytes + 255) / 256 * 256)));
    free_ -= sizes_[memory] = bytes;
    return memory;
  }
  void release(Address memory) noexcept override {
    free_ += sizes_.at(memory);
    sizes_.erase(memory);
    std::free(reinterpret_cast<void*>(memory));
  }
  std::byte* allocate_host(std::int64_t bytes) override { return static_cast<std::byte*>(std::malloc(static_cast<std::size_t>(bytes))); }
  void release_host(std::byte* memory) noexcept override { std::free(memory); }

  std::unique_ptr<Stream> make_stream() override { return std::make_unique<HostStream>(); }
  std::unique_ptr<Event> make_event() override { return std::make_unique<HostEvent>(); }
  void mark(Event&, Stream&) override {}
  void wait(Stream&, Event&) override {}
  void synchronize(Event&) override {}
  void synchronize(Stream&) override {}

  void clear(Piece memory, Stream&) override { std::memset(reinterpret_cast<void*>(memory.address), 0, static_cast<std::size_t>(memory.bytes)); }
  void upload(Address to, std::span<const std::byte> bytes, Stream&) override { std::memcpy(reinterpret_cast<void*>(to), bytes.data(), bytes.size()); }
  void download(std::span<std::byte> bytes, Address from, Stream&) override {
    std::memcpy(bytes.data(), reinterpret_cast<const void*>(from), bytes.size());
  }
  void copy(Address to, Address from, std::int64_t bytes, Stream&) override {
    call([=] { std::memcpy(reinterpret_cast<void*>(to), reinterpret_cast<const void*>(from), static_cast<std::size_t>(bytes)); });
  }

  std::unique_ptr<Module> compile(const std::string& source, const std::vector<Kernel>& kernels) override {
    return std::make_unique<HostModule>(source, kernels);
  }
  void launch(Module& module, const Kernel& kernel, const std::vector<Piece>& arguments, Stream&) override {
    call([&module, name = kernel.name, barriers = kernel.barriers, arguments] { run_kernel(static_cast<HostModule&>(module), name, barriers, arguments); });
  }
  std::unique_ptr<PreparedCall> prepare(const Program&, const LibraryStep&) override { return std::make_unique<HostCall>(); }
  /// Node by node, with memory of its own for what the call keeps to itself. Tensor cores round a product's operands to tf32.
  void call_library(PreparedCall&, const Program& program, const LibraryStep& step, const std::vector<Address>& operands, const std::vector<Address>& results,
                    Piece, Stream&) override {
    std::map<ValueId, Address> known;
    for (std::size_t k = 0; k < operands.size(); ++k) known[step.operands[k]] = operands[k];
    for (std::size_t k = 0; k < results.size(); ++k) known[step.results[k]] = results[k];
    for (const Node* node : step.nodes) {
      std::vector<Address> from, to;
      const bool rounds = node == &step.product() && multiply_of(program, step) == Multiply::tf32;
      for (std::size_t k = 0; k < node->inputs.size(); ++k) {
        const ValueId id = node->inputs[k];
        from.push_back(rounds && k < 2 ? rounded(program.value(id).type, known.at(id)) : known.at(id));
      }
      for (const ValueId id : node->outputs) {
        if (!known.contains(id)) known[id] = recording_->keep(program.value(id).type.bytes());
        to.push_back(known.at(id));
      }
      run_node(program, *node, from, to, node->op->reference);
    }
  }
  void call_custom(const Program& program, const Node& node, const std::vector<Address>& operands, const std::vector<Address>& results, Stream&) override {
    run_node(program, node, operands, results, node.op->reference);
  }

  void begin_recording(Stream&) override { recording_ = std::make_unique<HostRecording>(); }
  std::unique_ptr<Recording> end_recording(Stream&) override { return std::move(recording_); }
  void replay(Recording& recording, Stream&) override {
    for (const auto& call : static_cast<HostRecording&>(recording).calls) call();
  }

 private:
  static Multiply multiply_of(const Program& program, const LibraryStep& step) {
    return is_matmul(step.product()) ? matmul_choice(program, step).multiply : convolution_choice(program, step).multiply;
  }
  Address rounded(const TensorType& type, Address from) {
    const Address to = recording_->keep(type.bytes());
    call([from, to, count = type.shape.elements()] {
      const auto* numbers = reinterpret_cast<const float*>(from);
      std::transform(numbers, numbers + count, reinterpret_cast<float*>(to), to_tf32);
    });
    return to;
  }
  void call(std::function<void()> work) {
    if (recording_) {
      recording_->calls.push_back(std::move(work));
    } else {
      work();
    }
  }

  void run_node(const Program& program, const Node& node, const std::vector<Address>& operands, const std::vector<Address>& results,
                const ReferenceKernel& kernel) {
    std::vector<HostTensor> from, to;
    for (std::size_t k = 0; k < operands.size(); ++k) from.push_back({reinterpret_cast<void*>(operands[k]), program.value(node.inputs[k]).type});
    for (std::size_t k = 0; k < results.size(); ++k) to.push_back({reinterpret_cast<void*>(results[k]), program.value(node.outputs[k]).type});
    call([from, to, kernel, attributes = node.attributes] { kernel({from, to, attributes}); });
  }

  /// Two blocks, so that the loops over more work than a grid holds are gone through, too.
  static void run_kernel(HostModule& module, const std::string& name, bool barriers, const std::vector<Piece>& arguments) {
    std::vector<void*> pointers;
    for (const Piece& argument : arguments) pointers.push_back(reinterpret_cast<void*>(argument.address));
    const auto call = reinterpret_cast<void (*)(void**)>(module.symbol("call_" + name));
    const unsigned threads = kBlockThreads;
    module.dimensions("gridDim") = {2, 1, 1};
    module.dimensions("blockDim") = {threads, 1, 1};
    Dimensions& thread = module.dimensions("threadIdx");
    for (unsigned block = 0; block < 2; ++block) {
      module.dimensions("blockIdx") = {block, 0, 0};
      const auto enter = [&](unsigned t) { thread = {t, 0, 0}; };
      if (barriers) {
        Block().run(threads, enter, [&] { call(pointers.data()); });
        continue;
      }
      for (unsigned t = 0; t < threads; ++t) {
        enter(t);
        call(pointers.data());
      }
    }
  }

  std::int64_t free_;
  std::map<Address, std::int64_t> sizes_;
  std::unique_ptr<HostRecording> recording_;
};

constexpr std::int64_t kPlenty = std::int64_t{1} << 40;

BackendType cuda_on_host() {
  return {.name = "cuda_on_host",
          .summary = "The CUDA backend on a device's stand-in in plain memory, for tests.",
          .parameters = {at_least(parameter("memory", {ParameterType::integer}, kPlenty, "Bytes that the device has."), 0)},
          .report =
              [] {
                BackendReport report;
                report.available = true;
                report.devices = {"plain memory"};
                report.floating_types = {DType::f32, DType::f64};
                report.arithmetics = {Arithmetic::exact, Arithmetic::tf32, Arithmetic::bf16};
                return report;
              },
          .open = [](const Parameters& parameters) -> std::unique_ptr<Session> {
            return std::make_unique<CudaSession>(std::make_unique<HostDevice>(parameters.has("memory") ? parameters.integer("memory") : kPlenty));
          }};
}

}  // namespace
}  // namespace generalizer::cuda

GENERALIZER_PLUGIN("cuda_on_host", "0.1", "Apache-2.0", [](generalizer::Registry& registry) { registry.add_backend(generalizer::cuda::cuda_on_host()); })
