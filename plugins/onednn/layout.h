#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <dnnl.hpp>

#include "generalizer/shape.h"

/// Where the bytes of a value lie. oneDNN describes a layout by the logical dimensions it has there; a reshape changes the dimensions and
/// not the bytes. So two descriptors are compared by what they say of the row-major order that all reshapes of a value share.
namespace generalizer::onednn {

using Descriptor = dnnl::memory::desc;
using Dims = dnnl::memory::dims;
using DataType = dnnl::memory::data_type;  ///< f32, or bf16: copies of values for products

/// A run of consecutive positions in row-major order: `extent` of them, `stride` elements apart.
struct Factor {
  std::int64_t extent = 1;
  std::int64_t stride = 1;
  bool operator==(const Factor&) const = default;
};
/// A layout as nested runs, outermost first, in normal form: none of extent 1, neighbours that continue each other merged.
/// f32[4×32×26×26] in blocks of 16 channels: (4·2, 16·676), (16, 1), (676, 16).
using Factors = std::vector<Factor>;

/// Row-major. A type that oneDNN has no name for is described by its bytes.
Descriptor plain(const TensorType& type);
Descriptor plain(const Dims& dims, DataType type = DataType::f32);
/// With explicit strides, in elements.
Descriptor strided(const Dims& dims, const Dims& strides, DataType type = DataType::f32);
/// In the layout that the library likes best.
Descriptor any_layout(const Dims& dims, DataType type = DataType::f32);
/// The same layout for another type; nothing for blocks that no tag of images names.
std::optional<Descriptor> in_type(const Descriptor& descriptor, DataType type);
Dims dims_of(const Shape& shape);  ///< {1} for a scalar

/// Whether memory has elements that the value has not: channels filled up to whole blocks, which are zero.
bool is_padded(const Descriptor& descriptor);
/// The layout of an unpadded descriptor in normal form.
Factors factors_of(const Descriptor& descriptor);
bool is_plain(const Descriptor& descriptor);
/// Whether the same bytes mean the same row-major sequence of elements under both.
bool same_bytes(const Descriptor& a, const Descriptor& b);

/// Factors of the outer part and of the innermost `inner` elements; nothing where a factor lies across the border.
std::optional<std::pair<Factors, Factors>> split(const Factors& factors, std::int64_t inner);

/// A tensor [N × C × …] in memory as [outer][blocks][spatial][block]: channel = block index · block + place in the block. Plain memory has
/// blocks of 1, channels-last one block of C.
struct ChannelView {
  std::int64_t outer = 1;
  std::int64_t blocks = 1;
  std::int64_t spatial = 1;
  std::int64_t block = 1;
  std::int64_t channels = 1;  ///< without padding
  std::int64_t padded_channels() const { return blocks * block; }
  std::int64_t elements() const { return outer * blocks * spatial * block; }
};
/// Nothing where the layout is of no such form.
std::optional<ChannelView> channel_view(const Descriptor& descriptor, const Shape& shape);

}  // namespace generalizer::onednn
