#include "idx_file.h"

#include <algorithm>
#include <array>
#include <span>

#include "generalizer/error.h"
#include "generalizer/shape.h"
#include "input_file.h"

namespace generalizer {
namespace {

const char* name_of_type(std::uint8_t type) {
  switch (type) {
    case 0x09:
      return "signed bytes";
    case 0x0b:
      return "16-bit integers";
    case 0x0c:
      return "32-bit integers";
    case 0x0d:
      return "32-bit floating point numbers";
    case 0x0e:
      return "64-bit floating point numbers";
    default:
      return nullptr;
  }
}

/// Refuses all but unsigned bytes in as many dimensions as the content has; returns the number of dimensions.
std::size_t check_magic(const std::string& path, std::span<const std::uint8_t> magic, IdxContent content) {
  const std::string expected =
      content == IdxContent::images ? "images (00 00 08 03)" : "labels (00 00 08 01)";
  if (magic[0] == 0x1f && magic[1] == 0x8b) {
    throw DataError("The file " + path +
                    " is gzip-compressed twice: inside is a gzip file again. Unpack it once with gunzip.");
  }
  const char* other = magic[0] == 0 && magic[1] == 0 ? name_of_type(magic[2]) : nullptr;
  if (other != nullptr) {
    throw DataError("The IDX file " + path + " holds " + other +
                    "; only unsigned bytes (type 08) can be read. Convert it to values from 0 to 255.");
  }
  if (magic[0] != 0 || magic[1] != 0 || magic[2] != 0x08) {
    throw DataError("The file " + path + " is no IDX file: it begins with the bytes " + hexadecimal(magic) +
                    ", and IDX " + expected + " were expected.");
  }
  const std::size_t rank = magic[3];
  const bool fits = content == IdxContent::images ? rank == 3 || rank == 4 : rank == 1;
  if (!fits) {
    const bool swapped = content == IdxContent::images ? rank == 1 : rank == 3;
    const std::string wanted =
        content == IdxContent::images ? "images have 3 (or 4: image, channel, row, column)" : "labels have 1";
    throw DataError("The IDX file " + path + " has " + count(static_cast<std::int64_t>(rank), "dimension") +
                    ", and " + wanted + "." +
                    (swapped ? " Are the graph's `images` and `labels` swapped?" : ""));
  }
  return rank;
}

std::vector<std::int64_t> read_extents(InputFile& reader, const std::string& path, std::size_t rank) {
  std::vector<std::uint8_t> header(4 * rank);
  if (const std::size_t got = reader.read(header); got < header.size()) {
    throw DataError(cut_short(reader, path, " inside the header of its IDX data") + ": " +
                    expected_and_found(reader, static_cast<std::int64_t>(header.size() + 4),
                                       static_cast<std::int64_t>(got + 4)));
  }
  std::vector<std::int64_t> extents(rank);
  for (std::size_t axis = 0; axis < rank; ++axis) {
    for (std::size_t byte = 0; byte < 4; ++byte)
      extents[axis] = extents[axis] * 256 + header[4 * axis + byte];
  }
  return extents;
}

/// Product of the extents, none of them 0 and all of them small enough for what the file can hold.
std::int64_t checked_size(const std::string& path, const std::vector<std::int64_t>& extents,
                          std::int64_t file_size, bool compressed) {
  const std::int64_t largest = compressed ? file_size * largest_ratio : file_size;
  std::int64_t size = 1;
  for (const std::int64_t extent : extents) {
    if (extent == 0) {
      throw DataError("The IDX file " + path + " holds nothing: its dimensions are " +
                      Shape(extents).to_string() + ".");
    }
    // Without compression a file that is a little short is told so with exact figures, later; only sizes out
    // of all proportion stop here.
    if (size > std::max(largest, std::int64_t{1} << 32) / extent) {
      throw DataError("The IDX file " + path + " declares " + Shape(extents).to_string() +
                      " bytes, which a file of " + count(file_size, "byte") +
                      (compressed ? ", compressed," : "") + " can't hold. It is damaged, or no IDX file.");
    }
    size *= extent;
  }
  return size;
}

[[noreturn]] void refuse_short(const InputFile& reader, const std::string& path,
                               const std::vector<std::int64_t>& extents, std::int64_t size,
                               std::int64_t found) {
  const auto header = static_cast<std::int64_t>(4 + 4 * extents.size());
  throw DataError(cut_short(reader, path) + ": its header declares " + Shape(extents).to_string() + ", so " +
                  expected_and_found(reader, header + size, header + found));
}

/// The values, in pieces, so that a header that lies costs no more memory than the file has bytes.
std::vector<std::uint8_t> read_values(InputFile& reader, const std::string& path,
                                      const std::vector<std::int64_t>& extents, std::int64_t size) {
  std::vector<std::uint8_t> bytes;
  const auto wanted = static_cast<std::size_t>(size);
  while (bytes.size() < wanted) {
    const std::size_t before = bytes.size();
    // Doubling: what is allocated is never more than twice what was found.
    bytes.resize(std::min(wanted, std::max(std::size_t{1} << 24, 2 * before)));
    const std::size_t got = reader.read(std::span(bytes).subspan(before));
    if (before + got < bytes.size())
      refuse_short(reader, path, extents, size, static_cast<std::int64_t>(before + got));
  }
  std::array<std::uint8_t, 1> more{};
  if (reader.read(more) != 0) {
    throw DataError("The file " + path + " goes on after its last value: its header declares " +
                    Shape(extents).to_string() + ", so " +
                    count(static_cast<std::int64_t>(4 + 4 * extents.size()) + size, "byte") +
                    " expected, and more were found. It is damaged, or its header is wrong.");
  }
  if (reader.ends_early()) {
    throw DataError(cut_short(reader, path) +
                    " behind its last value, so that the checksum can't be compared. Fetch it again.");
  }
  return bytes;
}

}  // namespace

IdxFile read_idx(const std::string& path, IdxContent content) {
  const std::int64_t file_size = size_of_file(
      path, "an IDX file",
      "On Debian, `apt-get install dataset-fashion-mnist` puts Fashion-MNIST in /usr/share/datasets/fashion-mnist; for "
      "data elsewhere set [data] `root`, and `images` and `labels` of `train` and `test`.");
  InputFile reader(path);
  std::array<std::uint8_t, 4> magic{};
  if (const std::size_t got = reader.read(magic); got < magic.size()) {
    if (reader.ends_early()) {
      throw DataError(
          cut_short(reader, path, " inside the header of its IDX data") + ": " +
          expected_and_found(reader, content == IdxContent::images ? 16 : 8, static_cast<std::int64_t>(got)));
    }
    throw DataError(got == 0 ? "The file " + path + " is empty; an IDX file was expected."
                             : "The file " + path + " is too short for an IDX file: " +
                                   count(static_cast<std::int64_t>(got), "byte") + ".");
  }
  const std::size_t rank = check_magic(path, magic, content);
  IdxFile file;
  file.extents = read_extents(reader, path, rank);
  const std::int64_t size = checked_size(path, file.extents, file_size, reader.compressed());
  const auto header = static_cast<std::int64_t>(4 + 4 * rank);
  if (!reader.compressed() && file_size < header + size)
    refuse_short(reader, path, file.extents, size, file_size - header);
  file.bytes = read_values(reader, path, file.extents, size);
  return file;
}

}  // namespace generalizer
