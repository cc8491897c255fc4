#include "npz.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "input_file.h"
#include "labels.h"
#include "npz_file.h"
#include "stored_images.h"

namespace generalizer {
namespace {

/// The file of a split: its own, or the one that holds both.
NpzFile file_of(const Parameters& data, Split split) {
  const Parameters& own = data.table(name_of(split));
  return NpzFile(own.has("file") ? own.string("file") : data.string("file"));
}

/// How the numbers of an array are images.
struct Arrangement {
  std::int64_t images = 0;
  Shape shape;  ///< C×H×W
  Layout layout = Layout::channels_first;
};

/// A number of channels that images have, rather than a height or a width.
bool like_channels(std::int64_t extent) { return extent <= 4; }

Layout layout_of(const Parameters& data, const std::vector<std::int64_t>& extents, const std::string& what) {
  const std::string& layout = data.string("layout");
  if (layout != "auto") return layout == "channels_first" ? Layout::channels_first : Layout::channels_last;
  const bool first = like_channels(extents[1]);
  const bool last = like_channels(extents[3]);
  if (first != last) return first ? Layout::channels_first : Layout::channels_last;
  throw DataError("The images of " + what + " are " + Shape(extents).to_string() +
                  ", and which of these are the channels is open. Set [data] layout = " +
                  "\"channels_last\" (image, row, column, channel, as Keras has them) or \"channels_first\" "
                  "(as PyTorch has them).");
}

Arrangement arrange(const Parameters& data, const std::vector<std::int64_t>& extents,
                    const std::string& what) {
  const bool shaped = data.has("shape");
  const auto refuse = [&](const std::string& reason) {
    throw DataError("The images of " + what + " are " + Shape(extents).to_string() + reason);
  };
  if (extents.size() < 2 || extents.size() > 4)
    refuse(
        "; expected 3 dimensions (image, row, column), 4 (with channels), or 2 (image, its numbers in a row) "
        "with [data] `shape`.");
  if (std::find(extents.begin(), extents.end(), 0) != extents.end()) refuse(": it holds nothing.");
  Arrangement result{extents[0], {}, Layout::channels_first};
  if (extents.size() == 2) {
    if (!shaped)
      refuse(", their numbers in a row. Say in [data] what they are: shape = [channels, height, width].");
    result.shape = declared_shape(data, extents[1], what);
    if (data.string("layout") == "channels_last") result.layout = Layout::channels_last;
    return result;
  }
  if (extents.size() == 3) result.shape = {1, extents[1], extents[2]};
  if (extents.size() == 4) {
    result.layout = layout_of(data, extents, what);
    result.shape = result.layout == Layout::channels_first ? Shape{extents[1], extents[2], extents[3]}
                                                           : Shape{extents[3], extents[1], extents[2]};
  }
  if (shaped && declared_shape(data, result.shape.elements(), what) != result.shape)
    refuse(", so an image is " + result.shape.to_string() + ", and [data] `shape` says " +
           Shape(data.integers("shape")).to_string() +
           ". Leave `shape` out: it is for images whose numbers come in a row.");
  return result;
}

std::string place_of(std::size_t number, std::int64_t elements) {
  return "of image " + std::to_string(static_cast<std::int64_t>(number) / elements) + " (counted from 0)";
}

template <class T>
Extremes extremes_of(const std::vector<T>& numbers, std::int64_t elements, bool whole,
                     const std::string& what) {
  const auto odd = std::find_if(numbers.begin(), numbers.end(),
                                [](T number) { return !std::isfinite(static_cast<double>(number)); });
  if (odd != numbers.end()) {
    throw DataError("A number " + place_of(static_cast<std::size_t>(odd - numbers.begin()), elements) +
                    " in " + what +
                    " is none (NaN) or infinite. Replace it, for example with numpy.nan_to_num.");
  }
  const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
  return {static_cast<double>(*least), static_cast<double>(*most),
          place_of(static_cast<std::size_t>(least - numbers.begin()), elements),
          place_of(static_cast<std::size_t>(most - numbers.begin()), elements), whole};
}

/// Bytes stay bytes, everything else becomes single precision; only the images within the limit are kept.
template <class T>
void store(std::vector<T> numbers, const Arrangement& arrangement, const Extremes& extremes,
           const Parameters& data, const std::string& what, std::vector<T>& kept, StoredImages& images) {
  images.range = range_of(data, extremes, what);
  numbers.resize(static_cast<std::size_t>(images.size * arrangement.shape.elements()));
  const bool moves = arrangement.layout == Layout::channels_last && arrangement.shape[0] > 1;
  kept = moves ? channels_first(numbers, arrangement.shape) : std::move(numbers);
}

/// Returns how many images there are without a limit.
std::int64_t read_images(const NpzFile& file, const std::string& name, const Parameters& data,
                         StoredImages& images) {
  NpyArray array = file.read(name);
  const std::string what = file.describe(name);
  const Arrangement arrangement = arrange(data, array.extents, what);
  const std::int64_t elements = arrangement.shape.elements();
  images.shape = arrangement.shape;
  images.size = limited(data, arrangement.images);
  const char kind = array.type[1];
  if (array.type.substr(1) == "u1" || kind == 'b') {
    std::vector<std::uint8_t> bytes = npy_bytes(std::move(array));
    Extremes found = extremes_of(bytes, elements, kind == 'u', what);
    store(std::move(bytes), arrangement, found, data, what, images.bytes, images);
  } else {
    std::vector<float> numbers = npy_floats(array);
    array.bytes = {};
    const Extremes found = extremes_of(numbers, elements, kind == 'i' || kind == 'u', what);
    store(std::move(numbers), arrangement, found, data, what, images.numbers, images);
  }
  return arrangement.images;
}

/// The class of each row that has a single 1 and else 0.
std::vector<double> from_one_hot(const std::vector<double>& rows, std::int64_t classes,
                                 const std::string& what) {
  std::vector<double> labels;
  const auto width = static_cast<std::size_t>(classes);
  for (std::size_t row = 0; row < rows.size() / width; ++row) {
    const auto begin = rows.begin() + static_cast<std::ptrdiff_t>(row * width);
    const auto end = begin + static_cast<std::ptrdiff_t>(width);
    const auto one = std::find(begin, end, 1.0);
    if (std::count(begin, end, 0.0) != classes - 1 || one == end) {
      throw DataError("Row " + std::to_string(row) + " (counted from 0) of " + what + " has " +
                      std::to_string(classes) +
                      " numbers that aren't a single 1 among 0s. Labels are one whole number an image, or "
                      "one row of a single 1 (one-hot).");
    }
    labels.push_back(static_cast<double>(one - begin));
  }
  return labels;
}

Labels read_labels(const NpzFile& file, const std::string& name) {
  Labels labels;
  labels.name = file.describe(name);
  const NpyArray array = file.read(name);
  const std::vector<std::int64_t>& extents = array.extents;
  if (extents.empty() || extents.size() > 2 || array.size() == 0) {
    throw DataError("The labels of " + labels.name + " are " + Shape(extents).to_string() +
                    "; expected 1 dimension, one whole number an image, or 2, one row an image.");
  }
  std::vector<double> numbers = npy_doubles(array);
  if (extents.size() == 2 && extents[1] > 1) {
    numbers = from_one_hot(numbers, extents[1], labels.name);
    labels.classes = extents[1];
  }
  for (std::size_t i = 0; i < numbers.size(); ++i)
    labels.values.push_back(label_from(numbers[i], labels.place(static_cast<std::int64_t>(i))));
  return labels;
}

/// As many labels as images, which `what` describes.
void check_number(const Labels& labels, std::int64_t all, const std::string& what) {
  const auto found = static_cast<std::int64_t>(labels.values.size());
  if (found == all) return;
  throw DataError("There " + std::string(all == 1 ? "is " : "are ") + count(all, "image") + " in " + what + " but " +
                  count(found, "label") + " in " + labels.name +
                  ". They don't belong together, or one of them is incomplete.");
}

/// One more than the largest label of the training set, gaps or not: nobody says how many there are.
std::int64_t classes_of(const Labels& training) {
  const auto [least, most] = std::minmax_element(training.values.begin(), training.values.end());
  if (*least >= 0) return training.classes != 0 ? training.classes : *most + 1;
  throw DataError("The label " + std::to_string(*least) + " " + training.place(least - training.values.begin()) +
                  " is negative, and labels count from 0. Renumber its classes from 0 on.");
}

/// The arrays that `extra_labels` of the splits name, column by column.
void add_extra_labels(const Parameters& data, Split split, const NpzFile& file, std::int64_t all, const std::string& what,
                      StoredImages& images) {
  const auto arrays = [&](Split of) { return data.table(name_of(of)).strings("extra_labels"); };
  const std::vector<std::string> training = arrays(Split::train);
  const std::vector<std::string> own = arrays(split);
  if (training.size() != arrays(Split::test).size()) {
    throw DataError("[data] `train.extra_labels` names " + count(static_cast<std::int64_t>(training.size()), "array") +
                    " and `test.extra_labels` " + std::to_string(arrays(Split::test).size()) +
                    ". Name the same columns in both, in the same order.");
  }
  for (std::size_t i = 0; i < own.size(); ++i) {
    Labels labels = read_labels(file, own[i]);
    check_number(labels, all, what);
    const std::int64_t classes =
        classes_of(split == Split::train ? labels : read_labels(file_of(data, Split::train), training[i]));
    const auto outside = std::find_if(labels.values.begin(), labels.values.end(),
                                      [&](std::int32_t label) { return label < 0 || label >= classes; });
    if (outside != labels.values.end()) {
      throw DataError("The label " + std::to_string(*outside) + " " + labels.place(outside - labels.values.begin()) +
                      " is outside [0, " + std::to_string(classes) + "), which is what the training set has in \"" +
                      training[i] + "\".");
    }
    images.extra_labels.push_back({{training[i], classes}, std::move(labels.values)});
  }
}

std::unique_ptr<Dataset> open(const Parameters& data, Split split) {
  const std::vector<std::string> names = declared_names(data);
  const auto array_of = [&](Split of, const char* key) { return data.table(name_of(of)).string(key); };
  const auto named = [&](Split of) {
    const std::string name = array_of(of, "labels");
    return name.empty() ? name : "the array \"" + name + "\"";
  };
  check_both_labelled(named(Split::train), named(Split::test));
  const NpzFile file = file_of(data, split);
  StoredImages images;
  const std::string image_array = array_of(split, "images");
  const std::int64_t all = read_images(file, image_array, data, images);
  Labels labels;
  if (const std::string name = array_of(split, "labels"); !name.empty()) labels = read_labels(file, name);
  if (!labels.name.empty()) check_number(labels, all, file.describe(image_array));
  const ClassCount classes = count_classes(data, split, labels, [&] {
    return read_labels(file_of(data, Split::train), array_of(Split::train, "labels"));
  });
  images.labels = std::move(labels.values);
  images.classes = classes.count;
  if (classes.count != 0) images.class_names = names;
  add_extra_labels(data, split, file, all, file.describe(image_array), images);
  return dataset_of(std::move(images));
}

ParameterSpec split_parameter(const std::string& split, const std::string& help) {
  const std::string images = "x_" + split;
  const std::string labels = "y_" + split;
  Parameters defaults;
  defaults.set("images", images);
  defaults.set("labels", labels);
  defaults.set("extra_labels", std::vector<std::string>());
  ParameterSpec spec = parameter(split, {ParameterType::table}, std::vector<Parameters>{defaults}, help);
  ParameterSpec file;
  file.name = "file";
  file.types = {ParameterType::path};
  file.help = "The split's own .npz file, where `file` of [data] doesn't hold both.";
  file.optional = true;
  spec.fields = {file, parameter("images", {ParameterType::string}, images, "Name of the array of images."),
                 parameter("labels", {ParameterType::string}, labels,
                           "Name of the array of labels, whole numbers or one-hot rows; \"\" for images "
                           "without labels (in both sets or in neither)."),
                 parameter("extra_labels", {ParameterType::strings}, std::vector<std::string>(),
                           "Names of arrays of further labels, in both sets as many, that nothing is trained on: `audit` tries to "
                           "read them off the representation.")};
  return spec;
}

}  // namespace

DatasetType npz_dataset() {
  DatasetType type;
  type.name = "npz";
  type.summary = "Images and labels as arrays in NumPy's .npz files; with its defaults Keras' mnist.npz.";
  type.parameters = {
      required_parameter("file", {ParameterType::path},
                         "The .npz file, of all arrays or of those of a split that names none of its own."),
      split_parameter("train",
                      R"(Names of the training set's arrays: { images = "x_train", labels = "y_train" }.)"),
      split_parameter("test", R"(Names of the test set's arrays: { images = "x_test", labels = "y_test" }.)"),
      one_of(
          parameter(
              "layout", {ParameterType::string}, std::string("auto"),
              "Where an image's channels are: channels_first (image, channel, row, column), channels_last "
              "(image, row, column, channel), or "
              "auto, by which of the two extents is 4 or less. Images of three dimensions have one channel."),
          {"auto", "channels_first", "channels_last"}),
      shape_parameter("Channels, height and width, of images whose numbers come in a row: [1, 28, 28]."),
      range_parameter(),
      classes_parameter(std::numeric_limits<std::int32_t>::max()),
      class_names_parameter(),
      limit_parameter(),
  };
  type.open = open;
  return type;
}

}  // namespace generalizer
