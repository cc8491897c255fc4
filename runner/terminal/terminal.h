#pragma once

#include <string>

namespace generalizer {

/// Where people read: standard error, in colour when it is a terminal and nobody minds
/// (https://no-color.org).
class Terminal {
 public:
  Terminal();

  /// Standard error is a terminal: progress may be drawn over.
  bool interactive() const { return interactive_; }
  /// Columns of the terminal; 80 when it doesn't say.
  std::size_t width() const;

  void note(const std::string& text) const;     ///< a line
  void warning(const std::string& text) const;  ///< "warning: …"
  void error(const std::string& text) const;    ///< "error: …"
  /// A graph's mistakes, each "POSITION: error: …" already.
  void mistakes(const std::string& text) const;

  std::string bold(const std::string& text) const { return styled(text, "1"); }
  std::string faint(const std::string& text) const { return styled(text, "2"); }
  std::string green(const std::string& text) const { return styled(text, "32"); }

 private:
  std::string styled(const std::string& text, const char* code) const;

  bool interactive_;
  bool coloured_;
};

/// Columns of standard output; 100 when it is no terminal.
std::size_t output_width();

}  // namespace generalizer
