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

/// How many classes there are: as the graph says, or as its names say, or up to the largest label of the
/// training set. The test set gives no class of its own, so that both splits agree.
std::int64_t count_classes(const Parameters& data, Split split, const std::vector<std::uint8_t>& labels) {
  if (labels.empty()) return 0;
  const auto names = static_cast<std::int64_t>(data.strings("class_names").size());
  if (data.has("classes")) {
    const std::int64_t classes = data.integer("classes");
    if (names != 0 && names != classes) {
      throw DataError("[data] says classes = " + std::to_string(classes) + " but has " +
                      std::to_string(names) +
                      " class_names. Give one name a class, or leave one of the two out.");
    }
    return classes;
  }
  if (names != 0) return names;
  const std::string train_path = path_of(data, Split::train, "labels");
  const bool other = split == Split::test && !train_path.empty();
  const std::vector<std::uint8_t> train = other ? read_labels(train_path) : std::vector<std::uint8_t>();
  const std::vector<std::uint8_t>& known = other ? train : labels;
  return 1 + *std::max_element(known.begin(), known.end());
}

void check_labels(const std::string& path, const std::vector<std::uint8_t>& labels, std::int64_t classes,
                  bool declared) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < classes) continue;
    throw DataError("The label " + std::to_string(labels[i]) + " of record " + std::to_string(i) +
                    " (counted from 0) in " + path + " is outside [0, " + std::to_string(classes) +
                    "): there are " + std::to_string(classes) + " classes " +
                    (declared ? "by [data] `classes` or `class_names`."
                              : "in the training labels. Set [data] `classes` if there are more."));
  }
}

std::unique_ptr<Dataset> open(const Parameters& data, Split split) {
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
  const std::int64_t classes = count_classes(data, split, labels);
  const std::vector<std::string> names = data.strings("class_names");
  if (classes != 0) check_labels(label_path, labels, classes, data.has("classes") || !names.empty());
  const Parameters& files = data.table(name_of(split));
  const std::int64_t size = files.has("limit") ? std::min(files.integer("limit"), count) : count;
  return std::make_unique<IdxDataset>(std::move(images), std::move(labels), classes,
                                      classes != 0 ? names : std::vector<std::string>(), size);
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
                                  "File of labels, relative to `root`; \"\" for images without labels."));
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
      "Number of classes; without it, as many as `class_names`, or one more than the largest training label.";
  classes.optional = true;
  type.parameters.push_back(at_most(at_least(classes, 1), 256));
  type.parameters.push_back(parameter("class_names", {ParameterType::strings}, std::vector<std::string>(),
                                      "Names of the classes, in the order of their labels."));
  type.open = open;
  return type;
}

}  // namespace generalizer
