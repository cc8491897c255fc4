#include "cuda_device.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compiler.h"
#include "libraries.h"
#include "tensor_cores.h"

namespace generalizer::cuda {
namespace {

class CudaModule final : public Module {
 public:
  CudaModule(const std::vector<char>& code, const std::vector<Kernel>& kernels) {
    check(cudaLibraryLoadData(&library_, code.data(), nullptr, nullptr, 0, nullptr, nullptr, 0), "load its kernels");
    for (const Kernel& kernel : kernels) check(cudaLibraryGetKernel(&kernels_[kernel.name], library_, kernel.name.c_str()), "find the kernel " + kernel.name);
  }
  ~CudaModule() override { cudaLibraryUnload(library_); }
  cudaKernel_t find(const std::string& name) const { return kernels_.at(name); }

 private:
  cudaLibrary_t library_ = nullptr;
  std::map<std::string, cudaKernel_t> kernels_;
};

/// A CUDA graph.
class CudaRecording final : public Recording {
 public:
  explicit CudaRecording(cudaGraph_t graph) : graph_(graph) { check(cudaGraphInstantiate(&executable_, graph_, 0), "make a graph of its launches"); }
  ~CudaRecording() override {
    cudaGraphExecDestroy(executable_);
    cudaGraphDestroy(graph_);
  }
  cudaGraphExec_t get() const { return executable_; }

 private:
  cudaGraph_t graph_;
  cudaGraphExec_t executable_ = nullptr;
};

/// Errors after which nothing works in this process any more.
bool is_final(cudaError_t result) {
  switch (result) {
    case cudaErrorIllegalAddress:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorIllegalInstruction:
    case cudaErrorHardwareStackError:
    case cudaErrorLaunchFailure:
    case cudaErrorLaunchTimeout:
    case cudaErrorAssert:
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case cudaErrorExternalDevice:
    case cudaErrorUnknown:
      return true;
    default:
      return false;
  }
}

class CudaStream final : public Stream {
 public:
  CudaStream() { check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "make a stream"); }
  ~CudaStream() override { cudaStreamDestroy(stream); }
  cudaStream_t stream = nullptr;
};

class CudaEvent final : public Event {
 public:
  CudaEvent() { check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "make an event"); }
  ~CudaEvent() override { cudaEventDestroy(event); }
  cudaEvent_t event = nullptr;
};

cudaStream_t of(Stream& stream) { return static_cast<CudaStream&>(stream).stream; }
cudaEvent_t of(Event& event) { return static_cast<CudaEvent&>(event).event; }
void* at(Address address) { return reinterpret_cast<void*>(address); }

class CudaDevice final : public Device {
 public:
  explicit CudaDevice(int index) : index_(index) {
    use();
    ok(cudaGetDeviceProperties(&properties_, index_), "describe the device");
    check(cublasLtCreate(&cublas_), "start");
    check(cudnnCreate(&cudnn_), "start");
  }
  ~CudaDevice() override {
    cudnnDestroy(cudnn_);
    cublasLtDestroy(cublas_);
  }
  CudaDevice(const CudaDevice&) = delete;
  CudaDevice& operator=(const CudaDevice&) = delete;

  std::string name() const override {
    return fmt::format("{}, compute capability {}.{}, CUDA {}.{}, cuDNN {}", properties_.name, properties_.major, properties_.minor, CUDART_VERSION / 1000,
                       CUDART_VERSION % 1000 / 10, cudnnGetVersion());
  }
  std::int64_t free_bytes() override {
    use();
    std::size_t free = 0, total = 0;
    ok(cudaMemGetInfo(&free, &total), "say how much memory is free");
    return static_cast<std::int64_t>(free);
  }

  Address allocate(std::int64_t bytes) override {
    use();
    void* memory = nullptr;
    const cudaError_t result = cudaMalloc(&memory, static_cast<std::size_t>(bytes));
    if (result == cudaErrorMemoryAllocation) {
      std::size_t free = 0, total = 0;
      (void)cudaGetLastError();  // it sticks otherwise
      (void)cudaMemGetInfo(&free, &total);
      throw BackendError(fmt::format("The device's memory is too small: {:.1f} MiB more are needed, and of {:.1f} MiB {:.1f} are free. A smaller [train] batch needs less.",
                                     static_cast<double>(bytes) / (1 << 20), static_cast<double>(total) / (1 << 20), static_cast<double>(free) / (1 << 20)));
    }
    ok(result, "take memory");
    return reinterpret_cast<Address>(memory);
  }
  void release(Address memory) noexcept override {
    if (cudaSetDevice(index_) == cudaSuccess) (void)cudaFree(at(memory));
  }
  std::byte* allocate_host(std::int64_t bytes) override {
    use();
    void* memory = nullptr;
    const cudaError_t result = cudaHostAlloc(&memory, static_cast<std::size_t>(bytes), cudaHostAllocDefault);
    if (result == cudaErrorMemoryAllocation) {
      (void)cudaGetLastError();
      throw BackendError(fmt::format("The host has no {:.1f} MiB of memory that can be pinned for copies to the device. A smaller [train] batch, or [data] prefetch, needs "
                                     "less.",
                                     static_cast<double>(bytes) / (1 << 20)));
    }
    ok(result, "pin memory of the host");
    return static_cast<std::byte*>(memory);
  }
  void release_host(std::byte* memory) noexcept override {
    if (cudaSetDevice(index_) == cudaSuccess) (void)cudaFreeHost(memory);
  }

  std::unique_ptr<Stream> make_stream() override {
    use();
    return std::make_unique<CudaStream>();
  }
  std::unique_ptr<Event> make_event() override {
    use();
    return std::make_unique<CudaEvent>();
  }
  void mark(Event& event, Stream& stream) override { ok(cudaEventRecord(of(event), of(stream)), "mark a place in its work"); }
  void wait(Stream& stream, Event& event) override { ok(cudaStreamWaitEvent(of(stream), of(event), cudaEventWaitDefault), "order its work"); }
  void synchronize(Event& event) override {
    use();  // a thread of the caller's own
    ok(cudaEventSynchronize(of(event)), "finish its work");
  }
  void synchronize(Stream& stream) override { ok(cudaStreamSynchronize(of(stream)), "finish its work"); }

  void clear(Piece memory, Stream& stream) override {
    ok(cudaMemsetAsync(at(memory.address), 0, static_cast<std::size_t>(memory.bytes), of(stream)), "clear memory");
  }
  void upload(Address to, std::span<const std::byte> bytes, Stream& stream) override {
    use();
    ok(cudaMemcpyAsync(at(to), bytes.data(), bytes.size(), cudaMemcpyHostToDevice, of(stream)), "copy to the device");
  }
  void download(std::span<std::byte> bytes, Address from, Stream& stream) override {
    use();
    ok(cudaMemcpyAsync(bytes.data(), at(from), bytes.size(), cudaMemcpyDeviceToHost, of(stream)), "copy from the device");
  }
  void copy(Address to, Address from, std::int64_t bytes, Stream& stream) override {
    ok(cudaMemcpyAsync(at(to), at(from), static_cast<std::size_t>(bytes), cudaMemcpyDeviceToDevice, of(stream)), "copy a value");
  }

  std::unique_ptr<Module> compile(const std::string& source, const std::vector<Kernel>& kernels) override {
    use();
    return std::make_unique<CudaModule>(compile_cuda(source, architecture_for(properties_.major, properties_.minor)), kernels);
  }
  void launch(Module& module, const Kernel& kernel, const std::vector<Piece>& arguments, Stream& stream) override {
    std::vector<Address> values;
    for (const Piece& argument : arguments) values.push_back(argument.address);
    std::vector<void*> pointers;
    for (Address& value : values) pointers.push_back(&value);
    const cudaKernel_t function = static_cast<CudaModule&>(module).find(kernel.name);
    ok(cudaLaunchKernel(reinterpret_cast<const void*>(function), blocks_for(kernel), dim3(kBlockThreads), pointers.data(), 0, of(stream)),
       "launch " + kernel.name);
  }

  std::unique_ptr<PreparedCall> prepare(const Program& program, const LibraryStep& step) override {
    use();
    if (program.arithmetic() != Arithmetic::exact && properties_.major < 8) {
      throw BackendError(fmt::format("The backend \"cuda\" multiplies in {} on devices of compute capability 8.0 and later, and {} has {}.{}. Choose precision = \"f32\".",
                                     name_of(program.arithmetic()), properties_.name, properties_.major, properties_.minor));
    }
    return is_matmul(step.product()) ? matmul_call(cublas_, program, step) : convolution_call(cudnn_, program, step);
  }
  void call_library(PreparedCall& prepared, const Program&, const LibraryStep&, const std::vector<Address>& operands, const std::vector<Address>& results,
                    Piece workspace, Stream& stream) override {
    static_cast<LibraryCall&>(prepared).run(operands, results, workspace.address, of(stream));
  }
  void call_custom(const Program& program, const Node& node, const std::vector<Address>& operands, const std::vector<Address>& results,
                   Stream& stream) override {
    std::vector<HostTensor> from, to;
    for (std::size_t k = 0; k < operands.size(); ++k) from.push_back({at(operands[k]), program.value(node.inputs[k]).type});
    for (std::size_t k = 0; k < results.size(); ++k) to.push_back({at(results[k]), program.value(node.outputs[k]).type});
    node.op->cuda({from, to, node.attributes, of(stream)});
    ok(cudaGetLastError(), "launch the kernel of " + node.op->name);
  }

  void begin_recording(Stream& stream) override {
    use();
    abandon_capture(of(stream));
    ok(cudaStreamBeginCapture(of(stream), cudaStreamCaptureModeThreadLocal), "begin a capture");
  }
  std::unique_ptr<Recording> end_recording(Stream& stream) override {
    cudaGraph_t graph = nullptr;
    ok(cudaStreamEndCapture(of(stream), &graph), "end a capture");
    return std::make_unique<CudaRecording>(graph);
  }
  void replay(Recording& recording, Stream& stream) override {
    use();
    ok(cudaGraphLaunch(static_cast<CudaRecording&>(recording).get(), of(stream)), "run a step");
  }

 private:
  void ok(cudaError_t result, const std::string& what) const {
    if (is_final(result)) {
      throw DeviceLost(fmt::format("The GPU is lost: device {} ({}) failed to {}: {} ({}). Nothing runs on it any more in this process.", index_, properties_.name, what,
                                   cudaGetErrorString(result), cudaGetErrorName(result)));
    }
    check(result, what);
  }

  /// One that an exception has left open would spoil everything that follows.
  static void abandon_capture(cudaStream_t stream) {
    cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
    if (cudaStreamIsCapturing(stream, &status) != cudaSuccess || status == cudaStreamCaptureStatusNone) return;
    cudaGraph_t graph = nullptr;
    if (cudaStreamEndCapture(stream, &graph) == cudaSuccess && graph != nullptr) cudaGraphDestroy(graph);
    (void)cudaGetLastError();
  }

  /// The runtime keeps the device of each thread.
  void use() const { ok(cudaSetDevice(index_), fmt::format("use device {}", index_)); }

  /// Enough to fill the device several times over; the kernels' loops do the rest.
  dim3 blocks_for(const Kernel& kernel) const {
    return dim3(static_cast<unsigned>(std::clamp<std::int64_t>(kernel.tiles, 1, std::int64_t{32} * properties_.multiProcessorCount)));
  }

  int index_;
  cudaDeviceProp properties_{};
  cublasLtHandle_t cublas_ = nullptr;
  cudnnHandle_t cudnn_ = nullptr;
};

}  // namespace

std::unique_ptr<Device> open_cuda_device(std::int64_t index) {
  require_device(machine_facts(), index);
  return std::make_unique<CudaDevice>(static_cast<int>(index));
}

}  // namespace generalizer::cuda
