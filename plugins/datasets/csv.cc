#include "csv.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "csv_table.h"
#include "input_file.h"
#include "labels.h"
#include "stored_images.h"

namespace generalizer {
namespace {

const std::string& path_of(const Parameters& data, Split split) { return data.string(name_of(split)); }

/// The name of each class, where labels are words.
struct Words {
  std::vector<std::string> names;
  std::string source;  ///< who says so: "in train.csv"
};

/// Labels are words when the first one is no number.
bool are_words(const CsvWords& labels) { return !labels.texts.empty() && !number_in(labels.texts.front()); }

std::string place_of(const CsvTable& table, const TextPlace& place) {
  return table.path + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

/// The different words of a training set, sorted: whole numbers by what they count, and all else as texts.
Words words_in(const CsvTable& training, const CsvWords& labels) {
  Words words{labels.texts, "in " + training.path};
  std::sort(words.names.begin(), words.names.end());
  words.names.erase(std::unique(words.names.begin(), words.names.end()), words.names.end());
  const auto is_number = [](const std::string& text) { return number_in(text).has_value(); };
  if (std::all_of(words.names.begin(), words.names.end(), is_number)) {
    std::stable_sort(words.names.begin(), words.names.end(),
                     [](const std::string& a, const std::string& b) { return *number_in(a) < *number_in(b); });
  }
  return words;
}

/// The words that labels may be: those that the graph names, or else those of the training set.
Words words_of(const Parameters& data, const CsvTable& training) {
  Words words{declared_names(data), "by [data] `class_names`"};
  return words.names.empty() ? words_in(training, training.labels) : words;
}

/// Each row's class by its word. `noun` is what messages call it: "the label".
std::vector<std::int32_t> labels_from(const CsvTable& table, const CsvWords& column, const Words& words,
                                      const std::string& noun) {
  std::vector<std::pair<std::string, std::int32_t>> classes;
  for (std::size_t i = 0; i < words.names.size(); ++i)
    classes.emplace_back(words.names[i], static_cast<std::int32_t>(i));
  std::sort(classes.begin(), classes.end());
  std::vector<std::int32_t> labels;
  for (std::size_t row = 0; row < column.texts.size(); ++row) {
    const std::string& word = column.texts[row];
    const std::string place = place_of(table, column.places[row]);
    check_name(word, place + ": " + noun);
    const auto found = std::lower_bound(classes.begin(), classes.end(), std::pair(word, std::int32_t{0}));
    if (found == classes.end() || found->first != word) {
      const std::string near = nearest_name(word, words.names);
      throw DataError(place + ": " + noun + " \"" + word + "\" is none of the " +
                      count(static_cast<std::int64_t>(words.names.size()), "name") + " of classes " +
                      words.source + (near.empty() ? "." : "; did you mean \"" + near + "\"?"));
    }
    labels.push_back(found->second);
  }
  return labels;
}

void refuse_empty_words(const CsvTable& table, const CsvWords& column, const std::string& noun) {
  const auto empty = std::find(column.texts.begin(), column.texts.end(), "");
  if (empty == column.texts.end()) return;
  throw DataError(place_of(table, column.places[static_cast<std::size_t>(empty - column.texts.begin())]) + ": " + noun +
                  " is empty. Fill the gap or take the line out.");
}

Labels numbers_from(const CsvTable& table) {
  const CsvWords& column = table.labels;
  Labels labels{{}, table.path, column.places, 0};
  for (std::size_t row = 0; row < column.texts.size(); ++row) {
    const auto number = number_in(column.texts[row]);
    if (!number) {
      throw DataError(place_of(table, column.places[row]) + ": the label is \"" + column.texts[row] +
                      "\"; expected a whole number. Labels are all numbers or all words, and the first of "
                      "the training set is a number.");
    }
    labels.values.push_back(label_from(*number, labels.place(static_cast<std::int64_t>(row))));
  }
  return labels;
}

/// Labels and classes from words; `training` are the training set's.
void add_words(const Parameters& data, const CsvTable& table, const CsvTable& training,
               StoredImages& images) {
  const Words words = words_of(data, training);
  images.labels = labels_from(table, table.labels, words, "the label");
  images.class_names = words.names;
  images.classes = static_cast<std::int64_t>(words.names.size());
  if (!data.has("classes") || data.integer("classes") == images.classes) return;
  throw DataError("[data] says classes = " + std::to_string(data.integer("classes")) + ", and labels are " +
                  count(images.classes, "word") + " " + words.source + ". Leave `classes` out.");
}

void add_labels(const Parameters& data, Split split, const CsvTable& table, StoredImages& images) {
  if (!table.columns.label) return;
  refuse_empty_words(table, table.labels, "the label");
  const bool by_training = split == Split::test && declared_classes(data).count == 0;
  const CsvTable other = by_training ? read_csv(data, path_of(data, Split::train), 0) : CsvTable();
  const CsvTable& training = by_training ? other : table;
  if (are_words(training.labels)) return add_words(data, table, training, images);
  Labels labels = numbers_from(table);
  const ClassCount classes = count_classes(data, split, labels, [&] { return numbers_from(training); });
  images.labels = std::move(labels.values);
  images.classes = classes.count;
  images.class_names = declared_names(data);
}

/// What [data] `extra_labels` names: numbers and words alike are names of classes, which the training set has.
void add_extra_labels(const Parameters& data, Split split, const CsvTable& table, StoredImages& images) {
  if (table.extras.empty()) return;
  const CsvTable other = split == Split::test ? read_csv(data, path_of(data, Split::train), 0) : CsvTable();
  const CsvTable& training = split == Split::test ? other : table;
  for (std::size_t i = 0; i < table.extras.size(); ++i) {
    const std::string name = training.columns.describe(training.columns.extras[i]);
    const std::string noun = "the further label of " + name;
    refuse_empty_words(table, table.extras[i], noun);
    const Words words = words_in(training, training.extras[i]);
    const std::size_t column = training.columns.extras[i];
    images.extra_labels.push_back(
        {{training.columns.has_header() ? training.columns.names[column] : std::to_string(column),
          static_cast<std::int64_t>(words.names.size())},
         labels_from(table, table.extras[i], words, noun)});
  }
}

/// Without a word on it, an image is grey and as high as it is wide.
Shape shape_of(const Parameters& data, const CsvTable& table) {
  const auto pixels = static_cast<std::int64_t>(table.columns.pixels.size());
  if (data.has("shape"))
    return declared_shape(data, pixels, table.path + (table.columns.label ? ", without its label," : ""));
  const auto side = static_cast<std::int64_t>(std::llround(std::sqrt(static_cast<double>(pixels))));
  if (side * side == pixels) return {1, side, side};
  throw DataError("The file " + table.path + " has " + count(pixels, "column") +
                  " of pixels, which make no square image of one channel. Say in [data] what they " +
                  "are: shape = [channels, height, width]. A column that is no pixel is left out with "
                  "`ignore`, and the labels' is named with `label`.");
}

/// Columns of other names, or the same in another order, would be other pixels.
void check_same_columns(const Parameters& data, const CsvTable& test) {
  const CsvColumns train = columns_in(data, path_of(data, Split::train));
  const CsvColumns& own = test.columns;
  const std::string& path = path_of(data, Split::train);
  if (train.pixels.size() != own.pixels.size()) {
    throw DataError("The file " + test.path + " has " +
                    count(static_cast<std::int64_t>(own.pixels.size()), "column") + " of pixels, and " +
                    path + " has " + std::to_string(train.pixels.size()) +
                    ". Both need the same; [data] `ignore` leaves columns out.");
  }
  if (!train.has_header() || !own.has_header()) return;
  const auto names_of = [](const CsvColumns& columns) {
    std::vector<std::string> names;
    for (const std::size_t column : columns.pixels) names.push_back(columns.names[column]);
    return names;
  };
  const std::vector<std::string> here = names_of(own);
  const std::vector<std::string> there = names_of(train);
  const auto [mine, other] = std::mismatch(here.begin(), here.end(), there.begin());
  if (mine == here.end()) return;
  throw DataError("Pixel " + std::to_string(mine - here.begin()) + " (counted from 0) is \"" + *mine +
                  "\" in " + test.path + " and \"" + *other + "\" in " + path +
                  ". Both files need the same columns of pixels in the same order.");
}

std::unique_ptr<Dataset> open(const Parameters& data, Split split) {
  const std::int64_t limit = data.integer("limit");
  CsvTable table = read_csv(data, path_of(data, split), limit == 0 ? -1 : limit);
  if (split == Split::test) check_same_columns(data, table);
  StoredImages images;
  images.shape = shape_of(data, table);
  images.size = limited(data, table.rows);
  images.range = range_of(data, table.extremes, table.path);
  add_labels(data, split, table, images);
  add_extra_labels(data, split, table, images);
  images.bytes = std::move(table.bytes);
  images.numbers = std::move(table.numbers);
  if (data.string("layout") == "channels_last" && images.shape[0] > 1) {
    images.bytes = channels_first(images.bytes, images.shape);
    images.numbers = channels_first(images.numbers, images.shape);
  }
  return dataset_of(std::move(images));
}

ParameterSpec label_parameter() {
  ParameterSpec label;
  label.name = "label";
  label.types = {ParameterType::string, ParameterType::integer};
  label.help =
      "Column of the labels: its name, or its place counted from 0 (-1: the last); without it the column "
      "\"label\", or the first where there is no "
      "header; \"\": there are no labels.";
  label.optional = true;
  return label;
}

}  // namespace

DatasetType csv_dataset() {
  DatasetType type;
  type.name = "csv";
  type.summary =
      "Images as lines of comma-separated numbers with a label, gzip-compressed or not, such as Kaggle's "
      "MNIST files; labels are numbers or words.";
  type.parameters = {
      required_parameter("train", {ParameterType::path}, "File of the training set."),
      required_parameter("test", {ParameterType::path}, "File of the test set."),
      label_parameter(),
      one_of(parameter("header", {ParameterType::string, ParameterType::boolean}, std::string("auto"),
                       "Whether the first line names the columns; auto: it does when more than one of its "
                       "fields is no number."),
             {"auto"}),
      parameter("ignore", {ParameterType::strings, ParameterType::integers}, std::vector<std::string>(),
                "Columns that are neither label nor pixel, by name or by place."),
      parameter("extra_labels", {ParameterType::strings, ParameterType::integers}, std::vector<std::string>(),
                "Columns of further labels, by name or by place, that nothing is trained on: `audit` tries to read them off the "
                "representation."),
      one_of(parameter("delimiter", {ParameterType::string}, std::string(","),
                       "What stands between two fields."),
             {",", ";", "\t", "|", " "}),
      shape_parameter("Channels, height and width of an image: [3, 32, 32]; without it [1, n, n] for n·n "
                      "columns of pixels."),
      one_of(parameter("layout", {ParameterType::string}, std::string("channels_first"),
                       "The order of an image's numbers: channels_first (channel, row, column) or "
                       "channels_last (row, column, channel)."),
             {"channels_first", "channels_last"}),
      range_parameter(),
      classes_parameter(std::numeric_limits<std::int32_t>::max()),
      class_names_parameter(),
      limit_parameter(),
  };
  type.open = open;
  return type;
}

}  // namespace generalizer
