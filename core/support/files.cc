#include "support/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "generalizer/error.h"

namespace generalizer {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const char* what) {
  throw TrainingError("can't " + std::string(what) + " " + path.string() + ": " + std::strerror(errno) +
                      ". What was saved before is untouched; make room or choose another folder with --out.");
}

/// A file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

void write_all(int fd, std::span<const std::byte> bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail(path, "write");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

}  // namespace

void replace_file(const std::filesystem::path& path, std::span<const std::span<const std::byte>> parts) {
  std::filesystem::path beside = path;
  beside += ".part";
  try {
    const Descriptor file(beside, O_WRONLY | O_CREAT | O_TRUNC);
    if (file.get() < 0) fail(beside, "create");
    for (const std::span<const std::byte> part : parts) write_all(file.get(), part, beside);
    if (::fsync(file.get()) != 0) fail(beside, "sync");
  } catch (...) {
    std::error_code ignored;  // the first failure is the one to report
    std::filesystem::remove(beside, ignored);
    throw;
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) fail(path, "replace");
  const Descriptor folder(path.parent_path().empty() ? "." : path.parent_path(), O_RDONLY | O_DIRECTORY);
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) fail(path.parent_path(), "sync the folder");
}

void replace_file(const std::filesystem::path& path, const std::string& text) {
  const std::array<std::span<const std::byte>, 1> parts{std::as_bytes(std::span(text))};
  replace_file(path, parts);
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || std::filesystem::is_directory(path) || !(text << file.rdbuf()).good()) {
    if (file && !std::filesystem::is_directory(path) && std::filesystem::file_size(path) == 0) return {};
    throw DataError("can't read " + path.string() + ": " +
                    (errno != 0 ? std::strerror(errno) : "it is no file") + ".");
  }
  return text.str();
}

}  // namespace generalizer
