#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "generalizer/error.h"

namespace generalizer {

/// An array as NumPy's .npy format has it.
struct NpyArray {
  std::string type;                   ///< as NumPy writes it: "<f4", ">i2", "|u1", "|b1"
  std::vector<std::int64_t> extents;  ///< outermost first; none: a single number
  bool fortran_order = false;         ///< the first extent runs fastest
  std::vector<std::uint8_t> bytes;    ///< in the file's order, both of numbers and of bytes

  std::int64_t size() const;  ///< numbers
};

/// Gives the next bytes of a file, fewer than asked for only at its end.
using ByteSource = std::function<std::size_t(std::span<std::uint8_t>)>;

/// Reads an array of numbers or truth values (NumPy enhancement proposal 1, versions 1 to 3): signed and unsigned integers of 8 to 64 bits, floating
/// point numbers of 16 to 64, in either byte order and either order of numbers. Takes memory as content comes, never by what the header says.
/// `what` begins every sentence of the `DataError` that is thrown for anything else: "The array x_train in mnist.npz".
GENERALIZER_EXPORT NpyArray read_npy(const ByteSource& source, const std::string& what);

/// The numbers with the last extent running fastest, each the nearest of its new type; truth values are 0 and 1.
GENERALIZER_EXPORT std::vector<float> npy_floats(const NpyArray& array);
GENERALIZER_EXPORT std::vector<double> npy_doubles(const NpyArray& array);
/// Likewise, of an array of unsigned bytes or truth values; throws `Error` for any other.
GENERALIZER_EXPORT std::vector<std::uint8_t> npy_bytes(NpyArray array);

}  // namespace generalizer
