#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "generalizer/dataset.h"

namespace generalizer {

/// The number of classes, and who says so, for messages.
struct ClassCount {
  std::int64_t count = 0;  ///< 0: nobody does
  std::string source;      ///< "by [data] `classes`"
};

/// What [data] `classes` and `class_names` say, checked against each other. Throws `DataError`.
ClassCount declared_classes(const Parameters& data);
/// [data] `class_names`, no name twice. Throws `DataError`.
std::vector<std::string> declared_names(const Parameters& data);

/// One more than the largest of a training set's labels, if every class below has an image: a single damaged byte must not invent classes.
/// `where` is what holds them, for the message ("train-labels.gz"). Throws `DataError`.
std::int64_t count_labels(const std::string& where, std::span<const std::int32_t> labels);

/// Refuses the first label outside [0, classes), by its record. Throws `DataError`.
void check_labels(const std::string& where, std::span<const std::int32_t> labels, const ClassCount& classes);

/// Key `classes` for datasets whose files don't say.
ParameterSpec classes_parameter(std::int64_t largest);

/// "train" or "test": the key of a split.
const char* name_of(Split split);
/// How many of `size` images [data] `limit` leaves.
std::int64_t limited(const Parameters& data, std::int64_t size);

}  // namespace generalizer
