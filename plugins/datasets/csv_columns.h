#pragma once

#include <optional>
#include <string>
#include <vector>

#include "csv_file.h"
#include "generalizer/dataset.h"

namespace generalizer {

/// What the columns of a CSV file are.
struct CsvColumns {
  std::vector<std::string> names;  ///< by the header; empty without one
  std::size_t count = 0;
  std::optional<std::size_t> label;  ///< none: [data] `label` is ""
  std::vector<std::size_t> extras;   ///< those that [data] `extra_labels` names, in its order
  std::vector<std::size_t> pixels;   ///< all others but those that [data] `ignore` names

  bool has_header() const { return !names.empty(); }
  /// For messages: `column "pixel3"`, or `column 3 (counted from 0)`.
  std::string describe(std::size_t column) const;
};

/// Settles by [data] `header`, `label`, `extra_labels` and `ignore` what the columns are, from the file's first two records, the second empty where there is none. Throws `GraphError` at the key that names a column
/// that isn't there, and `DataError` when none is called "label" and none was named.
CsvColumns columns_of(const Parameters& data, const CsvFile& file, const std::vector<CsvField>& first,
                      const std::vector<CsvField>& second);
/// The columns of a file of which nothing else is asked.
CsvColumns columns_in(const Parameters& data, const std::string& path);

/// The number that a field is, spaces around it aside; nothing when it is none, or none that is finite.
std::optional<double> number_in(std::string_view text);

}  // namespace generalizer
