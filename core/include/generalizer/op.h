#pragma once

#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "generalizer/program.h"

namespace generalizer {

/// What a shape rule sees.
struct OpSignature {
  std::span<const TensorType> inputs;
  const Attributes& attributes;
};

/// What a gradient rule sees. Rules are written as ops: they append to the node's program.
struct GradientContext {
  Program& program;
  const Node& node;
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
  /// d loss / d output, one an output; undefined where nothing depends on that output.
  std::vector<Tensor> output_gradients;
  /// Whether the gradient of an input is wanted at all: don't build what isn't.
  std::vector<bool> wanted;
};

/// One gradient an input, undefined where there is none (labels, masks) or where none was wanted.
using GradientRule = std::function<std::vector<Tensor>(const GradientContext&)>;

/// A plain, row-major piece of host memory.
struct HostTensor {
  void* data = nullptr;
  TensorType type;

  template <class T>
  T* as() const {
    return static_cast<T*>(data);
  }
};

/// What a reference kernel gets: inputs and outputs row-major, outputs not yet written, never overlapping.
struct KernelContext {
  std::span<const HostTensor> inputs;
  std::span<const HostTensor> outputs;
  const Attributes& attributes;
};

using ReferenceKernel = std::function<void(const KernelContext&)>;

/// What a CUDA kernel of a custom op gets: device memory, row-major, and the stream to launch on. It launches and returns; it neither waits nor
/// allocates, as it may run inside the capture of a CUDA graph.
struct DeviceKernelContext {
  std::span<const HostTensor> inputs;   ///< `data` is a device pointer
  std::span<const HostTensor> outputs;  ///< not yet written, never overlapping
  const Attributes& attributes;
  void* stream = nullptr;  ///< a cudaStream_t
};

using DeviceKernel = std::function<void(const DeviceKernelContext&)>;

/// Everything that is known of one op, side by side. Definitions are immutable and outlive every program.
struct OpDefinition {
  std::string name;                      ///< "conv2d_backward_weights"
  std::string summary;                   ///< one sentence with the formula
  std::vector<std::string> input_names;  ///< a last name ending in "..." takes any number
  std::vector<std::string> output_names;

  /// Output types from input types. Throws `Error` whose message says what was found and expected (without op name or scope: the caller adds them).
  std::function<std::vector<TensorType>(const OpSignature&)> infer;

  /// Empty: the op has no derivative, and asking for one is an error that names the op.
  GradientRule gradient;

  /// The slow, plain truth, for f32 and f64.
  ReferenceKernel reference;

  /// Floating point operations of one run (a multiply-add is two); empty: one per output element.
  std::function<double(const OpSignature&)> flops;

  /// Pairs (output, input): the output may take over the input's memory when nobody reads the input later. Elementwise ops say {{0, 0}};
  /// adam_update says {{0, 0}, {1, 2}, {2, 3}}: w' in w, m' in m, v' in v.
  std::vector<std::pair<std::size_t, std::size_t>> in_place;
  /// The first output is the first input under another shape or name: no work on plain memory.
  bool view = false;
  /// Outputs that only the same backend's gradient of this op reads; their content is that backend's own.
  std::vector<std::size_t> workspaces;

  // Of a custom op, how it runs fast. The built-in ops leave these empty: every backend has kernels of its own for them.
  /// On host memory, for f32 and f64: what CPU backends run. Called from one thread at a time a program, may use several. Empty: the reference kernel.
  ReferenceKernel cpu = {};
  /// On a CUDA device. Empty: the op is not to be had there, and a graph that uses it is refused by that backend with a message that says so.
  DeviceKernel cuda = {};
};

/// Calls `f` with a value-initialised float or double, by the floating type of a kernel's tensor.
template <class F>
void dispatch_floating(DType dtype, F&& f) {
  if (dtype == DType::f64) {
    f(double{});
  } else {
    f(float{});
  }
}

/// Floating point operations of one run of a node: the op's own rule, or one per output element without one; none for a view.
GENERALIZER_EXPORT double flops_of(const Program& program, const Node& node);

/// Calls `f` with a value-initialised element of any type.
template <class F>
void dispatch_element(DType dtype, F&& f) {
  switch (dtype) {
    case DType::f32:
      return f(float{});
    case DType::f64:
      return f(double{});
    case DType::i32:
      return f(std::int32_t{});
    case DType::i64:
      return f(std::int64_t{});
    case DType::u8:
      return f(std::uint8_t{});
  }
}

/// Conversion of one element, as `cast` has it: a floating number becomes the integer nearest towards zero; one outside the type its nearest end, and NaN
/// 0, as conversions on GPUs have it (in C++ those are undefined). Between integers the low bits stay.
template <class To, class From>
To converted(From x) {
  if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    if (std::isnan(x)) return To{0};
    // 2^digits is the first number above the type, and exact where its largest is not.
    if (x >= std::ldexp(From{1}, std::numeric_limits<To>::digits)) return std::numeric_limits<To>::max();
    if (x < static_cast<From>(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
  }
  return static_cast<To>(x);
}

/// Appends a node with one output and returns it.
GENERALIZER_EXPORT Tensor apply(const OpDefinition& op, std::span<const Tensor> inputs,
                                Attributes attributes = {});
/// Appends a node and returns all its outputs.
GENERALIZER_EXPORT std::vector<Tensor> apply_all(const OpDefinition& op, std::span<const Tensor> inputs,
                                                 Attributes attributes = {});

}  // namespace generalizer
