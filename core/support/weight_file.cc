#include "support/weight_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "generalizer/npy.h"
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

std::vector<double> from_npy(const std::string& name, const Shape& shape, const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream.is_open()) refuse(file, std::string("it can't be opened: ") + std::strerror(errno) + ".");
  const ByteSource source = [&](std::span<std::uint8_t> bytes) {
    stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return static_cast<std::size_t>(stream.gcount());
  };
  const NpyArray array = read_npy(source, "The weights in " + file + " can't be used: the array");
  require_shape(file, "its array", Shape(array.extents), shape, name);
  return npy_doubles(array);
}

}  // namespace

std::vector<double> read_weight(const std::string& name, const Shape& shape, const Initializer& initializer) {
  return initializer.file.ends_with(".npy") ? from_npy(name, shape, initializer.file)
                                            : from_safetensors(name, shape, initializer);
}

}  // namespace generalizer
