#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "csv_columns.h"
#include "pixels.h"

namespace generalizer {

/// What stands in a column of labels.
struct CsvWords {
  std::vector<std::string> texts;  ///< as they stand, spaces around them aside; one a row, or none
  std::vector<TextPlace> places;   ///< theirs
};

/// A CSV file's images and labels.
struct CsvTable {
  std::string path;
  CsvColumns columns;
  std::int64_t rows = 0;
  CsvWords labels;
  std::vector<CsvWords> extras;  ///< by the columns' `extras`
  std::vector<std::uint8_t>
      bytes;  ///< the pixels of the rows wanted, where all of them are whole numbers from 0 to 255 …
  std::vector<float> numbers;  ///< … else here
  Extremes extremes;           ///< of the pixels read
};

/// Reads a file: all its labels, and the pixels of its first `wanted` rows (0: of none, -1: of all). Throws `DataError` naming file, line and column, what was
/// found and what was expected; `GraphError` for columns that the graph names wrongly.
CsvTable read_csv(const Parameters& data, const std::string& path, std::int64_t wanted);

}  // namespace generalizer
