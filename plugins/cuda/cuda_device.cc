#include "cuda_device.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compiler.h"
#include "libraries.h"

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

class CudaDevice final : public Device {
 public:
  explicit CudaDevice(int index) : index_(index) {
    use();
    check(cudaGetDeviceProperties(&properties_, index_), "describe the device");
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "make a stream");
    check(cublasLtCreate(&cublas_), "start");
    check(cudnnCreate(&cudnn_), "start");
  }
  ~CudaDevice() override {
    cudnnDestroy(cudnn_);
    cublasLtDestroy(cublas_);
    cudaStreamDestroy(stream_);
  }
  CudaDevice(const CudaDevice&) = delete;
  CudaDevice& operator=(const CudaDevice&) = delete;

  std::string name() const override {
    return fmt::format("{}, compute capability {}.{}, CUDA {}.{}, cuDNN {}", properties_.name, properties_.major, properties_.minor, CUDART_VERSION / 1000,
                       CUDART_VERSION % 1000 / 10, cudnnGetVersion());
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
    check(result, "take memory");
    check(cudaMemsetAsync(memory, 0, static_cast<std::size_t>(bytes), stream_), "clear memory");
    return reinterpret_cast<Address>(memory);
  }
  void release(Address memory) noexcept override {
    if (cudaSetDevice(index_) == cudaSuccess) (void)cudaFree(reinterpret_cast<void*>(memory));
  }
  void upload(Address to, std::span<const std::byte> bytes) override {
    use();
    check(cudaMemcpyAsync(reinterpret_cast<void*>(to), bytes.data(), bytes.size(), cudaMemcpyHostToDevice, stream_), "copy to the device");
  }
  void download(std::span<std::byte> bytes, Address from) override {
    use();
    check(cudaMemcpyAsync(bytes.data(), reinterpret_cast<const void*>(from), bytes.size(), cudaMemcpyDeviceToHost, stream_), "copy from the device");
    synchronize();
  }
  void synchronize() override {
    use();
    check(cudaStreamSynchronize(stream_), "finish its work");
  }

  std::unique_ptr<Module> compile(const std::string& source, const std::vector<Kernel>& kernels) override {
    use();
    return std::make_unique<CudaModule>(compile_cuda(source, architecture_for(properties_.major, properties_.minor)), kernels);
  }

  std::int64_t workspace_of(const Program& program, const LibraryStep& step) override {
    use();
    std::unique_ptr<LibraryCall>& call = calls_[&step.product()];
    call = step.product().op->name == "matmul" ? matmul_call(cublas_, program, step) : convolution_call(cudnn_, program, step);
    return call->workspace();
  }

  void begin_recording() override {
    use();
    abandon_capture();
    check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), "begin a capture");
  }
  std::unique_ptr<Recording> end_recording() override {
    cudaGraph_t graph = nullptr;
    check(cudaStreamEndCapture(stream_, &graph), "end a capture");
    kept_.insert(kept_.end(), std::make_move_iterator(calls_.begin()), std::make_move_iterator(calls_.end()));
    calls_.clear();
    return std::make_unique<CudaRecording>(graph);
  }

  void launch(Module& module, const Kernel& kernel, const std::vector<Address>& arguments) override {
    std::vector<Address> values = arguments;
    std::vector<void*> pointers;
    for (Address& value : values) pointers.push_back(&value);
    const cudaKernel_t function = static_cast<CudaModule&>(module).find(kernel.name);
    check(cudaLaunchKernel(reinterpret_cast<const void*>(function), blocks_for(kernel), dim3(kBlockThreads), pointers.data(), 0, stream_),
          "launch " + kernel.name);
  }
  void copy(Address to, Address from, std::int64_t bytes) override {
    check(cudaMemcpyAsync(reinterpret_cast<void*>(to), reinterpret_cast<const void*>(from), static_cast<std::size_t>(bytes), cudaMemcpyDeviceToDevice, stream_),
          "copy a value");
  }
  void call_library(const Program&, const LibraryStep& step, const std::vector<Address>& operands, const std::vector<Address>& results, Address workspace) override {
    calls_.at(&step.product())->run(operands, results, workspace, stream_);
  }
  void call_custom(const Program& program, const Node& node, const std::vector<Address>& operands, const std::vector<Address>& results) override {
    std::vector<HostTensor> from, to;
    for (std::size_t k = 0; k < operands.size(); ++k) from.push_back({reinterpret_cast<void*>(operands[k]), program.value(node.inputs[k]).type});
    for (std::size_t k = 0; k < results.size(); ++k) to.push_back({reinterpret_cast<void*>(results[k]), program.value(node.outputs[k]).type});
    node.op->cuda({from, to, node.attributes, stream_});
    check(cudaGetLastError(), "launch the kernel of " + node.op->name);
  }

  void replay(Recording& recording) override {
    use();
    check(cudaGraphLaunch(static_cast<CudaRecording&>(recording).get(), stream_), "run a step");
  }

 private:
  /// One that an exception has left open would spoil everything that follows.
  void abandon_capture() {
    cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
    if (cudaStreamIsCapturing(stream_, &status) != cudaSuccess || status == cudaStreamCaptureStatusNone) return;
    cudaGraph_t graph = nullptr;
    if (cudaStreamEndCapture(stream_, &graph) == cudaSuccess && graph != nullptr) cudaGraphDestroy(graph);
    (void)cudaGetLastError();
  }

  /// The runtime keeps the device of each thread.
  void use() const { check(cudaSetDevice(index_), fmt::format("use device {}", index_)); }

  /// Enough to fill the device several times over; the kernels' loops do the rest.
  dim3 blocks_for(const Kernel& kernel) const {
    const std::int64_t wanted = kernel.layout == Layout::block_each ? kernel.items : (kernel.items + kBlockThreads - 1) / kBlockThreads;
    return dim3(static_cast<unsigned>(std::clamp<std::int64_t>(wanted, 1, std::int64_t{32} * properties_.multiProcessorCount)));
  }

  int index_;
  cudaDeviceProp properties_{};
  cudaStream_t stream_ = nullptr;
  cublasLtHandle_t cublas_ = nullptr;
  cudnnHandle_t cudnn_ = nullptr;
  std::map<const Node*, std::unique_ptr<LibraryCall>> calls_;              ///< of the program that is being recorded
  std::vector<std::pair<const Node*, std::unique_ptr<LibraryCall>>> kept_;  ///< of recorded ones: descriptors outlive the graphs made with them
};

}  // namespace

std::unique_ptr<Device> open_cuda_device(std::int64_t index) {
  const BackendReport report = cuda_report();
  if (!report.available) throw BackendError("The backend \"cuda\" can't be used here. " + report.reason);
  const auto count = static_cast<std::int64_t>(report.devices.size());
  if (index >= count) {
    throw BackendError(fmt::format("There is no CUDA device {}: this machine has {}, counted from 0. Choose one with backend = \"cuda:0\".", index, count));
  }
  return std::make_unique<CudaDevice>(static_cast<int>(index));
}

}  // namespace generalizer::cuda
