#include "generalizer/error.h"
#include "lower/lower.h"

namespace generalizer::onednn {

namespace {

struct Window {
  Dims kernel;
  Dims strides;
  Dims before;  ///< padding at top, left
  Dims after;   ///< at bottom, right
};

Window window_of(const Attributes& attributes) {
  const auto& padding = attributes.integers("padding");
  return {attributes.integers("kernel"),
          attributes.integers("strides"),
          {padding[0], padding[2]},
          {padding[1], padding[3]}};
}

dnnl::algorithm algorithm_of(const Node& node) {
  if (node.op->name.rfind("max", 0) == 0) return dnnl::algorithm::pooling_max;
  return node.attributes.integer("count_include_pad") != 0 ? dnnl::algorithm::pooling_avg_include_padding
                                                           : dnnl::algorithm::pooling_avg_exclude_padding;
}

dnnl::pooling_forward::primitive_desc forward_kernel(const Lowering& lowering, const Node& node,
                                                     const Descriptor& source, const Dims& result) {
  const Window window = window_of(node.attributes);
  return {lowering.engine(),
          dnnl::prop_kind::forward_training,
          algorithm_of(node),
          source,
          any_layout(result),
          window.strides,
          window.kernel,
          Dims{0, 0},
          window.before,
          window.after,
          attributes_with_shared_scratchpad()};
}

/// The pooling takes any layout of its four axes, but not one of a reshape's.
Descriptor image_layout(const Lowering& lowering, ValueId value) {
  const Descriptor layout = lowering.layout(value);
  return layout.get_dims() == lowering.dims(value) ? layout : plain(lowering.type(value));
}

}  // namespace

void lower_pool2d(Lowering& lowering, const Node& node, NodeId) {
  const auto kernel =
      forward_kernel(lowering, node, image_layout(lowering, node.inputs[0]), lowering.dims(node.outputs[0]));
  const Located x = lowering.read(node.inputs[0], kernel.src_desc());
  const Located y = lowering.write(node.outputs[0], kernel.dst_desc());
  std::vector<Argument> arguments = {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}};
  if (node.outputs.size() > 1) {
    arguments.push_back({DNNL_ARG_WORKSPACE, lowering.write(node.outputs[1], kernel.workspace_desc())});
    lowering.poolings.emplace(node.outputs[1], kernel);
  }
  lowering.emit(dnnl::pooling_forward(kernel), kernel.scratchpad_desc(), arguments);
}

void lower_pool2d_backward(Lowering& lowering, const Node& node, NodeId) {
  using Kernel = dnnl::pooling_backward;
  const Window window = window_of(node.attributes);
  const bool has_workspace = node.inputs.size() > 1;
  dnnl::pooling_forward::primitive_desc hint;
  if (has_workspace) {
    const auto found = lowering.poolings.find(node.inputs[1]);
    if (found == lowering.poolings.end()) {
      throw BackendError(
          "backend \"onednn\" cannot do " + node.op->name + " at " + node.scope +
          ": its workspace is not made by a max_pool2d of the same program, and what a workspace holds is "
          "known to the kernel that made it alone.");
    }
    hint = found->second;
  } else {
    const Descriptor gradient = image_layout(lowering, node.inputs[0]);
    // The operand is where the gradient is: in the same layout, as far as it has a name.
    const Dims source = lowering.dims(node.outputs[0]);
    const bool blocked = gradient.get_inner_nblks() == 1 && gradient.get_inner_idxs()[0] == 1;
    const auto tag = !blocked                             ? dnnl::memory::format_tag::abcd
                     : gradient.get_inner_blks()[0] == 16 ? dnnl::memory::format_tag::aBcd16b
                                                          : dnnl::memory::format_tag::aBcd8b;
    hint = forward_kernel(lowering, node, {source, dnnl::memory::data_type::f32, tag},
                          lowering.dims(node.inputs[0]));
  }
  const Kernel::primitive_desc kernel(lowering.engine(), algorithm_of(node), hint.src_desc(), hint.dst_desc(),
                                      window.strides, window.kernel, Dims{0, 0}, window.before, window.after,
                                      hint, attributes_with_shared_scratchpad());
  const Located dy = lowering.read(node.inputs[0], kernel.diff_dst_desc());
  const Located dx = lowering.write(node.outputs[0], kernel.diff_src_desc());
  std::vector<Argument> arguments = {{DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_DIFF_SRC, dx}};
  if (has_workspace)
    arguments.push_back({DNNL_ARG_WORKSPACE, lowering.read(node.inputs[1], kernel.workspace_desc())});
  lowering.emit(Kernel(kernel), kernel.scratchpad_desc(), arguments);
}

}  // namespace generalizer::onednn
