#include "cifar.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "input_file.h"
#include "labels.h"
#include "stored_images.h"

namespace generalizer {
namespace {

constexpr std::int64_t pixels = 3 * 32 * 32;

/// What a record is: its label bytes, of which one counts, and then the image, channel after channel.
struct Format {
  std::int64_t label_bytes;
  std::int64_t label_at;
  std::int64_t classes;
  std::string names_file;  ///< beside the data, where the set was unpacked whole
  std::int64_t record() const { return label_bytes + pixels; }
};

Format format_of(const Parameters& data) {
  if (data.string("variant") == "cifar10") return {1, 0, 10, "batches.meta.txt"};
  const bool fine = data.string("labels") == "fine";
  return fine ? Format{2, 1, 100, "fine_label_names.txt"} : Format{2, 0, 20, "coarse_label_names.txt"};
}

std::vector<std::string> files_of(const Parameters& data, Split split) {
  std::vector<std::string> names = data.strings(name_of(split));
  if (!names.empty()) return names;
  if (data.string("variant") == "cifar100") return {split == Split::train ? "train.bin" : "test.bin"};
  if (split == Split::test) return {"test_batch.bin"};
  return {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"};
}

/// The names that the graph gives, or those in the set's own file; none when neither has them.
std::vector<std::string> names_of(const Parameters& data, const Format& format) {
  std::vector<std::string> names = declared_names(data);
  const auto wanted = static_cast<std::size_t>(format.classes);
  if (!names.empty()) {
    if (names.size() == wanted) return names;
    throw DataError("[data] has " + std::to_string(names.size()) + " class_names and " + data.string("variant") + " has " +
                    std::to_string(wanted) + " classes. Give one name a class, or none.");
  }
  std::ifstream file(std::filesystem::path(data.string("root")) / format.names_file);
  for (std::string line; std::getline(file, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    check_name(line, "A name in " + format.names_file);
    names.push_back(line);
  }
  return names.size() == wanted ? names : std::vector<std::string>();
}

/// Appends a file's records. Throws `DataError` at a length that is no whole number of records, and at a label that is no class.
void read_file(const std::string& path, const Format& format, StoredImages& images) {
  size_of_file(path, "a CIFAR file", "Name the folder of the unpacked binary version under [data] `root`.");
  const std::vector<std::uint8_t> bytes = read_whole(path);
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (size == 0 || size % format.record() != 0) {
    throw DataError("The file " + path + " has " + std::to_string(size) + " bytes; expected records of " +
                    std::to_string(format.record()) + " bytes each, a label and an image of 3×32×32. " +
                    "It is cut short, or belongs to the other variant (cifar10 and cifar100).");
  }
  for (std::int64_t record = 0; record < size / format.record(); ++record) {
    const auto at = bytes.begin() + record * format.record();
    const std::int32_t label = at[format.label_at];
    if (label >= format.classes) {
      throw DataError("The file " + path + " has the label " + std::to_string(label) + " at record " +
                      std::to_string(record) + " (counted from 0); labels are from 0 to " +
                      std::to_string(format.classes - 1) + ". The file is damaged, or belongs to the other variant.");
    }
    images.labels.push_back(label);
    images.bytes.insert(images.bytes.end(), at + format.label_bytes, at + format.record());
  }
}

std::unique_ptr<Dataset> open(const Parameters& data, Split split) {
  const Format format = format_of(data);
  StoredImages images;
  images.shape = {3, 32, 32};
  images.classes = format.classes;
  images.class_names = names_of(data, format);
  for (const std::string& file : files_of(data, split))
    read_file((std::filesystem::path(data.string("root")) / file).string(), format, images);
  images.size = limited(data, static_cast<std::int64_t>(images.labels.size()));
  return dataset_of(std::move(images));
}

}  // namespace

DatasetType cifar_dataset() {
  DatasetType type;
  type.name = "cifar";
  type.summary = "CIFAR-10 or CIFAR-100 in the binary version, gzip-compressed or not: colour images of 32×32.";
  type.parameters = {
      required_parameter("root", {ParameterType::path}, "Folder of the files."),
      one_of(parameter("variant", {ParameterType::string}, std::string("cifar10"), "Which of the two sets."),
             {"cifar10", "cifar100"}),
      one_of(parameter("labels", {ParameterType::string}, std::string("fine"),
                       "cifar100: the 100 fine classes or the 20 coarse ones."),
             {"fine", "coarse"}),
      parameter("train", {ParameterType::strings}, std::vector<std::string>(),
                "Files of the training set, relative to `root`; empty: data_batch_1.bin to data_batch_5.bin, or train.bin."),
      parameter("test", {ParameterType::strings}, std::vector<std::string>(),
                "Files of the test set, relative to `root`; empty: test_batch.bin, or test.bin."),
      class_names_parameter(),
      limit_parameter(),
  };
  type.open = open;
  return type;
}

}  // namespace generalizer
