#include "support/npy_header.h"

#include <optional>

#include "generalizer/error.h"

namespace generalizer {
namespace {

/// Walks the dictionary. NumPy writes it always alike, other programs with other spaces, quotes and orders of keys.
class HeaderReader {
 public:
  HeaderReader(const std::string& text, const std::string& what) : text_(text), what_(what) {}

  NpyHeader read() {
    NpyHeader header;
    std::optional<std::string> order;
    bool shaped = false;
    expect('{');
    while (!take('}')) {
      const std::string key = read_string();
      expect(':');
      if (key == "descr") {
        header.type = read_type();
      } else if (key == "fortran_order") {
        order = read_word();
      } else if (key == "shape") {
        header.extents = read_tuple();
        shaped = true;
      } else {
        refuse("the key '" + key + "'");
      }
      if (!take(',') && peek() != '}') refuse("no comma between two keys");
    }
    if (header.type.empty()) refuse("no 'descr'");
    if (!order || (*order != "True" && *order != "False")) refuse("no 'fortran_order' that is True or False");
    if (!shaped) refuse("no 'shape'");
    header.fortran_order = *order == "True";
    return header;
  }

 private:
  [[noreturn]] void refuse(const std::string& found) const {
    throw DataError(what_ + " has a damaged header: " + found + " in " + text_.substr(0, 200) +
                    "; expected a dictionary of 'descr', 'fortran_order' and 'shape'.");
  }

  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) refuse(std::string("no '") + c + "'");
  }

  std::string read_string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') refuse("no quoted text where one must be");
    const std::size_t end = text_.find(quote, ++at_);
    if (end == std::string::npos) refuse("a text without its end");
    std::string result = text_.substr(at_, end - at_);
    at_ = end + 1;
    return result;
  }

  /// A quoted name, or the whole list of a structured type's fields.
  std::string read_type() {
    if (peek() != '[') return read_string();
    const std::size_t begin = at_;
    for (int depth = 0; at_ < text_.size(); ++at_) {
      if (text_[at_] == '[') ++depth;
      if (text_[at_] == ']' && --depth == 0) return text_.substr(begin, ++at_ - begin);
    }
    refuse("a list without its end");
  }

  std::string read_word() {
    peek();
    const std::size_t begin = at_;
    while (at_ < text_.size() &&
           ((text_[at_] >= 'A' && text_[at_] <= 'Z') || (text_[at_] >= 'a' && text_[at_] <= 'z')))
      ++at_;
    return text_.substr(begin, at_ - begin);
  }

  std::vector<std::int64_t> read_tuple() {
    std::vector<std::int64_t> extents;
    expect('(');
    while (!take(')')) {
      extents.push_back(read_extent());
      if (!take(',') && peek() != ')') refuse("no comma between two extents");
    }
    return extents;
  }

  std::int64_t read_extent() {
    peek();
    std::int64_t extent = 0;
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
      if (extent > (std::int64_t{1} << 48)) refuse("an extent out of all proportion");
      extent = 10 * extent + (text_[at_++] - '0');
    }
    if (at_ == begin) refuse("no extent where one must be");
    take('L');  // Python 2's long integers
    return extent;
  }

  const std::string& text_;
  const std::string& what_;
  std::size_t at_ = 0;
};

}  // namespace

NpyHeader parse_npy_header(const std::string& text, const std::string& what) {
  return HeaderReader(text, what).read();
}

}  // namespace generalizer
