#include "terminal/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace generalizer {
namespace {

bool wants_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  return (no_colour == nullptr || *no_colour == '\0') && kind != nullptr && std::strcmp(kind, "dumb") != 0;
}

void write_line(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fputc('\n', stderr);
}

}  // namespace

Terminal::Terminal() : interactive_(isatty(STDERR_FILENO) == 1), coloured_(interactive_ && wants_colour()) {}

std::size_t Terminal::width() const {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::size_t output_width() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 100;
}

std::string Terminal::styled(const std::string& text, const char* code) const {
  return coloured_ ? "\033[" + std::string(code) + "m" + text + "\033[0m" : text;
}

void Terminal::note(const std::string& text) const { write_line(text); }

void Terminal::warning(const std::string& text) const { write_line(styled("warning:", "1;33") + " " + text); }

void Terminal::error(const std::string& text) const { write_line(styled("error:", "1;31") + " " + text); }

void Terminal::mistakes(const std::string& text) const {
  const std::string word = "error:";
  std::string out;
  std::size_t from = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, from)) {
    out += text.substr(from, at - from) + styled(word, "1;31");
    from = at + word.size();
  }
  write_line(out + text.substr(from));
}

}  // namespace generalizer
