#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "generalizer/picture.h"

namespace generalizer {

/// Decodes a JPEG file's bytes to grey or RGB. Throws `DataError` with libjpeg's words, and for a print's four colours.
Picture decode_jpeg(std::span<const std::uint8_t> bytes, const std::string& path);

}  // namespace generalizer
