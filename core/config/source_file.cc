#include "config/source_file.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include "config/graph_spec.h"

namespace generalizer {
namespace {

namespace fs = std::filesystem;

/// A graph is written by hand: something larger is another file given by mistake, and would take long to refuse.
constexpr std::size_t kLargestGraph = std::size_t{16} << 20;

/// The files beside a missing one, to suggest the one that was meant.
std::string nearest_file(const fs::path& path) {
  std::vector<std::string> names;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code ignored;
  for (fs::directory_iterator file(folder, ignored), end; !ignored && file != end; file.increment(ignored)) {
    if (file->path().extension() == ".toml") names.push_back(file->path().filename().string());
  }
  const std::string nearest = nearest_name(path.filename().string(), names);
  return nearest.empty() ? nearest : (path.parent_path() / nearest).string();
}

[[noreturn]] void refuse_missing(const std::string& path) {
  const std::string nearest = nearest_file(path);
  throw GraphError({path, 0, 0, {}}, "there is no such file",
                   nearest.empty() ? "give the path of a graph file, such as graphs/fashion-classifier.toml"
                                   : "did you mean \"" + nearest + "\"?");
}

/// Appends a stream to `text`, up to a little more than the largest graph. What went wrong, or "".
std::string read_into(std::FILE* file, std::string& text) {
  std::array<char, 1 << 16> chunk{};
  std::size_t got = 0;
  do {
    got = std::fread(chunk.data(), 1, chunk.size(), file);
    text.append(chunk.data(), got);
  } while (got == chunk.size() && text.size() <= kLargestGraph);
  return std::ferror(file) != 0 ? std::strerror(errno) : "";
}

/// The same of a file by its path.
std::string read_into(const std::string& path, std::string& text) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  return file ? read_into(file.get(), text) : std::strerror(errno);
}

/// Bytes of the UTF-8 sequence at `at`, or 0 when it is none (overlong, a surrogate, beyond U+10FFFF, cut short).
std::size_t sequence_length(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0U;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(at);
  const unsigned second = byte(at + 1);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(at + 1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool canonical = (first != 0xE0 || second >= 0xA0) && (first != 0xED || second < 0xA0);
    return follows(at + 1) && follows(at + 2) && canonical ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool canonical = (first != 0xF0 || second >= 0x90) && (first != 0xF4 || second < 0x90);
    return follows(at + 1) && follows(at + 2) && follows(at + 3) && canonical ? 4 : 0;
  }
  return 0;
}

/// The line around `at`, each byte that is not UTF-8 shown as U+FFFD.
std::string shown_line(const std::string& text, std::size_t begin) {
  std::string line;
  for (std::size_t at = begin; at < text.size() && text[at] != '\n';) {
    const std::size_t length = sequence_length(text, at);
    line += length == 0 ? "\uFFFD" : text.substr(at, length);
    at += length == 0 ? 1 : length;
  }
  const bool binary =
      line.size() > 200 && line.find_first_of(std::string("\0\x01\x02\x03\x04", 5)) != std::string::npos;
  return binary ? std::string() : line;  // a binary file's line says nothing
}

/// What the text is when it is no UTF-8, as far as its first bytes or the byte at hand tell.
std::string advice_for(const std::string& text, unsigned byte) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") || byte == 0)
    return "the file looks like UTF-16, which some editors call \"Unicode\": save it as UTF-8";
  if (text.starts_with("\x1F\x8B")) return "the file is compressed by gzip: unpack it with gunzip";
  return "a graph file is TOML: save it as UTF-8 in your editor";
}

}  // namespace

GraphSource read_source(const std::string& path) {
  const bool standard_input = path == "-";
  const SourcePosition whole{standard_input ? "stdin" : path, 0, 0, {}};
  std::error_code failure;
  const fs::file_status status = fs::status(standard_input ? "/dev/stdin" : path, failure);
  if (path.empty())
    throw GraphError({"\"\"", 0, 0, {}}, "the graph file's name is empty", "give the path of a graph file");
  if (!standard_input && status.type() == fs::file_type::not_found) refuse_missing(path);
  if (!standard_input && fs::is_directory(status)) {
    throw GraphError(whole, "this is a folder, not a graph file", "give the path of a .toml file inside it");
  }
  std::string text;
  const std::string problem = standard_input ? read_into(stdin, text)
                              : failure      ? failure.message()
                                             : read_into(path, text);
  if (!problem.empty()) {
    throw GraphError(whole, "the file can't be read: " + problem,
                     "check its permissions and those of the folders above it");
  }
  if (text.size() > kLargestGraph) {
    throw GraphError(whole, "the file is larger than 16 MiB, so it is no graph file",
                     "give the graph's .toml file; data files are named inside it, under [data]");
  }
  const bool file = !standard_input && fs::is_regular_file(status) && !path.starts_with("/dev/");
  return {std::move(text), whole.file,
          (file ? fs::absolute(path).parent_path() : fs::current_path()).string()};
}

void require_utf8(const std::string& text, const std::string& name) {
  int line = 1;
  int column = 1;
  std::size_t line_begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text, at);
    if (length == 0 || text[at] == '\0') {
      std::array<char, 8> hex{};
      std::snprintf(hex.data(), hex.size(), "0x%02X",
                    static_cast<unsigned>(static_cast<std::uint8_t>(text[at])));
      throw GraphError({name, line, column, shown_line(text, line_begin)},
                       "the file is not UTF-8 text: byte " + std::string(hex.data()) + " stands here",
                       advice_for(text, static_cast<std::uint8_t>(text[at])));
    }
    at += length;
    ++column;
    if (text[at - 1] == '\n') {
      ++line;
      column = 1;
      line_begin = at;
    }
  }
}

}  // namespace generalizer
