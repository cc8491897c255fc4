#include <algorithm>
#include <array>

#include "program/ops/definitions.h"
#include "program/ops/pooling.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const DType dtype = ops::common_floating_type(signature, {"output gradient"});
  const ops::PoolingSizes s = ops::sizes_of_pool_backward(signature.inputs[0].shape, signature.attributes);
  const TensorType& workspace = signature.inputs[1];
  if (workspace.dtype != DType::i32)
    throw Error("the workspace is " + to_string(workspace) + " and must be of type i32");
  ops::require_shape(workspace.shape, "workspace", s.y_shape(), "the shape of the output gradient");
  return {{dtype, s.x_shape()}};
}

void reference(const KernelContext& context) {
  const HostTensor& dy = context.inputs[0];
  const auto* index = context.inputs[1].as<const std::int32_t>();
  const ops::PoolingSizes s = ops::sizes_of_pool_backward(dy.type.shape, context.attributes);
  dispatch_floating(dy.type.dtype, [&]<class T>(T) {
    const T* from = dy.as<const T>();
    T* dx = context.outputs[0].as<T>();
    std::fill_n(dx, s.planes() * s.input_plane(), T{});
    for (std::int64_t p = 0; p < s.planes(); ++p) {
      for (std::int64_t i = p * s.output_plane(); i < (p + 1) * s.output_plane(); ++i) {
        dx[p * s.input_plane() + index[i]] += from[i];
      }
    }
  });
}

}  // namespace

// Without a derivative: it would have to gather by the workspace, which is each backend's own.
const OpDefinition& ops::max_pool2d_backward() {
  static const OpDefinition definition{
      .name = "max_pool2d_backward",
      .summary = "Gradient of max_pool2d: each window's goes to its largest element.",
      .input_names = {"dy", "workspace"},
      .output_names = {"dx"},
      .infer = infer,
      .gradient = {},
      .reference = reference,
      .flops = {},
      .in_place = {},
      .view = false,
      .workspaces = {}};
  return definition;
}

Tensor max_pool2d_backward(const Tensor& dy, const Tensor& workspace, const PoolingGeometry& geometry,
                           std::vector<std::int64_t> input_size) {
  Attributes attributes = ops::attributes_of(geometry);
  attributes.set("input_size", std::move(input_size));
  return apply(ops::max_pool2d_backward(), std::array{dy, workspace}, std::move(attributes));
}

}  // namespace generalizer
