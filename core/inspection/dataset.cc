#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "catalogue/example.h"
#include "inspection/checks.h"

namespace generalizer {
namespace {

constexpr std::int64_t kRead = 32;  ///< images of each split

std::string problem_of_image(const Dataset& images, std::int64_t index) {
  const std::int64_t classes = images.classes();
  const std::int32_t label = images.label(index);
  if (label < 0 || (classes > 0 && label >= classes) || (classes == 0 && label != 0))
    return fmt::format("has the label {}, and there are {} classes", label, classes);
  const auto size = static_cast<std::size_t>(images.image_shape().elements());
  // Filled with what is no pixel, to see that all are written.
  std::vector<float> first(size, -1.0F), second(size, 2.0F);
  images.read_image(index, first);
  images.read_image(index, second);
  for (std::size_t i = 0; i < size; ++i) {
    if (first[i] == -1.0F && second[i] == 2.0F) return fmt::format("leaves number {} of its {} unwritten", i, size);
    if (first[i] != second[i]) return fmt::format("is another one when it is read again: number {} is {} and then {}", i, first[i], second[i]);
    if (!(first[i] >= 0.0F && first[i] <= 1.0F)) return fmt::format("holds {}, and must be scaled to [0, 1]", first[i]);
  }
  return {};
}

std::string problem_of(const Dataset& images, const Tell& tell) {
  const Shape shape = images.image_shape();
  if (images.size() < 1) return fmt::format("says that it has {} images", images.size());
  if (shape.rank() != 3 || shape.elements() < 1) return "says that its images are " + shape.to_string() + ", not C×H×W";
  if (images.classes() < 0) return fmt::format("says that it has {} classes", images.classes());
  const std::size_t names = images.class_names().size();
  if (names != 0 && names != static_cast<std::size_t>(images.classes()))
    return fmt::format("has {} class names for {} classes", names, images.classes());
  const std::int64_t read = std::min(kRead, images.size());
  for (std::int64_t k = 0; k < read; ++k) {
    const std::int64_t index = k + 1 < read ? k : images.size() - 1;
    tell(fmt::format("at image {}", index));
    if (const std::string problem = problem_of_image(images, index); !problem.empty()) return fmt::format("gives image {}, which {}", index, problem);
  }
  return {};
}

}  // namespace

Finding check_images(const DatasetType& type, const Tell& tell) {
  const Parameters parameters = read_keys(table_of(example_keys(type.parameters)), type.parameters);
  std::string found;
  for (const Split split : {Split::train, Split::test}) {
    const char* name = split == Split::train ? "training" : "test";
    tell(fmt::format("while it opened its {} images with its defaults", name));
    std::unique_ptr<Dataset> images;
    try {
      images = type.open(parameters, split);
    } catch (const DataError& error) {
      return skipped(std::string("With its defaults there is nothing to read here: ") + error.what());
    }
    if (images == nullptr) return failed(fmt::format("It opens nothing as its {} images, and doesn't say why.", name));
    if (const std::string problem = problem_of(*images, tell); !problem.empty())
      return failed(fmt::format("For its {} images it {}.", name, problem));
    found += fmt::format("{}{} {} of {}", found.empty() ? "" : ", ", images->size(), name, images->image_shape().to_string());
  }
  return passed(found);
}

Finding check_missing_files(const DatasetType& type) {
  TomlNode table = table_of(example_keys(type.parameters));
  std::size_t paths = 0;
  for (const ParameterSpec& spec : type.parameters) {
    if (std::find(spec.types.begin(), spec.types.end(), ParameterType::path) == spec.types.end()) continue;
    erase_key(table, spec.name);
    table.entries.push_back(table_of(spec.name + " = \"/no/such/folder/no-such-file\"").entries.front());
    ++paths;
  }
  if (paths == 0) return skipped("None of its parameters is a path.");
  const Parameters parameters = read_keys(table, type.parameters);
  for (const Split split : {Split::train, Split::test}) {
    const char* name = split == Split::train ? "training" : "test";
    try {
      (void)type.open(parameters, split);
      return failed(fmt::format("It opens its {} images from files that don't exist.", name));
    } catch (const DataError& error) {
      if (std::string(error.what()).find("no-such-file") == std::string::npos)
        return failed(fmt::format("Its message for a missing file doesn't name the file: {}", error.what()));
    } catch (const std::exception& error) {
      return failed(fmt::format("For a missing file it throws what is no DataError: {}", error.what()));
    }
  }
  return passed("refused with the file's name");
}

}  // namespace generalizer
