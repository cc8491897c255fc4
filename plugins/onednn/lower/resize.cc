#include "kernels/resample.h"
#include "lower/lower.h"

namespace generalizer::onednn {

namespace {

/// How images lie: each plane of pixels in one piece, a pixel being `block` channels.
struct ImageLayout {
  std::int64_t planes = 1;
  std::int64_t block = 1;
  Descriptor from;
  Descriptor to;
};

/// In blocks of channels or with the channels last, if the images come so, else row-major. Padding comes out zero as it went in.
ImageLayout image_layout(const Descriptor& preferred, const Shape& from, const Shape& to) {
  using Tag = dnnl::memory::format_tag;
  const auto tagged = [&](Tag tag) { return Descriptor(dims_of(to), dnnl::memory::data_type::f32, tag); };
  if (!is_plain(preferred)) {
    const auto view = channel_view(preferred, from);
    if (view && view->block == 8) return {view->outer * view->blocks, 8, preferred, tagged(Tag::nChw8c)};
    if (view && view->block == 16) return {view->outer * view->blocks, 16, preferred, tagged(Tag::nChw16c)};
    if (view && view->block == from[1]) return {view->outer, view->block, preferred, tagged(Tag::nhwc)};
  }
  return {from[0] * from[1], 1, plain(dims_of(from)), plain(dims_of(to))};
}

}  // namespace

void lower_resize2d(Lowering& lowering, const Node& node, NodeId) {
  const Shape& from = lowering.shape(node.inputs[0]);
  const Shape& to = lowering.shape(node.outputs[0]);
  const bool backward = node.op->name == "resize2d_backward";
  const std::string& mode = node.attributes.string("mode");
  const auto taps = [&](std::size_t axis) {
    return backward ? resize_taps(to[axis], from[axis], mode).transposed()
                    : resize_taps(from[axis], to[axis], mode);
  };
  const ImageLayout images = image_layout(lowering.layout(node.inputs[0]), from, to);
  const Resampler resampler(taps(2), taps(3), images.planes, images.block);
  const Located x = lowering.read(node.inputs[0], images.from);
  const Located y = lowering.write(node.outputs[0], images.to);
  const BufferId work = lowering.scratch(resampler.work_floats() * 4);
  lowering.emit({x.buffer, y.buffer, work}, [=, x = x.buffer, y = y.buffer](const Pointers& at) {
    resampler.run(at.at(x), at.at(y), at.at(work));
  });
}

}  // namespace generalizer::onednn
