#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct gzFile_s;

namespace generalizer {

/// Deflate makes at most 1032 bytes out of one (RFC 1951: 258 bytes for two bits).
constexpr std::int64_t largest_ratio = 1032;

/// A data file that is read through whether it is gzip-compressed or not, whatever its name.
class InputFile {
 public:
  /// Throws `DataError` when it can't be opened.
  explicit InputFile(const std::string& path);

  /// Fills `bytes` as far as the file goes; returns how many that were. Throws `DataError` for damage.
  std::size_t read(std::span<std::uint8_t> bytes);
  bool compressed();
  /// Whether the last `read` met the end of the file before the end of its gzip stream (data and checksum).
  bool ends_early() const { return ends_early_; }

 private:
  std::string reason(const std::string& text) const;

  struct Close {
    void operator()(gzFile_s* file) const;
  };
  std::string path_;
  std::unique_ptr<gzFile_s, Close> file_;
  bool ends_early_ = false;
};

/// "1 image", "2 images".
std::string count(std::int64_t n, const std::string& word);
/// "cat, dog"; of more than twelve names the first ones, and how many there are.
std::string listed(const std::vector<std::string>& names);
/// "1f 8b 08"
std::string hexadecimal(std::span<const std::uint8_t> bytes);

/// "The file P is cut short", in words that tell a gzip stream without its end from data that is too short.
std::string cut_short(const InputFile& file, const std::string& path, const std::string& where = {});
/// The figures that go with it, of bytes as they are without compression.
std::string expected_and_found(const InputFile& file, std::int64_t expected, std::int64_t found);

/// The file's size in bytes as it lies on the disk. Throws `DataError` when there is no such file (`advice` says what to do then), and for a
/// folder. `kind` is what was expected: "an IDX file".
std::int64_t size_of_file(const std::string& path, const std::string& kind, const std::string& advice);

/// The whole content, unpacked. Takes memory as content comes, never by what a header says. Throws `DataError`.
std::vector<std::uint8_t> read_whole(const std::string& path);

}  // namespace generalizer
