#include "lower/lower.h"
#include "lower/product.h"

namespace generalizer::onednn {

namespace {

/// A convolution in oneDNN's terms, with NCHW shapes.
struct Geometry {
  Dims source;
  Dims weights;  ///< O×I×KH×KW, or G×O/G×I/G×KH×KW
  Dims result;
  Dims strides;
  Dims dilations;  ///< 0: dense
  Dims before;     ///< padding at top, left
  Dims after;      ///< at bottom, right
};

/// Layouts of a convolution's three tensors.
struct Formats {
  Descriptor source;
  Descriptor weights;
  Descriptor result;
};

Geometry geometry_of(const Attributes& attributes, const Shape& source, const Shape& weights,
                     const Shape& result) {
  Geometry geometry{
      dims_of(source), dims_of(weights), dims_of(result), attributes.integers("strides"), {}, {}, {}};
  for (const std::int64_t dilation : attributes.integers("dilations"))
    geometry.dilations.push_back(dilation - 1);
  const auto& padding = attributes.integers("padding");
  geometry.before = {padding[0], padding[2]};
  geometry.after = {padding[1], padding[3]};
  const std::int64_t groups = attributes.integer("groups");
  if (groups > 1) geometry.weights = {groups, weights[0] / groups, weights[1], weights[2], weights[3]};
  return geometry;
}

dnnl::convolution_forward::primitive_desc forward_kernel(const dnnl::engine& engine, const Geometry& geometry,
                                                         const Formats& formats, const Descriptor* bias,
                                                         const dnnl::primitive_attr& attributes) {
  const auto kind = dnnl::prop_kind::forward_training;
  const auto algorithm = dnnl::algorithm::convolution_direct;
  const auto& g = geometry;
  if (bias != nullptr) {
    return {engine,         kind,      algorithm,   formats.source, formats.weights, *bias,
            formats.result, g.strides, g.dilations, g.before,       g.after,         attributes};
  }
  return {engine,    kind,        algorithm, formats.source, formats.weights, formats.result,
          g.strides, g.dilations, g.before,  g.after,        attributes};
}

Formats any_formats(const Geometry& geometry, DataType type) {
  return {any_layout(geometry.source, type), any_layout(geometry.weights, type), any_layout(geometry.result, type)};
}

/// What a kernel makes is in f32, in the layout that its operands' kind has where that can be said of f32.
Descriptor result_in(const Descriptor& layout) { return in_type(layout, DataType::f32).value_or(any_layout(layout.get_dims())); }

/// The layouts of the forward kernel first, as the values are in them; where only the reference kernel takes those, row-major, and at last
/// what the library would like. `make(formats)` gives a primitive descriptor.
template <class Make>
auto first_fast_kernel(const dnnl::engine& engine, const Geometry& geometry, DataType type, Make&& make) {
  const auto forward =
      forward_kernel(engine, geometry, any_formats(geometry, type), nullptr, attributes_with_shared_scratchpad());
  const Formats candidates[] = {
      {forward.src_desc(), any_layout(geometry.weights, type), forward.dst_desc()},
      {plain(geometry.source, type), any_layout(geometry.weights, type), plain(geometry.result, type)},
  };
  for (const Formats& formats : candidates) {
    try {
      const auto hint =
          forward_kernel(engine, geometry, formats, nullptr, attributes_with_shared_scratchpad());
      auto kernel = make(formats, hint);
      if (!is_reference(kernel)) return kernel;
    } catch (const dnnl::error& error) {
      if (error.status != dnnl_unimplemented) throw;
    }
  }
  return make(any_formats(geometry, type), forward);
}

}  // namespace

void lower_conv2d(Lowering& lowering, const Node& node, NodeId id) {
  const Program& program = lowering.program();
  const Fused& fused = lowering.fused(id);
  const Geometry geometry = geometry_of(node.attributes, lowering.shape(node.inputs[0]),
                                        lowering.shape(node.inputs[1]), lowering.shape(node.outputs[0]));
  dnnl::primitive_attr attributes = attributes_with_shared_scratchpad();
  add_activation(attributes, program, fused);
  Located bias;
  if (fused.bias != no_node) bias = lowering.read_plain(program.node(fused.bias).inputs[1]);
  const auto [kernel, products] = product_kernel(lowering.products(), [&](DataType type) {
    Formats formats = any_formats(geometry, type);
    formats.result = result_in(formats.result);
    return forward_kernel(lowering.engine(), geometry, formats, fused.bias != no_node ? &bias.layout : nullptr, attributes);
  });
  const Located x = lowering.read_operand(node.inputs[0], kernel.src_desc(), products);
  const Located weights = lowering.read_operand(node.inputs[1], kernel.weights_desc(), products);
  const Located y = lowering.write(result_of(program, node, fused), kernel.dst_desc());
  std::vector<Argument> arguments = {{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_DST, y}};
  if (fused.bias != no_node) arguments.push_back({DNNL_ARG_BIAS, bias});
  lowering.emit(dnnl::convolution_forward(kernel), kernel.scratchpad_desc(), arguments);
}

void lower_conv2d_backward_data(Lowering& lowering, const Node& node, NodeId) {
  using Kernel = dnnl::convolution_backward_data;
  const Geometry geometry = geometry_of(node.attributes, lowering.shape(node.outputs[0]),
                                        lowering.shape(node.inputs[1]), lowering.shape(node.inputs[0]));
  const auto make = [&](const Formats& formats, const dnnl::convolution_forward::primitive_desc& hint) {
    return Kernel::primitive_desc(lowering.engine(), dnnl::algorithm::convolution_direct, result_in(formats.source),
                                  formats.weights, formats.result, geometry.strides, geometry.dilations,
                                  geometry.before, geometry.after, hint, attributes_with_shared_scratchpad());
  };
  const auto [kernel, products] = product_kernel(
      lowering.products(), [&](DataType type) { return first_fast_kernel(lowering.engine(), geometry, type, make); });
  const Located dy = lowering.read_operand(node.inputs[0], kernel.diff_dst_desc(), products);
  const Located weights = lowering.read_operand(node.inputs[1], kernel.weights_desc(), products);
  const Located dx = lowering.write(node.outputs[0], kernel.diff_src_desc());
  lowering.emit(Kernel(kernel), kernel.scratchpad_desc(),
                {{DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_DIFF_SRC, dx}});
}

void lower_conv2d_backward_weights(Lowering& lowering, const Node& node, NodeId id) {
  using Kernel = dnnl::convolution_backward_weights;
  const Program& program = lowering.program();
  const NodeId bias_gradient = lowering.fused(id).bias_gradient;
  const Geometry geometry = geometry_of(node.attributes, lowering.shape(node.inputs[0]),
                                        lowering.shape(node.outputs[0]), lowering.shape(node.inputs[1]));
  const Descriptor bias = plain(Dims{geometry.result[1]});
  const auto make = [&](const Formats& formats, const dnnl::convolution_forward::primitive_desc& hint) {
    const auto& g = geometry;
    const auto algorithm = dnnl::algorithm::convolution_direct;
    const auto attributes = attributes_with_shared_scratchpad();
    if (bias_gradient == no_node) {
      return Kernel::primitive_desc(lowering.engine(), algorithm, formats.source, result_in(formats.weights),
                                    formats.result, g.strides, g.dilations, g.before, g.after, hint,
                                    attributes);
    }
    return Kernel::primitive_desc(lowering.engine(), algorithm, formats.source, result_in(formats.weights), bias,
                                  formats.result, g.strides, g.dilations, g.before, g.after, hint,
                                  attributes);
  };
  const auto [kernel, products] = product_kernel(
      lowering.products(), [&](DataType type) { return first_fast_kernel(lowering.engine(), geometry, type, make); });
  const Located x = lowering.read_operand(node.inputs[0], kernel.src_desc(), products);
  const Located dy = lowering.read_operand(node.inputs[1], kernel.diff_dst_desc(), products);
  const Located dw = lowering.write(node.outputs[0], kernel.diff_weights_desc());
  std::vector<Argument> arguments = {{DNNL_ARG_SRC, x}, {DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_DIFF_WEIGHTS, dw}};
  if (bias_gradient != no_node) {
    arguments.push_back({DNNL_ARG_DIFF_BIAS, lowering.write_plain(program.node(bias_gradient).outputs[0])});
  }
  lowering.emit(Kernel(kernel), kernel.scratchpad_desc(), arguments);
}

}  // namespace generalizer::onednn
