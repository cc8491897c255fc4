#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "generalizer/dataset.h"

namespace generalizer {

/// A place in a text file, both counted from 1.
struct TextPlace {
  std::int64_t line = 0;
  std::int64_t column = 0;  ///< characters
};

/// The labels of a split, and where they stand.
struct Labels {
  std::vector<std::int32_t> values;  ///< one an image; empty: the split has none
  std::string name;  ///< what holds them: "train-labels.gz", "the array \"y_train\" in mnist.npz"
  std::vector<TextPlace> places;  ///< of each, where `name` is a text file
  std::int64_t classes = 0;       ///< where the labels' form says it: one-hot rows do

  /// "of record 3 (counted from 0) in train-labels.gz", "at train.csv:17:1"
  std::string place(std::int64_t record) const;
};

/// The number of classes, and who says so, for messages.
struct ClassCount {
  std::int64_t count = 0;  ///< 0: nobody does
  std::string source;      ///< "by [data] `classes`"
};

/// What [data] `classes` and `class_names` say, checked against each other. Throws `DataError`.
ClassCount declared_classes(const Parameters& data);
/// [data] `class_names`, no name twice. Throws `DataError`.
std::vector<std::string> declared_names(const Parameters& data);

/// How many classes there are: as the graph says, or as its names say, or up to the largest label of the
/// training set. The test set gives no class of its own, so that both splits agree; `read_training` is called
/// for it where they are needed. 0 without labels. Throws `DataError`, also for a label that is no class.
ClassCount count_classes(const Parameters& data, Split split, const Labels& labels,
                         const std::function<Labels()>& read_training);

/// Without labels in one of the splits, accuracy would be measured against answers that nobody gave: throws
/// `DataError` when one of these is empty. Each says what [data] `train.labels` or `test.labels` names: "the file f".
void check_both_labelled(const std::string& train, const std::string& test);

/// Throws `DataError` when a class name is no UTF-8 text. `place` begins the sentence: "train.csv:3:1: the label".
void check_name(const std::string& name, const std::string& place);

/// A label from a number; throws `DataError` for a fraction and for what no label can be. `place` is where it stands.
std::int32_t label_from(double number, const std::string& place);

/// Key `classes` for datasets whose files don't say.
ParameterSpec classes_parameter(std::int64_t largest);

/// "train" or "test": the key of a split.
const char* name_of(Split split);
/// How many of `size` images [data] `limit` leaves.
std::int64_t limited(const Parameters& data, std::int64_t size);

}  // namespace generalizer
