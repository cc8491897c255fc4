#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "labels.h"

namespace generalizer {

/// A field of a record, without its quotes. Its text lives as long as the file's object.
struct CsvField {
  std::string_view text;
  std::size_t begin = 0;  ///< byte in the file
  std::size_t line_begin = 0;
  std::int64_t line = 1;
};

/// Comma-separated values as RFC 4180 has them: fields in quotes may hold the delimiter, line ends and doubled quotes; lines end in LF, CRLF or CR. Beyond it:
/// another delimiter, a byte order mark of UTF-8, empty lines (passed over), gzip.
class CsvFile {
 public:
  /// Reads the whole file. Throws `DataError` when it can't be read, is empty, or is no text (UTF-16, a spreadsheet).
  CsvFile(const std::string& path, char delimiter);

  /// The next record's fields; false at the end. Throws `DataError` for a quote that doesn't end, or that ends before its field does.
  bool next(std::vector<CsvField>& record);

  /// The first one's. Throws `DataError` where there are only empty lines.
  void first(std::vector<CsvField>& record);

  const std::string& path() const { return path_; }
  TextPlace place_of(const CsvField& field) const;
  /// "train.csv:17:5"
  std::string describe(const CsvField& field) const;

 private:
  bool at_line_end() const { return at_ == text_.size() || text_[at_] == '\n' || text_[at_] == '\r'; }
  void end_line();
  CsvField read_field();
  std::string_view read_quoted(const CsvField& field);

  std::string path_;
  char delimiter_;
  std::string text_;  ///< quoted fields are unquoted in place
  std::size_t at_ = 0;
  std::size_t line_begin_ = 0;
  std::int64_t line_ = 1;
};

/// The text without spaces and tabs around it.
std::string_view trimmed(std::string_view text);

}  // namespace generalizer
