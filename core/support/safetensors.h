#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "generalizer/shape.h"

namespace generalizer {

/// One named tensor, row-major, little-endian.
struct NamedTensor {
  std::string name;
  TensorType type;
  std::vector<std::byte> bytes;
};

/// A file in the safetensors format (8 bytes header length, JSON header, data), as PyTorch's `safetensors.torch.load_file` reads it.
/// `metadata` are strings of our own; "crc32" is added on writing (of the data, eight hex digits) and checked on reading.
struct TensorFile {
  std::map<std::string, std::string> metadata;
  std::vector<NamedTensor> tensors;

  const NamedTensor* find(const std::string& name) const;
};

/// Replaces the file as a whole. Throws `TrainingError`.
void write_safetensors(const std::filesystem::path& path, const TensorFile& file);

/// Throws `DataError` naming the file and what is wrong with it: cut short, a header that is no JSON, offsets that don't fit, a checksum that
/// doesn't match. Declared sizes are checked against the file's before memory is taken.
TensorFile read_safetensors(const std::filesystem::path& path);

}  // namespace generalizer
