#include "idx.h"

#include <algorithm>
#include <filesystem>

#include "idx_file.h"
#include "input_file.h"
#include "labels.h"
#include "stored_images.h"

namespace generalizer {
namespace {

/// A split's file, relative to `root`; "" when the graph gives none.
std::string path_of(const Parameters& data, Split split, const std::string& which) {
  const std::string& name = data.table(name_of(split)).string(which);
  if (name.empty()) return {};
  return (std::filesystem::path(data.string("root")) / name).string();
}

Labels read_labels(const std::string& path) {
  if (path.empty()) return {};
  const std::vector<std::uint8_t> bytes = read_idx(path, IdxContent::labels).bytes;
  return {{bytes.begin(), bytes.end()}, path, {}, 0};
}

void check_labelled(const Parameters& data) {
  const auto named = [&](Split split) {
    const std::string path = path_of(data, split, "labels");
    return path.empty() ? path : "the file " + path;
  };
  check_both_labelled(named(Split::train), named(Split::test));
}

std::unique_ptr<Dataset> open(const Parameters& data, Split split) {
  const std::vector<std::string> names = declared_names(data);
  check_labelled(data);
  const std::string image_path = path_of(data, split, "images");
  const std::string label_path = path_of(data, split, "labels");
  if (image_path.empty())
    throw DataError(std::string("[data] `") + name_of(split) + "` names no file of images.");
  IdxFile images = read_idx(image_path, IdxContent::images);
  Labels labels = read_labels(label_path);
  const std::int64_t images_found = images.extents[0];
  if (!label_path.empty() && static_cast<std::int64_t>(labels.values.size()) != images_found) {
    throw DataError("There " + std::string(images_found == 1 ? "is " : "are ") +
                    count(images_found, "image") + " in " + image_path + " but " +
                    count(static_cast<std::int64_t>(labels.values.size()), "label") + " in " + label_path +
                    ". They don't belong together, or one of them is incomplete.");
  }
  const ClassCount classes =
      count_classes(data, split, labels, [&] { return read_labels(path_of(data, Split::train, "labels")); });
  const Parameters& files = data.table(name_of(split));
  StoredImages stored;
  const auto& extents = images.extents;
  stored.shape =
      extents.size() == 3 ? Shape{1, extents[1], extents[2]} : Shape{extents[1], extents[2], extents[3]};
  stored.bytes = std::move(images.bytes);
  stored.labels = std::move(labels.values);
  stored.classes = classes.count;
  if (classes.count != 0) stored.class_names = names;
  stored.size =
      limited(data, files.has("limit") ? std::min(files.integer("limit"), images_found) : images_found);
  return dataset_of(std::move(stored));
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
  limit.help = "Take only the first this many images of this split.";
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
  type.parameters.push_back(classes_parameter(256));
  type.parameters.push_back(class_names_parameter());
  type.parameters.push_back(limit_parameter());
  type.open = open;
  return type;
}

}  // namespace generalizer
