#include "input_file.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "generalizer/error.h"

namespace generalizer {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t piece = std::size_t{1} << 20;

}  // namespace

InputFile::InputFile(const std::string& path) : path_(path) {
  errno = 0;
  file_.reset(gzopen(path.c_str(), "rb"));
  if (!file_)
    throw DataError("The file " + path + " can't be opened: " + std::strerror(errno != 0 ? errno : ENOMEM) + ".");
  gzbuffer(file_.get(), 1 << 17);
}

std::size_t InputFile::read(std::span<std::uint8_t> bytes) {
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
    if (code == Z_ERRNO) throw DataError("The file " + path_ + " can't be read: " + std::strerror(errno) + ".");
    if (code != Z_OK)
      throw DataError("The file " + path_ + " is damaged: gzip says \"" + reason(text) + "\". Fetch it again.");
    if (got <= 0) return done;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

bool InputFile::compressed() { return gzdirect(file_.get()) == 0; }

/// zlib puts the file's name before its words.
std::string InputFile::reason(const std::string& text) const {
  return text.starts_with(path_ + ": ") ? text.substr(path_.size() + 2) : text;
}

void InputFile::Close::operator()(gzFile_s* file) const { gzclose(file); }

std::string count(std::int64_t n, const std::string& word) {
  return std::to_string(n) + " " + word + (n == 1 ? "" : "s");
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 12;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), shown); ++i) text += (i == 0 ? "" : ", ") + names[i];
  return names.size() > shown ? text + ", … (" + std::to_string(names.size()) + " in all)" : text;
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

std::string cut_short(const InputFile& file, const std::string& path, const std::string& where) {
  return file.ends_early() ? "The gzip file " + path + " ends early: its compressed stream is cut short" + where
                           : "The file " + path + " is cut short" + where;
}

std::string expected_and_found(const InputFile& file, std::int64_t expected, std::int64_t found) {
  return count(expected, file.ends_early() ? "unpacked byte" : "byte") + " expected, " + std::to_string(found) +
         " found. Fetch it again.";
}

std::int64_t size_of_file(const std::string& path, const std::string& kind, const std::string& advice) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) throw DataError("There is no file " + path + ". " + advice);
  if (fs::is_directory(status)) throw DataError("The data file " + path + " is a folder; " + kind + " was expected.");
  const auto size = static_cast<std::int64_t>(fs::file_size(path, error));
  if (error) throw DataError("The file " + path + " can't be read: " + error.message() + ".");
  return size;
}

std::vector<std::uint8_t> read_whole(const std::string& path) {
  InputFile file(path);
  std::vector<std::uint8_t> bytes;
  std::size_t done = 0;
  do {
    bytes.resize(std::max(16 * piece, 2 * done));
    done += file.read(std::span(bytes).subspan(done));
  } while (done == bytes.size());
  if (file.ends_early())
    throw DataError(cut_short(file, path) + " after " + count(static_cast<std::int64_t>(done), "unpacked byte") +
                    ". Fetch it again.");
  bytes.resize(done);
  bytes.shrink_to_fit();
  return bytes;
}

}  // namespace generalizer
