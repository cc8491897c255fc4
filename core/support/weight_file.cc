#include "support/weight_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "support/safetensors.h"

namespace generalizer {
namespace {

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
  throw DataError("The weights in " + file + " can't be used: " + what);
}

void require_shape(const std::string& file, const std::string& what, const Shape& found, const Shape& wanted,
                   const std::string& name) {
  if (found == wanted) return;
  refuse(file, what + " is " + found.to_string() + ", and the weight " + name + " is " + wanted.to_string() +
                   ". Name a file whose tensor has the weight's shape.");
}

template <class T>
std::vector<double> widened(const std::byte* bytes, std::size_t count) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, bytes + i * sizeof(T), sizeof(T));
    values[i] = static_cast<double>(value);
  }
  return values;
}

/// The tensor that is asked for; without a name the one called like the weight, whole or less its player.
const NamedTensor& choose(const TensorFile& tensors, const std::string& file, const std::string& name,
                          const std::string& asked) {
  std::vector<std::string> tries{asked};
  if (asked.empty()) tries = {name, name.substr(name.find('/') + 1)};
  for (const std::string& candidate : tries) {
    if (const NamedTensor* tensor = tensors.find(candidate)) return *tensor;
  }
  std::vector<std::string> names;
  std::string known;
  for (const NamedTensor& tensor : tensors.tensors) {
    names.push_back(tensor.name);
    known += (known.empty() ? "" : ", ") + tensor.name;
  }
  const std::string near = nearest_name(tries.front(), names);
  refuse(file, "it holds no tensor \"" + tries.front() + "\"" +
                   (near.empty() ? "" : "; did you mean \"" + near + "\"?") + ". It holds " +
                   (known.empty() ? "none" : known) + ".");
}

std::vector<double> from_safetensors(const std::string& name, const Shape& shape, const Initializer& initializer) {
  const TensorFile tensors = read_safetensors(initializer.file);
  const NamedTensor& tensor = choose(tensors, initializer.file, name, initializer.tensor);
  require_shape(initializer.file, "the tensor \"" + tensor.name + "\"", tensor.type.shape, shape, name);
  const auto count = static_cast<std::size_t>(shape.elements());
  if (tensor.type.dtype == DType::f32) return widened<float>(tensor.bytes.data(), count);
  if (tensor.type.dtype == DType::f64) return widened<double>(tensor.bytes.data(), count);
  refuse(initializer.file, "the tensor \"" + tensor.name + "\" is of type " + name_of(tensor.type.dtype) +
                               "; expected f32 or f64.");
}

/// The value of a key in the header of an .npy file, a Python dictionary: what stands between `'key':` and the next comma outside parentheses.
std::string header_value(const std::string& header, const std::string& key) {
  const std::size_t at = header.find("'" + key + "':");
  if (at == std::string::npos) return {};
  std::string value;
  int depth = 0;
  for (std::size_t i = at + key.size() + 3; i < header.size(); ++i) {
    const char c = header[i];
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (depth == 0 && (c == ',' || c == '}')) break;
    if (c != ' ') value += c;
  }
  return value;
}

Shape shape_of(const std::string& file, const std::string& tuple) {
  std::vector<std::int64_t> extents;
  std::string number;
  for (const char c : tuple) {
    if (c >= '0' && c <= '9') {
      number += c;
      if (number.size() > 12) refuse(file, "its header declares an extent of " + number + " and more.");
    } else if (!number.empty()) {
      extents.push_back(std::stoll(number));
      number.clear();
    }
  }
  return Shape(std::move(extents));
}

/// Element i of a row-major array, from one in column-major order.
std::vector<double> row_major(const std::vector<double>& values, const Shape& shape) {
  std::vector<double> result(values.size());
  const std::vector<std::int64_t> strides = shape.strides();
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::int64_t rest = static_cast<std::int64_t>(i);
    std::int64_t to = 0;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
      to += rest % shape[axis] * strides[axis];
      rest /= shape[axis];
    }
    result[static_cast<std::size_t>(to)] = values[i];
  }
  return result;
}

/// NumPy's format, versions 1 to 3 (NumPy enhancement proposal 1).
std::vector<double> from_npy(const std::string& name, const Shape& shape, const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  const int reason = errno;
  const bool opened = stream.is_open();
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (text.empty()) refuse(file, opened ? "the file is empty." : std::string("it can't be opened: ") + std::strerror(reason) + ".");
  if (text.size() < 12 || text.compare(0, 6, "\x93NUMPY") != 0) refuse(file, "it does not begin like an .npy file.");
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(text[i])); };
  const bool small = byte(6) == 1;
  const std::size_t begin = small ? 10 : 12;
  const std::size_t length = small ? byte(8) + 256 * byte(9)
                                   : byte(8) + 256 * byte(9) + 65536 * byte(10) + 16777216 * byte(11);
  if (length > text.size() - begin) refuse(file, "it ends within its header.");
  const std::string header = text.substr(begin, length);
  const std::string type = header_value(header, "descr");
  const std::size_t size = type == "'<f4'" ? 4 : type == "'<f8'" ? 8 : 0;
  if (size == 0) refuse(file, "its numbers are of type " + type + "; expected '<f4' or '<f8'.");
  require_shape(file, "its array", shape_of(file, header_value(header, "shape")), shape, name);
  const auto count = static_cast<std::size_t>(shape.elements());
  if (text.size() - begin - length != count * size) {
    refuse(file, "it holds " + std::to_string(text.size() - begin - length) + " bytes of numbers; expected " +
                     std::to_string(count * size) + ".");
  }
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data()) + begin + length;
  const std::vector<double> values = size == 4 ? widened<float>(bytes, count) : widened<double>(bytes, count);
  return header_value(header, "fortran_order") == "True" ? row_major(values, shape) : values;
}

}  // namespace

std::vector<double> read_weight(const std::string& name, const Shape& shape, const Initializer& initializer) {
  return initializer.file.ends_with(".npy") ? from_npy(name, shape, initializer.file)
                                            : from_safetensors(name, shape, initializer);
}

}  // namespace generalizer
