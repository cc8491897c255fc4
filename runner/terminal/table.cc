#include "terminal/table.h"

#include <algorithm>
#include <sstream>

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

/// The text in lines of at most `width` columns, broken between words; a longer word has a line of its own.
std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
  std::vector<std::string> lines(1);
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!lines.back().empty() && width_of(lines.back()) + 1 + width_of(word) > width) lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + word;
  }
  return lines;
}

}  // namespace

std::string padded(const std::string& text, std::size_t width, Table::Align align) {
  const std::string fill(width - std::min(width, width_of(text)), ' ');
  return align == Table::Align::right ? fill + text : text + fill;
}

std::string Table::to_string(std::size_t width) const {
  constexpr std::size_t narrowest = 30;
  std::vector<std::size_t> widths;
  std::vector<std::string> heads;
  std::size_t total = gap * (columns_.size() - 1);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t widest = width_of(columns_[i].head);
    for (const auto& row : rows_) {
      if (!row.empty()) widest = std::max(widest, width_of(row[i]));
    }
    if (i + 1 == columns_.size() && width > 0)
      widest = std::min(widest, std::max(width - std::min(width, total), narrowest));
    widths.push_back(widest);
    heads.push_back(columns_[i].head);
    total += widest;
  }
  std::string rule;
  for (std::size_t i = 0; i < std::min(total, longest_rule); ++i) rule += "─";
  rule += "\n";

  std::string text = line_of(heads, widths, columns_) + rule;
  for (auto row : rows_) {
    if (row.empty() || width == 0) {
      text += row.empty() ? rule : line_of(row, widths, columns_);
      continue;
    }
    for (const std::string& line : wrapped(row.back(), widths.back())) {
      row.back() = line;
      text += line_of(row, widths, columns_);
      row.assign(row.size(), "");
    }
  }
  return text;
}

}  // namespace generalizer
