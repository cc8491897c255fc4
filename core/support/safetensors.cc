#include "support/safetensors.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "generalizer/error.h"
#include "support/files.h"

namespace generalizer {
namespace {

static_assert(std::endian::native == std::endian::little,
              "safetensors are little-endian, and so are the machines this is built for");

constexpr std::array dtype_names{std::pair{DType::f32, "F32"}, std::pair{DType::f64, "F64"},
                                 std::pair{DType::i32, "I32"}, std::pair{DType::i64, "I64"},
                                 std::pair{DType::u8, "U8"}};

const char* format_name(DType dtype) {
  return std::find_if(dtype_names.begin(), dtype_names.end(),
                      [&](const auto& entry) { return entry.first == dtype; })
      ->second;
}

std::optional<DType> dtype_of(const std::string& name) {
  const auto found = std::find_if(dtype_names.begin(), dtype_names.end(),
                                  [&](const auto& entry) { return name == entry.second; });
  return found == dtype_names.end() ? std::nullopt : std::optional(found->first);
}

std::uint32_t checksum(std::uint32_t crc, std::span<const std::byte> bytes) {
  return static_cast<std::uint32_t>(
      ::crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

[[noreturn]] void damaged(const std::filesystem::path& path, const std::string& what) {
  throw DataError(path.string() + " is damaged: " + what + ".");
}

/// The header's entry for one tensor, checked against the size of the data.
NamedTensor tensor_of(const std::filesystem::path& path, const std::string& name, const nlohmann::json& entry,
                      std::span<const std::byte> data) {
  try {
    const std::string type = entry.at("dtype").get<std::string>();
    const std::optional<DType> dtype = dtype_of(type);
    if (!dtype)
      damaged(path,
              fmt::format("\"{}\" has the type {}, which is not one of F32, F64, I32, I64, U8", name, type));
    const auto extents = entry.at("shape").get<std::vector<std::int64_t>>();
    const auto offsets = entry.at("data_offsets").get<std::array<std::uint64_t, 2>>();
    if (offsets[0] > offsets[1] || offsets[1] > data.size()) {
      damaged(path,
              fmt::format("\"{}\" lies at bytes {} to {} of {}", name, offsets[0], offsets[1], data.size()));
    }
    std::uint64_t expected = size_of(*dtype);
    for (const std::int64_t extent : extents) {
      if (extent < 1 || expected > data.size())
        damaged(path, fmt::format("\"{}\" has the shape [{}]", name, fmt::join(extents, ", ")));
      expected *= static_cast<std::uint64_t>(extent);
    }
    if (expected != offsets[1] - offsets[0]) {
      damaged(path, fmt::format("\"{}\" needs {} bytes and has {}", name, expected, offsets[1] - offsets[0]));
    }
    const auto bytes = data.subspan(offsets[0], expected);
    return {name, {*dtype, Shape(extents)}, {bytes.begin(), bytes.end()}};
  } catch (const nlohmann::json::exception& error) {
    damaged(path, fmt::format("the header's entry of \"{}\" can't be read ({})", name, error.what()));
  }
}

void check_checksum(const std::filesystem::path& path, const TensorFile& file,
                    std::span<const std::byte> data) {
  const auto expected = file.metadata.find("crc32");
  if (expected == file.metadata.end()) return;  // written by somebody else
  const std::string found = fmt::format("{:08x}", checksum(0, data));
  if (found != expected->second)
    damaged(path, "its data has the checksum " + found + " and was written with " + expected->second);
}

}  // namespace

const NamedTensor* TensorFile::find(const std::string& name) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const NamedTensor& tensor) { return tensor.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

void write_safetensors(const std::filesystem::path& path, const TensorFile& file) {
  nlohmann::json header = nlohmann::json::object();
  std::uint64_t offset = 0;
  std::uint32_t crc = 0;
  for (const NamedTensor& tensor : file.tensors) {
    const std::vector<std::int64_t> extents(tensor.type.shape.begin(), tensor.type.shape.end());
    header[tensor.name] = {{"dtype", format_name(tensor.type.dtype)},
                           {"shape", extents},
                           {"data_offsets", {offset, offset + tensor.bytes.size()}}};
    offset += tensor.bytes.size();
    crc = checksum(crc, tensor.bytes);
  }
  header["__metadata__"] = file.metadata;
  header["__metadata__"]["crc32"] = fmt::format("{:08x}", crc);
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the format wants the data aligned
  const std::uint64_t length = text.size();
  std::vector<std::span<const std::byte>> parts{std::as_bytes(std::span(&length, 1)),
                                                std::as_bytes(std::span(text))};
  for (const NamedTensor& tensor : file.tensors) parts.emplace_back(tensor.bytes);
  replace_file(path, parts);
}

TensorFile read_safetensors(const std::filesystem::path& path) {
  const std::string content = read_text(path);
  const auto bytes = std::as_bytes(std::span(content));
  std::uint64_t length = 0;
  if (bytes.size() < sizeof length)
    damaged(path, fmt::format("it has {} bytes, fewer than its header", bytes.size()));
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > bytes.size() - sizeof length) {
    damaged(path, fmt::format("its header says it is {} bytes long, and {} are left", length,
                              bytes.size() - sizeof length));
  }
  const auto header = nlohmann::json::parse(
      content.begin() + sizeof length, content.begin() + static_cast<std::ptrdiff_t>(sizeof length + length),
      nullptr, false);
  if (!header.is_object()) damaged(path, "its header is no JSON object");
  const auto data = bytes.subspan(sizeof length + length);
  TensorFile file;
  for (const auto& [name, entry] : header.items()) {
    if (name != "__metadata__") {
      file.tensors.push_back(tensor_of(path, name, entry, data));
    } else if (entry.is_object()) {
      for (const auto& [key, value] : entry.items()) {
        if (value.is_string()) file.metadata[key] = value.get<std::string>();
      }
    }
  }
  check_checksum(path, file, data);
  return file;
}

}  // namespace generalizer
