#include "config/stray.h"

namespace generalizer {
namespace {

/// The index behind the string that begins at `begin` with its quote; an unfinished one ends with its line, or with the text.
std::size_t behind_string(const std::string& text, std::size_t begin) {
  const char quote = text[begin];
  const std::string triple(3, quote);
  const bool lines = text.compare(begin, 3, triple) == 0;
  const std::string end = lines ? triple : std::string(1, quote);
  for (std::size_t at = begin + end.size(); at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') {
      ++at;
    } else if (text.compare(at, end.size(), end) == 0) {
      return at + end.size();
    } else if (text[at] == '\n' && !lines) {
      return at;
    }
  }
  return text.size();
}

}  // namespace

std::size_t find_stray_character(const std::string& text) {
  std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  while (at < text.size()) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) >= 0x80) return at;
    if (c == '"' || c == '\'') {
      at = behind_string(text, at);
    } else if (c == '#') {
      at = text.find('\n', at);
    } else {
      ++at;
    }
  }
  return std::string::npos;
}

}  // namespace generalizer
