#include "csv_table.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "input_file.h"

namespace generalizer {
namespace {

/// Collects pixels: bytes as long as all are, single precision from the first that isn't.
class PixelStore {
 public:
  PixelStore(CsvTable& table, const CsvFile& file) : table_(table), file_(file) {}

  void add(const CsvField& field, std::size_t column) {
    const double number = read(field, column);
    if (number < least_) least_ = number, least_at_ = file_.describe(field);
    if (number > most_) most_ = number, most_at_ = file_.describe(field);
    whole_ = whole_ && number == std::floor(number);
    const bool byte = number >= 0 && number <= 255 && number == std::floor(number);
    if (!byte && table_.numbers.empty()) {
      table_.numbers.assign(table_.bytes.begin(), table_.bytes.end());
      table_.bytes = {};
      all_bytes_ = false;
    }
    if (all_bytes_) {
      table_.bytes.push_back(static_cast<std::uint8_t>(number));
    } else {
      table_.numbers.push_back(static_cast<float>(number));
    }
  }

  Extremes extremes() const { return {least_, most_, "at " + least_at_, "at " + most_at_, whole_}; }

 private:
  double read(const CsvField& field, std::size_t column) const {
    const std::string_view text = field.text;
    // Nearly every field of an image is one to three digits.
    if (!text.empty() && text.size() <= 3 &&
        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      int number = 0;
      for (const char c : text) number = 10 * number + (c - '0');
      return number;
    }
    if (const auto number = number_in(text)) return *number;
    throw DataError(file_.describe(field) + ": " + table_.columns.describe(column) + " is " +
                    (trimmed(text).empty() ? "empty" : "\"" + std::string(text.substr(0, 40)) + "\"") +
                    "; expected a number." + advice_for(text));
  }

  std::string advice_for(std::string_view text) const {
    if (trimmed(text).empty()) return " Fill the gap or take the line out.";
    if (text.find(',') != std::string_view::npos) return " Numbers are written with a point: 0.5.";
    return " A column that is no pixel is left out with [data] `ignore`, and the labels' is named with "
           "`label`.";
  }

  CsvTable& table_;
  const CsvFile& file_;
  bool all_bytes_ = true;
  bool whole_ = true;
  double least_ = std::numeric_limits<double>::infinity();
  double most_ = -std::numeric_limits<double>::infinity();
  std::string least_at_;
  std::string most_at_;
};

void check_width(const CsvFile& file, const std::vector<CsvField>& record, const CsvColumns& columns) {
  if (record.size() == columns.count) return;
  const CsvField& at = record.size() > columns.count ? record[columns.count] : record.back();
  throw DataError(file.describe(at) + ": this line has " +
                  count(static_cast<std::int64_t>(record.size()), "field") + "; expected " +
                  std::to_string(columns.count) + ", as the first line has" +
                  (record.size() < columns.count
                       ? ". It is cut short, or the file is."
                       : ". One too many, or a text with the delimiter in it and no quotes around it?"));
}

}  // namespace

CsvTable read_csv(const Parameters& data, const std::string& path, std::int64_t wanted) {
  CsvFile file(path, data.string("delimiter").front());
  CsvTable table;
  table.path = path;
  std::vector<CsvField> record;
  std::vector<CsvField> second;
  file.first(record);
  bool ahead = file.next(second);
  table.columns = columns_of(data, file, record, second);
  table.extras.resize(table.columns.extras.size());
  const auto advance = [&] {
    if (!ahead) return file.next(record);
    ahead = false;
    record = second;
    return true;
  };
  PixelStore pixels(table, file);
  for (bool there = !table.columns.has_header() || advance(); there; there = advance()) {
    check_width(file, record, table.columns);
    const auto keep = [&](CsvWords& words, const CsvField& field) {
      words.texts.emplace_back(trimmed(field.text));
      words.places.push_back(file.place_of(field));
    };
    if (table.columns.label) keep(table.labels, record[*table.columns.label]);
    for (std::size_t i = 0; i < table.extras.size(); ++i) keep(table.extras[i], record[table.columns.extras[i]]);
    if (wanted < 0 || table.rows < wanted) {
      for (const std::size_t column : table.columns.pixels) pixels.add(record[column], column);
    }
    ++table.rows;
  }
  if (table.rows == 0) throw DataError("The file " + path + " has a header and no line below it.");
  table.extremes = pixels.extremes();
  return table;
}

}  // namespace generalizer
