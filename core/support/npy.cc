#include "generalizer/npy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "generalizer/shape.h"
#include "support/npy_header.h"

namespace generalizer {
namespace {

static_assert(std::endian::native == std::endian::little,
              "numbers are swapped where the file has them big-endian");

constexpr std::size_t piece = std::size_t{1} << 24;

/// Bytes of one number: "<f4" has 4. 0 for a type that is not read.
std::size_t size_of_type(const std::string& type) {
  static constexpr std::array<const char*, 12> read = {"b1", "i1", "u1", "i2", "u2", "i4",
                                                       "u4", "i8", "u8", "f2", "f4", "f8"};
  if (type.size() != 3 || std::string("<>|=").find(type[0]) == std::string::npos) return 0;
  const bool known = std::find(read.begin(), read.end(), type.substr(1)) != read.end();
  return known ? static_cast<std::size_t>(type[2] - '0') : 0;
}

std::string advice_for(const std::string& type) {
  if (type.find('O') != std::string::npos)
    return " It holds Python objects, which only Python can read; save it as numbers, with "
           ".astype(\"float32\").";
  if (type.find('U') != std::string::npos || type.find('S') != std::string::npos)
    return " It holds text; number it, with numpy.unique(array, return_inverse=True).";
  return " Save it as one of these, with .astype.";
}

void read_exactly(const ByteSource& source, std::span<std::uint8_t> bytes, const std::string& what) {
  if (source(bytes) < bytes.size()) throw DataError(what + " ends within its header.");
}

std::string read_header_text(const ByteSource& source, const std::string& what) {
  std::array<std::uint8_t, 8> magic{};
  const std::size_t got = source(magic);
  if (got < magic.size() || std::memcmp(magic.data(), "\x93NUMPY", 6) != 0)
    throw DataError(what + (got == 0 ? " is empty" : " does not begin like an .npy file") +
                    "; expected the bytes 93 4e 55 4d 50 59.");
  const int version = magic[6];
  if (version < 1 || version > 3) {
    throw DataError(what + " is of version " + std::to_string(version) +
                    " of the .npy format; versions 1 to 3 are read.");
  }
  std::array<std::uint8_t, 4> length{};
  read_exactly(source, std::span(length).first(version == 1 ? 2 : 4), what);
  const std::size_t bytes = length[0] + std::size_t{length[1]} * 256 + std::size_t{length[2]} * 65536 +
                            std::size_t{length[3]} * 16777216;
  if (bytes > (std::size_t{1} << 20))
    throw DataError(what + " is damaged: its header declares " + std::to_string(bytes) + " bytes of text.");
  std::vector<std::uint8_t> text(bytes);
  read_exactly(source, text, what);
  return {text.begin(), text.end()};
}

/// Bytes that the header declares. Throws where that is more than can be counted.
std::size_t declared_bytes(const NpyHeader& header, std::size_t number, const std::string& what) {
  std::size_t bytes = number;
  for (const std::int64_t extent : header.extents) {
    if (extent != 0 && bytes > (std::size_t{1} << 48) / static_cast<std::size_t>(extent))
      throw DataError(what + " declares " + Shape(header.extents).to_string() +
                      " numbers, which no file holds. It is damaged.");
    bytes *= static_cast<std::size_t>(extent);
  }
  return bytes;
}

/// Doubling: what is allocated is never more than twice what was found.
std::vector<std::uint8_t> read_content(const ByteSource& source, std::size_t wanted,
                                       const std::string& what) {
  std::vector<std::uint8_t> bytes;
  std::size_t found = 0;
  while (found < wanted) {
    bytes.resize(std::min(wanted, std::max(piece, 2 * found)));
    const std::size_t got = source(std::span(bytes).subspan(found));
    found += got;
    if (found < bytes.size()) {
      throw DataError(what + " is cut short: it holds " + std::to_string(found) +
                      " bytes of numbers; expected " + std::to_string(wanted) + ".");
    }
  }
  std::array<std::uint8_t, 1> more{};
  if (source(more) != 0)
    throw DataError(what + " goes on after its last number: expected " + std::to_string(wanted) +
                    " bytes of numbers, and more were found.");
  return bytes;
}

/// IEEE 754's binary16.
double from_half(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const int fraction = bits & 1023;
  const double magnitude = exponent == 31  ? (fraction == 0 ? std::numeric_limits<double>::infinity()
                                                            : std::numeric_limits<double>::quiet_NaN())
                           : exponent == 0 ? std::ldexp(fraction, -24)
                                           : std::ldexp(1024 + fraction, exponent - 25);
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

template <class From>
double read_number(const std::uint8_t* bytes, bool swapped) {
  std::array<std::uint8_t, sizeof(From)> own;
  std::copy_n(bytes, sizeof(From), own.begin());
  if (swapped) std::reverse(own.begin(), own.end());
  return static_cast<double>(std::bit_cast<From>(own));
}
double read_half(const std::uint8_t* bytes, bool swapped) {
  return from_half(static_cast<std::uint16_t>(bytes[swapped ? 1 : 0] | bytes[swapped ? 0 : 1] << 8));
}

double read_truth(const std::uint8_t* bytes, bool) { return bytes[0] != 0 ? 1.0 : 0.0; }

/// How a number of the type is read. Integers of 64 bits go through a double, too: none that an image or a label has is beyond 2⁵³.
double (*reader_of(const std::string& type))(const std::uint8_t*, bool) {
  const std::string kind = type.substr(1);
  if (kind == "f4") return read_number<float>;
  if (kind == "f8") return read_number<double>;
  if (kind == "f2") return read_half;
  if (kind == "b1") return read_truth;
  if (kind == "i1") return read_number<std::int8_t>;
  if (kind == "i2") return read_number<std::int16_t>;
  if (kind == "u2") return read_number<std::uint16_t>;
  if (kind == "i4") return read_number<std::int32_t>;
  if (kind == "u4") return read_number<std::uint32_t>;
  if (kind == "i8") return read_number<std::int64_t>;
  if (kind == "u8") return read_number<std::uint64_t>;
  return read_number<std::uint8_t>;
}

/// Calls `each(number)` with the place of every number in the file, in the order in which the last extent runs fastest.
template <class Each>
void in_row_major_order(const NpyArray& array, Each each) {
  const std::int64_t size = array.size();
  if (!array.fortran_order || array.extents.size() < 2) {
    for (std::int64_t i = 0; i < size; ++i) each(i);
    return;
  }
  std::vector<std::int64_t> index(array.extents.size(), 0);
  std::vector<std::int64_t> strides(array.extents.size(), 1);
  for (std::size_t axis = 1; axis < strides.size(); ++axis)
    strides[axis] = strides[axis - 1] * array.extents[axis - 1];
  std::int64_t place = 0;
  for (std::int64_t i = 0; i < size; ++i) {
    each(place);
    for (std::size_t axis = index.size(); axis-- > 0;) {
      place += strides[axis];
      if (++index[axis] < array.extents[axis]) break;
      place -= strides[axis] * array.extents[axis];
      index[axis] = 0;
    }
  }
}

template <class To>
std::vector<To> converted(const NpyArray& array) {
  const std::size_t width = size_of_type(array.type);
  const auto read = reader_of(array.type);
  const bool swapped = array.type[0] == '>';
  std::vector<To> numbers;
  numbers.reserve(static_cast<std::size_t>(array.size()));
  in_row_major_order(array, [&](std::int64_t place) {
    numbers.push_back(
        static_cast<To>(read(array.bytes.data() + static_cast<std::size_t>(place) * width, swapped)));
  });
  return numbers;
}

}  // namespace

std::int64_t NpyArray::size() const {
  std::int64_t size = 1;
  for (const std::int64_t extent : extents) size *= extent;
  return size;
}

NpyArray read_npy(const ByteSource& source, const std::string& what) {
  NpyHeader header = parse_npy_header(read_header_text(source, what), what);
  const std::size_t width = size_of_type(header.type);
  if (width == 0) {
    throw DataError(what + " is of type '" + header.type +
                    "'; expected integers or floating point numbers (i1 to i8, u1 to u8, f2, f4, f8) or "
                    "truth values (b1)." +
                    advice_for(header.type));
  }
  NpyArray array{std::move(header.type), std::move(header.extents), header.fortran_order, {}};
  array.bytes = read_content(source, declared_bytes({array.type, array.extents, false}, width, what), what);
  return array;
}

std::vector<float> npy_floats(const NpyArray& array) { return converted<float>(array); }
std::vector<double> npy_doubles(const NpyArray& array) { return converted<double>(array); }

std::vector<std::uint8_t> npy_bytes(NpyArray array) {
  const std::string kind = array.type.substr(1);
  if (kind != "u1" && kind != "b1")
    throw Error("An array of type " + array.type + " was asked for as bytes. Ask for its numbers.");
  if (kind == "u1" && (!array.fortran_order || array.extents.size() < 2)) return std::move(array.bytes);
  return converted<std::uint8_t>(array);
}

}  // namespace generalizer
