#include "csv_file.h"

#include <algorithm>

#include "input_file.h"

namespace generalizer {
namespace {

/// A character begins at every byte that doesn't continue one (UTF-8).
bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

void check_text(const std::string& path, const std::string& text) {
  if (text.empty())
    throw DataError("The file " + path + " is empty; lines of comma-separated values were expected.");
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    throw DataError("The file " + path +
                    " is UTF-16 text. Save it as UTF-8, for example with: iconv -f UTF-16 -t UTF-8.");
  if (text.starts_with("PK\x03\x04"))
    throw DataError("The file " + path +
                    " is a zip file (a spreadsheet is one, too), not comma-separated values. Unpack it, or "
                    "save the sheet as CSV.");
  const std::size_t zero = text.find('\0');
  if (zero != std::string::npos)
    throw DataError("The file " + path + " is no text: byte " + std::to_string(zero) +
                    " (counted from 0) is 0. Lines of comma-separated values were expected.");
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

CsvFile::CsvFile(const std::string& path, char delimiter) : path_(path), delimiter_(delimiter) {
  size_of_file(path, "a CSV file", "Name it under [data] `train` and `test`.");
  {
    const std::vector<std::uint8_t> bytes = read_whole(path);
    text_.assign(bytes.begin(), bytes.end());
  }
  check_text(path, text_);
  if (text_.starts_with("\xEF\xBB\xBF")) at_ = line_begin_ = 3;
}

bool CsvFile::next(std::vector<CsvField>& record) {
  record.clear();
  while (at_ < text_.size() && at_line_end()) end_line();
  if (at_ == text_.size()) return false;
  record.push_back(read_field());
  while (!at_line_end()) {
    ++at_;  // the delimiter
    record.push_back(read_field());
  }
  if (at_ < text_.size()) end_line();
  return true;
}

void CsvFile::first(std::vector<CsvField>& record) {
  if (!next(record)) throw DataError("The file " + path_ + " has only empty lines.");
}

void CsvFile::end_line() {
  if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
  line_begin_ = ++at_;
  ++line_;
}

CsvField CsvFile::read_field() {
  CsvField field{{}, at_, line_begin_, line_};
  if (at_ < text_.size() && text_[at_] == '"') {
    field.text = read_quoted(field);
    return field;
  }
  while (!at_line_end() && text_[at_] != delimiter_) ++at_;
  field.text = std::string_view(text_).substr(field.begin, at_ - field.begin);
  return field;
}

std::string_view CsvFile::read_quoted(const CsvField& field) {
  std::size_t end = ++at_;
  const std::size_t begin = end;
  for (;; ++at_) {
    if (at_ == text_.size())
      throw DataError(describe(field) + ": the quoted field that begins here has no closing quote.");
    if (text_[at_] == '"') {
      if (at_ + 1 == text_.size() || text_[at_ + 1] != '"') break;
      ++at_;  // a doubled quote stands for one
    } else if (text_[at_] == '\n' ||
               (text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] != '\n'))) {
      ++line_;
      line_begin_ = at_ + 1;
    }
    text_[end++] = text_[at_];
  }
  ++at_;
  if (!at_line_end() && text_[at_] != delimiter_) {
    throw DataError(describe(field) + ": the quoted field that begins here ends before the next \"" +
                    std::string(1, delimiter_) + "\". A quote within quotes is written twice.");
  }
  return std::string_view(text_).substr(begin, end - begin);
}

TextPlace CsvFile::place_of(const CsvField& field) const {
  const auto line = text_.begin() + static_cast<std::ptrdiff_t>(field.line_begin);
  const auto at = text_.begin() + static_cast<std::ptrdiff_t>(field.begin);
  return {field.line, 1 + std::count_if(line, at, begins_character)};
}

std::string CsvFile::describe(const CsvField& field) const {
  const TextPlace place = place_of(field);
  return path_ + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

}  // namespace generalizer
