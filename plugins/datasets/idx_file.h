#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace generalizer {

/// The content of an IDX file of unsigned bytes.
struct IdxFile {
  std::vector<std::int64_t> extents;  ///< outermost first; each at least 1
  std::vector<std::uint8_t> bytes;    ///< row-major, as many as the product of the extents
};

/// What a file is read as; decides which numbers of dimensions are right.
enum class IdxContent : std::uint8_t {
  images,  ///< N×H×W (grey) or N×C×H×W
  labels,  ///< N
};

/// Reads a file, gzip or not, whatever its name (Yann LeCun, "The MNIST database of handwritten digits": two
/// zero bytes, the type, the number of dimensions, each extent as a big-endian 32-bit integer, then the
/// values). Never allocates more than the file can hold, whatever it declares. Throws `DataError` naming the
/// file, what was expected and what was found.
IdxFile read_idx(const std::string& path, IdxContent content);

}  // namespace generalizer
