#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "generalizer/error.h"
#include "libraries.h"

namespace generalizer::cuda {
namespace {

/// Work space beyond this is not worth its memory.
constexpr std::size_t kWorkspace = std::size_t{512} << 20;

struct Destroy {
  void operator()(cudnnTensorStruct* tensor) const { cudnnDestroyTensorDescriptor(tensor); }
  void operator()(cudnnFilterStruct* filter) const { cudnnDestroyFilterDescriptor(filter); }
  void operator()(cudnnConvolutionStruct* convolution) const { cudnnDestroyConvolutionDescriptor(convolution); }
};
using Images = std::unique_ptr<cudnnTensorStruct, Destroy>;
using Filter = std::unique_ptr<cudnnFilterStruct, Destroy>;
using Geometry = std::unique_ptr<cudnnConvolutionStruct, Destroy>;

cudnnDataType_t type_of(DType type) { return type == DType::f64 ? CUDNN_DATA_DOUBLE : CUDNN_DATA_FLOAT; }

Images images(const TensorType& type) {
  cudnnTensorDescriptor_t bare = nullptr;
  check(cudnnCreateTensorDescriptor(&bare), "describe images");
  Images made(bare);
  const auto extent = [&](std::size_t axis) { return static_cast<int>(type.shape[axis]); };
  check(cudnnSetTensor4dDescriptor(bare, CUDNN_TENSOR_NCHW, type_of(type.dtype), extent(0), extent(1), extent(2), extent(3)),
        "describe images " + to_string(type));
  return made;
}

Filter filter(const TensorType& type) {
  cudnnFilterDescriptor_t bare = nullptr;
  check(cudnnCreateFilterDescriptor(&bare), "describe a kernel");
  Filter made(bare);
  const auto extent = [&](std::size_t axis) { return static_cast<int>(type.shape[axis]); };
  check(cudnnSetFilter4dDescriptor(bare, type_of(type.dtype), CUDNN_TENSOR_NCHW, extent(0), extent(1), extent(2), extent(3)),
        "describe a kernel " + to_string(type));
  return made;
}

Geometry geometry(const Attributes& attributes, DType type) {
  cudnnConvolutionDescriptor_t bare = nullptr;
  check(cudnnCreateConvolutionDescriptor(&bare), "describe a convolution");
  Geometry made(bare);
  const auto number = [&](const char* name, std::size_t index) { return static_cast<int>(attributes.integers(name)[index]); };
  check(cudnnSetConvolution2dDescriptor(bare, number("padding", 0), number("padding", 2), number("strides", 0), number("strides", 1), number("dilations", 0),
                                        number("dilations", 1), CUDNN_CROSS_CORRELATION, type_of(type)),
        "describe a convolution");
  check(cudnnSetConvolutionGroupCount(bare, static_cast<int>(attributes.integer("groups"))), "describe a convolution's groups");
  check(cudnnSetConvolutionMathType(bare, CUDNN_FMA_MATH), "ask for true f32");
  return made;
}

/// The fastest algorithm, by cuDNN's own forecast, that works here, gives the same bytes each time and doesn't want too much memory.
template <class Performance>
const Performance& best(const Performance* found, int count, const std::string& what) {
  const auto fits = [](const Performance& p) {
    return p.status == CUDNN_STATUS_SUCCESS && p.determinism == CUDNN_DETERMINISTIC && p.memory <= kWorkspace && p.mathType != CUDNN_TENSOR_OP_MATH;
  };
  const Performance* chosen = std::find_if(found, found + count, fits);
  if (chosen == found + count) throw BackendError("cuDNN has no algorithm that gives the same bytes each time for the convolution " + what + ".");
  return *chosen;
}

enum class Kind : std::uint8_t { forward, backward_data, backward_weights };

class Convolution final : public LibraryCall {
 public:
  Convolution(cudnnHandle_t handle, const Program& program, const Node& node) : handle_(handle) {
    const auto type = [&](ValueId id) { return program.value(id).type; };
    const TensorType first = type(node.inputs[0]), second = type(node.inputs[1]), result = type(node.outputs[0]);
    kind_ = node.op->name == "conv2d" ? Kind::forward : node.op->name == "conv2d_backward_data" ? Kind::backward_data : Kind::backward_weights;
    f64_ = result.dtype == DType::f64;
    geometry_ = geometry(node.attributes, result.dtype);
    const std::string what = fmt::format("{} of {} and {}", node.op->name, to_string(first), to_string(second));
    switch (kind_) {
      case Kind::forward:
        describe(first, second, result);
        choose_forward(what);
        break;
      case Kind::backward_data:
        describe(result, second, first);
        choose_backward_data(what);
        break;
      case Kind::backward_weights:
        describe(first, result, second);
        choose_backward_weights(what);
        break;
    }
  }

  std::int64_t workspace() const override { return static_cast<std::int64_t>(workspace_); }

  void run(const std::vector<Address>& operands, const std::vector<Address>& results, Address workspace, cudaStream_t stream) override {
    const double one = 1.0, zero = 0.0;
    const float one_f = 1.0F, zero_f = 0.0F;
    const void* alpha = f64_ ? static_cast<const void*>(&one) : &one_f;
    const void* beta = f64_ ? static_cast<const void*>(&zero) : &zero_f;
    const auto* a = reinterpret_cast<const void*>(operands[0]);
    const auto* b = reinterpret_cast<const void*>(operands[1]);
    auto* r = reinterpret_cast<void*>(results[0]);
    auto* space = reinterpret_cast<void*>(workspace);
    check(cudnnSetStream(handle_, stream), "launch a convolution");
    switch (kind_) {
      case Kind::forward:
        return check(cudnnConvolutionForward(handle_, alpha, x_.get(), a, weights_.get(), b, geometry_.get(), forward_, space, workspace_, beta, y_.get(), r),
                     "launch a convolution");
      case Kind::backward_data:  // dy, weights → dx
        return check(cudnnConvolutionBackwardData(handle_, alpha, weights_.get(), b, y_.get(), a, geometry_.get(), data_, space, workspace_, beta, x_.get(), r),
                     "launch a convolution's gradient by data");
      case Kind::backward_weights:  // x, dy → dw
        return check(cudnnConvolutionBackwardFilter(handle_, alpha, x_.get(), a, y_.get(), b, geometry_.get(), by_weights_, space, workspace_, beta,
                                                    weights_.get(), r),
                     "launch a convolution's gradient by weights");
    }
  }

 private:
  void describe(const TensorType& x, const TensorType& weights, const TensorType& y) {
    x_ = images(x);
    weights_ = filter(weights);
    y_ = images(y);
  }

  void choose_forward(const std::string& what) {
    std::array<cudnnConvolutionFwdAlgoPerf_t, CUDNN_CONVOLUTION_FWD_ALGO_COUNT> found{};
    int count = 0;
    check(cudnnGetConvolutionForwardAlgorithm_v7(handle_, x_.get(), weights_.get(), geometry_.get(), y_.get(), static_cast<int>(found.size()), &count, found.data()),
          "choose an algorithm for " + what);
    const auto& chosen = best(found.data(), count, what);
    forward_ = chosen.algo;
    workspace_ = chosen.memory;
  }
  void choose_backward_data(const std::string& what) {
    std::array<cudnnConvolutionBwdDataAlgoPerf_t, CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT> found{};
    int count = 0;
    check(cudnnGetConvolutionBackwardDataAlgorithm_v7(handle_, weights_.get(), y_.get(), geometry_.get(), x_.get(), static_cast<int>(found.size()), &count, found.data()),
          "choose an algorithm for " + what);
    const auto& chosen = best(found.data(), count, what);
    data_ = chosen.algo;
    workspace_ = chosen.memory;
  }
  void choose_backward_weights(const std::string& what) {
    std::array<cudnnConvolutionBwdFilterAlgoPerf_t, CUDNN_CONVOLUTION_BWD_FILTER_ALGO_COUNT> found{};
    int count = 0;
    check(cudnnGetConvolutionBackwardFilterAlgorithm_v7(handle_, x_.get(), y_.get(), geometry_.get(), weights_.get(), static_cast<int>(found.size()), &count, found.data()),
          "choose an algorithm for " + what);
    const auto& chosen = best(found.data(), count, what);
    by_weights_ = chosen.algo;
    workspace_ = chosen.memory;
  }

  cudnnHandle_t handle_;
  Kind kind_ = Kind::forward;
  bool f64_ = false;
  Images x_, y_;
  Filter weights_;
  Geometry geometry_;
  std::size_t workspace_ = 0;
  cudnnConvolutionFwdAlgo_t forward_{};
  cudnnConvolutionBwdDataAlgo_t data_{};
  cudnnConvolutionBwdFilterAlgo_t by_weights_{};
};

}  // namespace

std::unique_ptr<LibraryCall> convolution_call(cudnnHandle_t handle, const Program& program, const LibraryStep& step) {
  return std::make_unique<Convolution>(handle, program, step.product());
}

}  // namespace generalizer::cuda
