#include "kernels/movement.h"

#include <cstring>

#include "generalizer/op.h"
#include "kernels/parallel.h"

namespace generalizer::onednn {

namespace {

template <class T>
void copy_line(const std::byte* from, std::int64_t from_stride, std::byte* to, std::int64_t to_stride,
               std::int64_t count) {
  const T* source = reinterpret_cast<const T*>(from);
  T* target = reinterpret_cast<T*>(to);
  for (std::int64_t i = 0; i < count; ++i) target[i * to_stride] = source[i * from_stride];
}

template <class From, class To>
void cast_range(const void* from, void* to, std::int64_t count) {
  const From* source = static_cast<const From*>(from);
  To* target = static_cast<To*>(to);
  parallel_range(count, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) target[i] = converted<To>(source[i]);
  });
}

}  // namespace

void BoxCopy::simplify() {
  for (std::size_t axis = extents.size(); axis-- > 0;) {
    const bool is_last = axis + 1 == extents.size();
    const bool continues = !is_last && from_strides[axis] == extents[axis + 1] * from_strides[axis + 1] &&
                           to_strides[axis] == extents[axis + 1] * to_strides[axis + 1];
    if (extents[axis] != 1 && !continues) continue;
    if (continues) {
      from_strides[axis] = from_strides[axis + 1];
      to_strides[axis] = to_strides[axis + 1];
      extents[axis] *= extents[axis + 1];
    }
    const std::size_t gone = continues ? axis + 1 : axis;
    const auto at = static_cast<std::ptrdiff_t>(gone);
    extents.erase(extents.begin() + at);
    from_strides.erase(from_strides.begin() + at);
    to_strides.erase(to_strides.begin() + at);
  }
  if (extents.empty()) {
    extents = {1};
    from_strides = {1};
    to_strides = {1};
  }
}

void BoxCopy::run(const std::byte* from, std::byte* to) const {
  const auto bytes = static_cast<std::int64_t>(element_bytes);
  const std::size_t last = extents.size() - 1;
  const std::int64_t run = extents[last];
  std::int64_t lines = 1;
  for (std::size_t axis = 0; axis < last; ++axis) lines *= extents[axis];
  const bool contiguous = from_strides[last] == 1 && to_strides[last] == 1;
  parallel_items(lines, run, [&](std::int64_t line) {
    std::int64_t source = from_offset;
    std::int64_t target = to_offset;
    for (std::size_t axis = last; axis-- > 0; line /= extents[axis]) {
      source += line % extents[axis] * from_strides[axis];
      target += line % extents[axis] * to_strides[axis];
    }
    const std::byte* begin = from + source * bytes;
    std::byte* into = to + target * bytes;
    if (contiguous) {
      std::memcpy(into, begin, static_cast<std::size_t>(run * bytes));
    } else if (bytes == 4) {
      copy_line<std::uint32_t>(begin, from_strides[last], into, to_strides[last], run);
    } else if (bytes == 8) {
      copy_line<std::uint64_t>(begin, from_strides[last], into, to_strides[last], run);
    } else {
      copy_line<std::uint8_t>(begin, from_strides[last], into, to_strides[last], run);
    }
  });
}

void cast(DType from_type, const void* from, DType to_type, void* to, std::int64_t count) {
  dispatch_element(from_type, [&](auto source) {
    dispatch_element(to_type,
                     [&](auto target) { cast_range<decltype(source), decltype(target)>(from, to, count); });
  });
}

}  // namespace generalizer::onednn
