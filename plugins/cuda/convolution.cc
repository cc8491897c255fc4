#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "choices.h"
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
  void operator()(cudnnActivationStruct* activation) const { cudnnDestroyActivationDescriptor(activation); }
};
using Images = std::unique_ptr<cudnnTensorStruct, Destroy>;
using Filter = std::unique_ptr<cudnnFilterStruct, Destroy>;
using Geometry = std::unique_ptr<cudnnConvolutionStruct, Destroy>;
using Activation = std::unique_ptr<cudnnActivationStruct, Destroy>;

using Extents = std::array<std::int64_t, 4>;

cudnnDataType_t type_of(const ConvolutionChoice& choice) { return choice.multiply == Multiply::f64 ? CUDNN_DATA_DOUBLE : CUDNN_DATA_FLOAT; }
cudnnTensorFormat_t format_of(const ConvolutionChoice& choice) { return choice.channels_last ? CUDNN_TENSOR_NHWC : CUDNN_TENSOR_NCHW; }
/// Without tensor cores cuDNN computes in the operands' own type; with them, it multiplies f32 as tf32.
cudnnMathType_t math_of(const ConvolutionChoice& choice) { return choice.multiply == Multiply::tf32 ? CUDNN_TENSOR_OP_MATH : CUDNN_FMA_MATH; }

Images images(const ConvolutionChoice& choice, const Extents& extents) {
  cudnnTensorDescriptor_t bare = nullptr;
  check(cudnnCreateTensorDescriptor(&bare), "describe images");
  Images made(bare);
  const auto extent = [&](std::size_t axis) { return static_cast<int>(extents[axis]); };
  check(cudnnSetTensor4dDescriptor(bare, format_of(choice), type_of(choice), extent(0), extent(1), extent(2), extent(3)), "describe images");
  return made;
}

Filter filter(const ConvolutionChoice& choice) {
  cudnnFilterDescriptor_t bare = nullptr;
  check(cudnnCreateFilterDescriptor(&bare), "describe a kernel");
  Filter made(bare);
  const auto extent = [&](std::size_t axis) { return static_cast<int>(choice.weights[axis]); };
  check(cudnnSetFilter4dDescriptor(bare, type_of(choice), format_of(choice), extent(0), extent(1), extent(2), extent(3)), "describe a kernel");
  return made;
}

Geometry geometry(const ConvolutionChoice& choice) {
  cudnnConvolutionDescriptor_t bare = nullptr;
  check(cudnnCreateConvolutionDescriptor(&bare), "describe a convolution");
  Geometry made(bare);
  const auto number = [](const std::array<std::int64_t, 2>& list, std::size_t index) { return static_cast<int>(list[index]); };
  check(cudnnSetConvolution2dDescriptor(bare, number(choice.padding, 0), number(choice.padding, 1), number(choice.strides, 0), number(choice.strides, 1),
                                        number(choice.dilations, 0), number(choice.dilations, 1), CUDNN_CROSS_CORRELATION, type_of(choice)),
        "describe a convolution");
  check(cudnnSetConvolutionGroupCount(bare, static_cast<int>(choice.groups)), "describe a convolution's groups");
  check(cudnnSetConvolutionMathType(bare, math_of(choice)), "choose a convolution's arithmetic");
  return made;
}

Activation relu() {
  cudnnActivationDescriptor_t bare = nullptr;
  check(cudnnCreateActivationDescriptor(&bare), "describe a relu");
  Activation made(bare);
  check(cudnnSetActivationDescriptor(bare, CUDNN_ACTIVATION_RELU, CUDNN_PROPAGATE_NAN, 0.0), "describe a relu");
  return made;
}

std::string described(const ConvolutionChoice& choice) {
  const auto listed = [](const Extents& e) { return fmt::format("[{}×{}×{}×{}]", e[0], e[1], e[2], e[3]); };
  const char* direction = choice.direction == Direction::forward ? "" : choice.direction == Direction::backward_data ? "'s gradient by data" : "'s gradient by weights";
  return fmt::format("the convolution{} of {} by {} to {}", direction, listed(choice.x), listed(choice.weights), listed(choice.y));
}

/// The fastest algorithm, by cuDNN's own forecast, that works here, gives the same bytes each time and doesn't want too much memory.
template <class Performance>
const Performance& best(const Performance* found, int count, const ConvolutionChoice& choice) {
  const bool tensor_cores = math_of(choice) == CUDNN_TENSOR_OP_MATH;
  const auto fits = [&](const Performance& p) {
    return p.status == CUDNN_STATUS_SUCCESS && p.determinism == CUDNN_DETERMINISTIC && p.memory <= kWorkspace &&
           (tensor_cores || p.mathType != CUDNN_TENSOR_OP_MATH);
  };
  const Performance* chosen = std::find_if(found, found + count, fits);
  if (chosen == found + count) throw BackendError("cuDNN has no algorithm that gives the same bytes each time for " + described(choice) + ".");
  return *chosen;
}

class Convolution final : public LibraryCall {
 public:
  Convolution(cudnnHandle_t handle, const ConvolutionChoice& choice)
      : handle_(handle), choice_(choice), x_(images(choice, choice.x)), y_(images(choice, choice.y)), weights_(filter(choice)), geometry_(geometry(choice)) {
    if (choice_.epilogue == Epilogue::bias_relu) {
      bias_ = images(choice, {1, choice.y[1], 1, 1});
      relu_ = relu();
    }
    switch (choice_.direction) {
      case Direction::forward:
        choose_forward();
        break;
      case Direction::backward_data:
        choose_backward_data();
        break;
      case Direction::backward_weights:
        choose_backward_weights();
        break;
    }
  }

  std::int64_t workspace() const override { return static_cast<std::int64_t>(workspace_); }

  void run(const std::vector<Address>& operands, const std::vector<Address>& results, Address workspace, cudaStream_t stream) override {
    const double one = 1.0, zero = 0.0;
    const float one_f = 1.0F, zero_f = 0.0F;
    const bool f64 = choice_.multiply == Multiply::f64;
    const void* alpha = f64 ? static_cast<const void*>(&one) : &one_f;
    const void* beta = f64 ? static_cast<const void*>(&zero) : &zero_f;
    const auto* a = reinterpret_cast<const void*>(operands[0]);
    const auto* b = reinterpret_cast<const void*>(operands[1]);
    auto* r = reinterpret_cast<void*>(results[0]);
    auto* space = reinterpret_cast<void*>(workspace);
    check(cudnnSetStream(handle_, stream), "launch a convolution");
    switch (choice_.direction) {
      case Direction::forward:
        if (choice_.bias) {  // relu(conv(x) + 0·y + bias)
          return check(cudnnConvolutionBiasActivationForward(handle_, alpha, x_.get(), a, weights_.get(), b, geometry_.get(), forward_, space, workspace_, beta,
                                                             y_.get(), r, bias_.get(), reinterpret_cast<const void*>(operands[*choice_.bias]), relu_.get(),
                                                             y_.get(), r),
                       "launch a convolution with bias and relu");
        }
        return check(cudnnConvolutionForward(handle_, alpha, x_.get(), a, weights_.get(), b, geometry_.get(), forward_, space, workspace_, beta, y_.get(), r),
                     "launch a convolution");
      case Direction::backward_data:  // dy, weights → dx
        return check(cudnnConvolutionBackwardData(handle_, alpha, weights_.get(), b, y_.get(), a, geometry_.get(), data_, space, workspace_, beta, x_.get(), r),
                     "launch a convolution's gradient by data");
      case Direction::backward_weights:  // x, dy → dw
        return check(cudnnConvolutionBackwardFilter(handle_, alpha, x_.get(), a, y_.get(), b, geometry_.get(), by_weights_, space, workspace_, beta,
                                                    weights_.get(), r),
                     "launch a convolution's gradient by weights");
    }
  }

 private:
  /// Of algorithms for tensor cores some do without them, where those wouldn't be faster.
  template <class Performance>
  auto take(const Performance& chosen) {
    workspace_ = chosen.memory;
    const cudnnMathType_t math = math_of(choice_) == CUDNN_FMA_MATH ? CUDNN_FMA_MATH : chosen.mathType;
    check(cudnnSetConvolutionMathType(geometry_.get(), math), "choose a convolution's arithmetic");
    return chosen.algo;
  }
  void choose_forward() {
    std::array<cudnnConvolutionFwdAlgoPerf_t, CUDNN_CONVOLUTION_FWD_ALGO_COUNT> found{};
    int count = 0;
    check(cudnnGetConvolutionForwardAlgorithm_v7(handle_, x_.get(), weights_.get(), geometry_.get(), y_.get(), static_cast<int>(found.size()), &count, found.data()),
          "choose an algorithm for " + described(choice_));
    forward_ = take(best(found.data(), count, choice_));
  }
  void choose_backward_data() {
    std::array<cudnnConvolutionBwdDataAlgoPerf_t, CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT> found{};
    int count = 0;
    check(cudnnGetConvolutionBackwardDataAlgorithm_v7(handle_, weights_.get(), y_.get(), geometry_.get(), x_.get(), static_cast<int>(found.size()), &count, found.data()),
          "choose an algorithm for " + described(choice_));
    data_ = take(best(found.data(), count, choice_));
  }
  void choose_backward_weights() {
    std::array<cudnnConvolutionBwdFilterAlgoPerf_t, CUDNN_CONVOLUTION_BWD_FILTER_ALGO_COUNT> found{};
    int count = 0;
    check(cudnnGetConvolutionBackwardFilterAlgorithm_v7(handle_, x_.get(), y_.get(), geometry_.get(), weights_.get(), static_cast<int>(found.size()), &count, found.data()),
          "choose an algorithm for " + described(choice_));
    by_weights_ = take(best(found.data(), count, choice_));
  }

  cudnnHandle_t handle_;
  ConvolutionChoice choice_;
  Images x_, y_, bias_;
  Filter weights_;
  Geometry geometry_;
  Activation relu_;
  std::size_t workspace_ = 0;
  cudnnConvolutionFwdAlgo_t forward_{};
  cudnnConvolutionBwdDataAlgo_t data_{};
  cudnnConvolutionBwdFilterAlgo_t by_weights_{};
};

}  // namespace

std::unique_ptr<LibraryCall> convolution_call(cudnnHandle_t handle, const Program& program, const LibraryStep& step) {
  return std::make_unique<Convolution>(handle, convolution_choice(program, step));
}

}  // namespace generalizer::cuda
