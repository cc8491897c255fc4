#include "terminal/table.h"

#include <algorithm>

#include "terminal/format.h"

namespace generalizer {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t longest_rule = 100;  ///< where the last column is prose, the rule needn't follow it

std::string line_of(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                    const std::vector<Table::Column>& columns) {
  std::string line;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) line.append(gap, ' ');
    line += padded(cells[i], widths[i], columns[i].align);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace

std::string padded(const std::string& text, std::size_t width, Table::Align align) {
  const std::string fill(width - std::min(width, width_of(text)), ' ');
  return align == Table::Align::right ? fill + text : text + fill;
}

std::string Table::to_string() const {
  std::vector<std::size_t> widths;
  std::vector<std::string> heads;
  std::size_t total = gap * (columns_.size() - 1);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = width_of(columns_[i].head);
    for (const auto& row : rows_) {
      if (!row.empty()) width = std::max(width, width_of(row[i]));
    }
    widths.push_back(width);
    heads.push_back(columns_[i].head);
    total += width;
  }
  std::string rule;
  for (std::size_t i = 0; i < std::min(total, longest_rule); ++i) rule += "─";
  rule += "\n";

  std::string text = line_of(heads, widths, columns_) + rule;
  for (const auto& row : rows_) text += row.empty() ? rule : line_of(row, widths, columns_);
  return text;
}

}  // namespace generalizer
