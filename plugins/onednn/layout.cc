#include "layout.h"

namespace generalizer::onednn {

namespace {

std::int64_t product(const Dims& dims) {
  std::int64_t result = 1;
  for (const auto extent : dims) result *= extent;
  return result;
}

void append(Factors& factors, Factor factor) {
  if (factor.extent == 1) return;
  if (!factors.empty() && factors.back().stride == factor.extent * factor.stride) {
    factors.back() = {factors.back().extent * factor.extent, factor.stride};
  } else {
    factors.push_back(factor);
  }
}

/// The one factor of a list, (1, stride) for an empty one; nothing for more.
std::optional<Factor> single(const Factors& factors, std::int64_t stride_of_one) {
  if (factors.empty()) return Factor{1, stride_of_one};
  if (factors.size() > 1) return std::nullopt;
  return factors.front();
}

/// oneDNN's [N × C × …] with channels in blocks that the last one does not fill.
std::optional<ChannelView> padded_view(const Descriptor& descriptor, const Shape& shape) {
  if (descriptor.get_dims() != dims_of(shape) || descriptor.get_inner_nblks() != 1 || shape.rank() < 3)
    return std::nullopt;
  if (descriptor.get_inner_idxs()[0] != 1) return std::nullopt;
  ChannelView view;
  view.block = descriptor.get_inner_blks()[0];
  view.channels = shape[1];
  view.outer = shape[0];
  view.blocks = descriptor.get_padded_dims()[1] / view.block;
  const Dims strides = descriptor.get_strides();
  std::int64_t stride = view.block;
  for (std::size_t axis = shape.rank(); axis-- > 2;) {
    if (shape[axis] != 1 && strides[axis] != stride) return std::nullopt;
    stride *= shape[axis];
    view.spatial *= shape[axis];
  }
  if (view.blocks != 1 && strides[1] != stride) return std::nullopt;
  if (view.outer != 1 && strides[0] != stride * view.blocks) return std::nullopt;
  return view;
}

}  // namespace

Dims dims_of(const Shape& shape) {
  if (shape.rank() == 0) return {1};
  return {shape.begin(), shape.end()};
}

Descriptor strided(const Dims& dims, const Dims& strides, DataType type) { return {dims, type, strides}; }

Descriptor plain(const Dims& dims, DataType type) {
  Dims strides(dims.size());
  std::int64_t stride = 1;
  for (std::size_t axis = dims.size(); axis-- > 0; stride *= dims[axis]) strides[axis] = stride;
  return strided(dims, strides, type);
}

Descriptor plain(const TensorType& type) {
  if (type.dtype == DType::f32) return plain(dims_of(type.shape));
  return {Dims{type.bytes()}, DataType::u8, Dims{1}};
}

Descriptor any_layout(const Dims& dims, DataType type) { return {dims, type, dnnl::memory::format_tag::any}; }

std::optional<Descriptor> in_type(const Descriptor& descriptor, DataType type) {
  if (descriptor.get_data_type() == type) return descriptor;
  const Dims dims = descriptor.get_dims();
  if (descriptor.get_format_kind() == dnnl::memory::format_kind::any) return any_layout(dims, type);
  if (descriptor.get_inner_nblks() == 0) return strided(dims, descriptor.get_strides(), type);
  using Tag = dnnl::memory::format_tag;
  for (const Tag tag : {Tag::nChw16c, Tag::nChw8c, Tag::nChw4c}) {
    if (dims.size() == 4 && descriptor == Descriptor(dims, descriptor.get_data_type(), tag)) return Descriptor(dims, type, tag);
  }
  return std::nullopt;
}

bool is_padded(const Descriptor& descriptor) { return descriptor.get_padded_dims() != descriptor.get_dims(); }

Factors factors_of(const Descriptor& descriptor) {
  const Dims dims = descriptor.get_dims();
  const Dims strides = descriptor.get_strides();
  const Dims blocks = descriptor.get_inner_blks();
  const Dims axes = descriptor.get_inner_idxs();
  Factors factors;
  for (std::size_t axis = 0; axis < dims.size(); ++axis) {
    std::int64_t inner = 1;  // elements of this axis inside the blocks
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (axes[i] == static_cast<std::int64_t>(axis)) inner *= blocks[i];
    }
    append(factors, {dims[axis] / inner, strides[axis]});
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (axes[i] != static_cast<std::int64_t>(axis)) continue;
      std::int64_t stride = 1;
      for (std::size_t later = i + 1; later < blocks.size(); ++later) stride *= blocks[later];
      append(factors, {blocks[i], stride});
    }
  }
  return factors;
}

bool is_plain(const Descriptor& descriptor) {
  if (is_padded(descriptor)) return false;
  const Factors factors = factors_of(descriptor);
  return factors.empty() || (factors.size() == 1 && factors.front().stride == 1);
}

bool same_bytes(const Descriptor& a, const Descriptor& b) {
  if (a == b) return true;
  if (a.get_data_type() != b.get_data_type() || is_padded(a) || is_padded(b)) return false;
  return product(a.get_dims()) == product(b.get_dims()) && factors_of(a) == factors_of(b);
}

std::optional<std::pair<Factors, Factors>> split(const Factors& factors, std::int64_t inner) {
  Factors outer_part = factors;
  Factors inner_part;
  std::int64_t wanted = inner;
  while (wanted > 1) {
    if (outer_part.empty()) return std::nullopt;
    Factor& last = outer_part.back();
    if (wanted % last.extent == 0) {
      inner_part.insert(inner_part.begin(), last);
      wanted /= last.extent;
      outer_part.pop_back();
    } else if (last.extent % wanted == 0) {
      inner_part.insert(inner_part.begin(), {wanted, last.stride});
      last = {last.extent / wanted, last.stride * wanted};
      wanted = 1;
    } else {
      return std::nullopt;
    }
  }
  return std::pair{outer_part, inner_part};
}

std::optional<ChannelView> channel_view(const Descriptor& descriptor, const Shape& shape) {
  if (shape.rank() < 2) return std::nullopt;
  if (is_padded(descriptor)) return padded_view(descriptor, shape);
  const std::int64_t channels = shape[1];
  const std::int64_t spatial = shape.elements() / (shape[0] * channels);
  const auto spatial_split = split(factors_of(descriptor), spatial);
  if (!spatial_split) return std::nullopt;
  const auto channel_split = split(spatial_split->first, channels);
  if (!channel_split) return std::nullopt;
  const auto outer = single(channel_split->first, channels * spatial);
  const auto pixel = single(spatial_split->second, 1);
  if (!outer || !pixel || outer->stride != channels * spatial) return std::nullopt;

  const Factors& channel = channel_split->second;
  if (channel.empty()) {
    if (pixel->stride != 1) return std::nullopt;
    return ChannelView{shape[0], 1, spatial, 1, 1};
  }
  if (channel.size() == 1) {
    if (spatial == 1 && channel[0].stride == 1) return ChannelView{shape[0], 1, 1, channels, channels};
    if (pixel->stride == 1 && channel[0].stride == spatial)
      return ChannelView{shape[0], channels, spatial, 1, channels};
    if (pixel->stride == channels && channel[0].stride == 1)
      return ChannelView{shape[0], 1, spatial, channels, channels};
    return std::nullopt;
  }
  const std::int64_t block = channel[1].extent;
  if (channel.size() != 2 || channel[1].stride != 1 || channel[0].stride != block * spatial)
    return std::nullopt;
  if (spatial != 1 && pixel->stride != block) return std::nullopt;
  return ChannelView{shape[0], channels / block, spatial, block, channels};
}

}  // namespace generalizer::onednn
