#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace generalizer {

/// What the header of an .npy file says.
struct NpyHeader {
  std::string type;  ///< a simple type without its quotes; of a structured one the whole text
  std::vector<std::int64_t> extents;
  bool fortran_order = false;
};

/// Reads the header's Python dictionary: {'descr': '<f4', 'fortran_order': False, 'shape': (60000, 28, 28), }. Throws `DataError` that begins with `what`.
NpyHeader parse_npy_header(const std::string& text, const std::string& what);

}  // namespace generalizer
