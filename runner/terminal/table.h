#pragma once

#include <string>
#include <vector>

namespace generalizer {

/// A table of text: a head, a rule, rows. Columns are as wide as their widest cell; figures stand to the
/// right.
class Table {
 public:
  enum class Align : bool { left, right };
  struct Column {
    std::string head;
    Align align = Align::left;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// One cell a column.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// A rule across the table, before the next row.
  void add_rule() { rows_.emplace_back(); }
  bool empty() const { return rows_.empty(); }
  /// With a width the last column, which is prose, is broken into lines that fit it; 0: no line is broken.
  std::string to_string(std::size_t width = 0) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  ///< an empty row is a rule
};

/// A cell brought to a width, by spaces before or after it.
std::string padded(const std::string& text, std::size_t width, Table::Align align);

}  // namespace generalizer
