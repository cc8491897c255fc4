#include "idx.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "idx_file.h"

namespace generalizer {
namespace {

/// Bytes to [0, 1], each quotient rounded once, as x / 255 in single precision gives it.
constexpr std::array<float, 256> unit_values = [] {
  std::array<float, 256> values{};
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 255.0F;
  return values;
}();

class IdxDataset final : public Dataset {
 public:
  IdxDataset(IdxFile images, std::vector<std::uint8_t> labels, std::int64_t classes,
             std::vector<std::string> class_names, std::int64_t size)
      : images_(std::move(images)),
        labels_(std::move(labels)),
        classes_(classes),
        class_names_(std::move(class_names)),
        size_(size) {
    const auto& extents = images_.extents;
    shape_ =
        extents.size() == 3 ? Shape{1, extents[1], extents[2]} : Shape{extents[1], extents[2], extents[3]};
  }

  std::int64_t size() const override { return size_; }
  Shape image_shape() const override { return shape_; }
  std::int64_t classes() const override { return classes_; }
  std::vector<std::string> class_names() const override { return class_names_; }

  void read_image(std::int64_t index, std::span<float> image) const override {
    const auto pixels = static_cast<std::size_t>(shape_.elements());
    const std::uint8_t* bytes = images_.bytes.data() + static_cast<std::size_t>(index) * pixels;
    for (std::size_t i = 0; i < pixels; ++i) image[i] = unit_values[bytes[i]];
  }
  std::int32_t label(std::int64_t index) const override {
    return labels_.empty() ? 0 : labels_[static_cast<std::size_t>(index)];
  }

 private:
  IdxFile images_;
  std::vector<std::uint8_t> labels_;
  std::int64_t classes_;
  std::vector<std::string> class_names_;
  std::int64_t size_;
  Shape shape_;
};

const char* name_of(Split split) { return split == Split::train ? "train" : "test"; }

/// A split's file, relative to `root`; "" when the graph gives none.
std::string path_of(const Parameters& data, Split split, const std::string& which) {
  const std::string& name = data.table(name_of(split)).string(which);
  if (name.empty()) return {};
  return (std::filesystem::path(data.string("root")) / name).string();
}

std::vector<std::uint8_t> read_labels(const std::string& path) {
  return path.empty() ? std::vector<std::uint8_t>() : read_idx(path, IdxContent::labels).bytes;
}

/// The number of classes, and who says so, for messages.
struct ClassCount {
  std::int64_t count = 0;
  std::string source;  ///< "by [data] `classes`"
};

/// The number that the graph gives; 0 when it gives none.
ClassCount declared_classes(const Parameters& data) {
  const auto names = static_cast<std::int64_t>(data.strings("class_names").size());
  if (!data.has("classes")) return {names, "by the names in [data] `class_names`"};
  const std::int64_t classes = data.integer("classes");
  if (names != 0 && names != classes) {
    throw DataError("[data] says classes = " + std::to_string(classes) + " but has " + std::to_string(names) +
                    " class_names. Give one name a class, or leave one of the two out.");
  }
  return {classes, "by [data] `classes`"};
}

std::string range(std::size_t first, std::size_t last) {
  return std::to_string(first) + (first == last ? "" : " to " + std::to_string(last));
}

/// One more than the largest label, if every class below has an image: a single damaged byte must not invent
/// classes.
std::int64_t count_labels(const std::string& path, const std::vector<std::uint8_t>& labels) {
  std::array<bool, 256> present{};
  for (const std::uint8_t label : labels) present[label] = true;
  const auto gap = std::find(present.begin(), present.end(), false);
  const auto beyond = std::find(gap, present.end(), true);
  const auto classes = static_cast<std::size_t>(gap - present.begin());
  if (beyond == present.end()) return static_cast<std::int64_t>(classes);

  const auto label = static_cast<std::size_t>(beyond - present.begin());
  const auto record = std::find(labels.begin(), labels.end(), label) - labels.begin();
  const std::size_t largest = *std::max_element(labels.begin(), labels.end());
  throw DataError(
      "The label " + std::to_string(label) + " of record " + std::to_string(record) +
      " (counted from 0) in " + path +
      (classes == 0 ? " is the smallest, and labels count from 0"
                    : " is far from the others, " + range(0, classes - 1)) +
      ": no image has a label of " + range(classes, label - 1) +
      ". If the file is damaged, fetch it again; if that is meant, set [data] `classes`, which would be " +
      std::to_string(largest + 1) + " by the largest label.");
}

/// How many classes there are: as the graph says, or as its names say, or up to the largest label of the
/// training set. The test set gives no class of its own, so that both splits agree.
ClassCount count_classes(const Parameters& data, Split split, const std::vector<std::uint8_t>& labels) {
  const ClassCount declared = declared_classes(data);
  if (labels.empty()) return {};
  if (declared.count != 0) return declared;
  const std::string path = path_of(data, Split::train, "labels");
  const std::int64_t classes = count_labels(path, split == Split::train ? labels : read_labels(path));
  return {classes, "in the training labels " + path};
}

void check_labels(const std::string& path, const std::vector<std::uint8_t>& labels,
                  const ClassCount& classes) {
  const auto outside =
      std::find_if(labels.begin(), labels.end(), [&](std::uint8_t label) { return label >= classes.count; });
  if (outside == labels.end()) return;
  const std::string count = std::to_string(classes.count);
  throw DataError("The label " + std::to_string(*outside) + " of record " +
                  std::to_string(outside - labels.begin()) + " (counted from 0) in " + path +
                  " is outside [0, " + count + "): there " +
                  (classes.count == 1 ? "is 1 class " : "are " + count + " classes ") + classes.source +
                  ". Set [data] `classes` if there are more; if there aren't, the file is damaged.");
}

void check_class_names(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto first = std::find(names.begin(), names.end(), names[i]) - names.begin();
    if (static_cast<std::size_t>(first) == i) continue;
    throw DataError("[data] `class_names` has \"" + names[i] + "\" twice, for the labels " +
                    std::to_string(first) + " and " + std::to_string(i) +
                    ". Give each class a name of its own.");
  }
}

/// Without labels in one of the splits, accuracy would be measured against answers that nobody gave.
void check_both_labelled(const Parameters& data) {
  const bool train = !path_of(data, Split::train, "labels").empty();
  const bool test = !path_of(data, Split::test, "labels").empty();
  if (train == test) return;
  const std::string with = train ? "train" : "test";
  const std::string without = train ? "test" : "train";
  throw DataError("[data] `" + with + ".labels` names the file " +
                  path_of(data, train ? Split::train : Split::test, "labels") + ", but `" + without +
                  ".labels` is empty. Either both splits have labels or neither: name a file in `" + without +
                  ".labels`, or set `" + with + ".labels` to \"\", too.");
}

std::unique_ptr<Dataset> open(const Parameters& data, Split split) {
  const std::vector<std::string> names = data.strings("class_names");
  check_class_names(names);
  check_both_labelled(data);
  const std::string image_path = path_of(data, split, "images");
  const std::string label_path = path_of(data, split, "labels");
  if (image_path.empty())
    throw DataError(std::string("[data] `") + name_of(split) + "` names no file of images.");
  IdxFile images = read_idx(image_path, IdxContent::images);
  std::vector<std::uint8_t> labels = read_labels(label_path);
  const std::int64_t count = images.extents[0];
  if (!label_path.empty() && static_cast<std::int64_t>(labels.size()) != count) {
    throw DataError("There are " + std::to_string(count) + " images in " + image_path + " but " +
                    std::to_string(labels.size()) + " labels in " + label_path +
                    ". They don't belong together, or one of them is incomplete.");
  }
  const ClassCount classes = count_classes(data, split, labels);
  check_labels(label_path, labels, classes);
  const Parameters& files = data.table(name_of(split));
  const std::int64_t size = files.has("limit") ? std::min(files.integer("limit"), count) : count;
  return std::make_unique<IdxDataset>(std::move(images), std::move(labels), classes.count,
                                      classes.count != 0 ? names : std::vector<std::string>(), size);
}

ParameterSpec split_parameter(const std::string& name, const std::string& help, const std::string& images,
                              const std::string& labels) {
  Parameters defaults;
  defaults.set("images", images);
  defaults.set("labels", labels);
  ParameterSpec spec = parameter(name, {ParameterType::table}, std::vector<Parameters>{defaults}, help);
  spec.fields.push_back(
      parameter("images", {ParameterType::string}, images, "File of images, relative to `root`."));
  spec.fields.push_back(parameter("labels", {ParameterType::string}, labels,
                                  "File of labels, relative to `root`; \"\" for images without labels (in "
                                  "both sets or in neither)."));
  ParameterSpec limit;
  limit.name = "limit";
  limit.types = {ParameterType::integer};
  limit.help = "Take only the first this many images.";
  limit.optional = true;
  spec.fields.push_back(at_least(limit, 1));
  return spec;
}

}  // namespace

DatasetType idx_dataset() {
  DatasetType type;
  type.name = "idx";
  type.summary =
      "Images and labels in IDX files, gzip-compressed or not: MNIST, Fashion-MNIST and their like.";
  type.parameters.push_back(
      parameter("root", {ParameterType::path}, std::string("/usr/share/datasets/fashion-mnist"),
                "Folder of the files; the default is where Debian's dataset-fashion-mnist puts them."));
  type.parameters.push_back(split_parameter("train", "Files of the training set.",
                                            "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"));
  type.parameters.push_back(split_parameter("test", "Files of the test set.", "t10k-images-idx3-ubyte.gz",
                                            "t10k-labels-idx1-ubyte.gz"));
  ParameterSpec classes;
  classes.name = "classes";
  classes.types = {ParameterType::integer};
  classes.help =
      "Number of classes; without it, as many as `class_names`, or one more than the largest training label, "
      "if no label below it is missing.";
  classes.optional = true;
  type.parameters.push_back(at_most(at_least(classes, 1), 256));
  type.parameters.push_back(parameter("class_names", {ParameterType::strings}, std::vector<std::string>(),
                                      "Names of the classes, in the order of their labels."));
  type.open = open;
  return type;
}

}  // namespace generalizer
