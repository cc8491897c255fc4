#include "idx_file.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>

#include "generalizer/error.h"
#include "generalizer/shape.h"

namespace generalizer {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t piece = std::size_t{1} << 20;
/// Deflate makes at most 1032 bytes out of one (RFC 1951: 258 bytes for two bits).
constexpr std::int64_t largest_ratio = 1032;

std::string count(std::int64_t n, const std::string& word) {
  return std::to_string(n) + " " + word + (n == 1 ? "" : "s");
}

/// A file that zlib reads through whether it is compressed or not.
class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {
    errno = 0;
    file_.reset(gzopen(path.c_str(), "rb"));
    if (!file_)
      throw DataError("The file " + path + " can't be opened: " + std::strerror(errno != 0 ? errno : ENOMEM) +
                      ".");
    gzbuffer(file_.get(), 1 << 17);
  }

  /// Fills `bytes` as far as the file goes; returns how many that were.
  std::size_t read(std::span<std::uint8_t> bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const auto wanted = static_cast<unsigned>(std::min(bytes.size() - done, piece));
      const int got = gzread(file_.get(), bytes.data() + done, wanted);
      int code = Z_OK;
      const char* text = gzerror(file_.get(), &code);
      if (code == Z_BUF_ERROR) {
        ends_early_ = true;
        return done + static_cast<std::size_t>(std::max(got, 0));
      }
      if (code == Z_ERRNO)
        throw DataError("The file " + path_ + " can't be read: " + std::strerror(errno) + ".");
      if (code != Z_OK)
        throw DataError("The file " + path_ + " is damaged: gzip says \"" + reason(text) +
                        "\". Fetch it again.");
      if (got <= 0) return done;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  bool compressed() { return gzdirect(file_.get()) == 0; }
  /// Whether the last `read` met the end of the file before the end of its gzip stream (data and checksum).
  bool ends_early() const { return ends_early_; }

 private:
  /// zlib puts the file's name before its words.
  std::string reason(const std::string& text) const {
    return text.starts_with(path_ + ": ") ? text.substr(path_.size() + 2) : text;
  }

  struct Close {
    void operator()(gzFile file) const { gzclose(file); }
  };
  std::string path_;
  std::unique_ptr<gzFile_s, Close> file_;
  bool ends_early_ = false;
};

/// "The file P is cut short", in words that tell a gzip stream without its end from data that is too short.
std::string cut_short(const Reader& reader, const std::string& path, const std::string& where = {}) {
  return reader.ends_early()
             ? "The gzip file " + path + " ends early: its compressed stream is cut short" + where
             : "The file " + path + " is cut short" + where;
}

/// The figures that go with it, of bytes as they are without compression.
std::string expected_and_found(const Reader& reader, std::int64_t expected, std::int64_t found) {
  return count(expected, reader.ends_early() ? "unpacked byte" : "byte") + " expected, " +
         std::to_string(found) + " found. Fetch it again.";
}

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    if (!text.empty()) text += ' ';
    text += digits[byte / 16];
    text += digits[byte % 16];
  }
  return text;
}

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

std::vector<std::int64_t> read_extents(Reader& reader, const std::string& path, std::size_t rank) {
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

[[noreturn]] void refuse_short(const Reader& reader, const std::string& path,
                               const std::vector<std::int64_t>& extents, std::int64_t size,
                               std::int64_t found) {
  const auto header = static_cast<std::int64_t>(4 + 4 * extents.size());
  throw DataError(cut_short(reader, path) + ": its header declares " + Shape(extents).to_string() + ", so " +
                  expected_and_found(reader, header + size, header + found));
}

/// The values, in pieces, so that a header that lies costs no more memory than the file has bytes.
std::vector<std::uint8_t> read_values(Reader& reader, const std::string& path,
                                      const std::vector<std::int64_t>& extents, std::int64_t size) {
  std::vector<std::uint8_t> bytes;
  const auto wanted = static_cast<std::size_t>(size);
  while (bytes.size() < wanted) {
    const std::size_t before = bytes.size();
    // Doubling: what is allocated is never more than twice what was found.
    bytes.resize(std::min(wanted, std::max(16 * piece, 2 * before)));
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
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    throw DataError("There is no file " + path +
                    ". On Debian, `apt-get install dataset-fashion-mnist` puts Fashion-MNIST in "
                    "/usr/share/datasets/fashion-mnist; for data "
                    "elsewhere set [data] `root`, and `images` and `labels` of `train` and `test`.");
  }
  if (fs::is_directory(status))
    throw DataError("The data file " + path + " is a folder; an IDX file was expected.");
  const auto file_size = static_cast<std::int64_t>(fs::file_size(path, error));
  if (error) throw DataError("The file " + path + " can't be read: " + error.message() + ".");

  Reader reader(path);
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
