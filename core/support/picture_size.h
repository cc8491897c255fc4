#pragma once

#include <cstdint>
#include <string>

namespace generalizer {

/// A picture that declares more pixels is not decoded: a small file can declare a size that fills the memory, and no network here takes one.
constexpr std::int64_t most_pixels = std::int64_t{1} << 28;

/// The reason for it.
inline std::string too_large(std::int64_t width, std::int64_t height) {
  return "it declares " + std::to_string(width) + "×" + std::to_string(height) +
         " pixels (width × height), and at most " + std::to_string(most_pixels) + " are read";
}

}  // namespace generalizer
