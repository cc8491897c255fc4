#include "image_folder.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "generalizer/picture.h"
#include "image_files.h"
#include "input_file.h"
#include "labels.h"
#include "stored_images.h"

namespace generalizer {
namespace fs = std::filesystem;
namespace {

fs::path folder_of(const Parameters& data, Split split) {
  return fs::path(data.string("root")) / data.string(name_of(split));
}

/// The names in `all` that `known` lacks.
std::vector<std::string> beyond(const std::vector<std::string>& all, const std::vector<std::string>& known) {
  std::vector<std::string> result;
  std::copy_if(all.begin(), all.end(), std::back_inserter(result), [&](const std::string& name) {
    return std::find(known.begin(), known.end(), name) == known.end();
  });
  return result;
}

/// [data] `class_names` gives the folders another order, and nothing else: a name that is no folder is a mistake.
std::vector<std::string> ordered(const std::vector<std::string>& folders,
                                 const std::vector<std::string>& names, const fs::path& root) {
  if (names.empty()) return folders;
  const std::vector<std::string> strange = beyond(names, folders);
  const std::vector<std::string> left_out = beyond(folders, names);
  if (strange.empty() && left_out.empty()) return names;
  const std::string near = strange.empty() ? "" : nearest_name(strange.front(), left_out);
  throw DataError("[data] `class_names` must hold the class folders of " + root.string() +
                  " in the order of their labels: " +
                  (strange.empty() ? "it lacks " + listed(left_out)
                                   : "there is no folder " + strange.front() +
                                         (near.empty() ? "" : "; did you mean \"" + near + "\"?")) +
                  ". Leave `class_names` out to take the folders in the order of their names.");
}

/// The classes, the same in both splits.
std::vector<std::string> classes_of(const Parameters& data) {
  const fs::path train = folder_of(data, Split::train);
  const fs::path test = folder_of(data, Split::test);
  const std::vector<std::string> folders = class_folders(train);
  const std::vector<std::string> others = class_folders(test);
  const std::vector<std::string> untested = beyond(folders, others);
  const std::vector<std::string> unknown = beyond(others, folders);
  if (!untested.empty() || !unknown.empty()) {
    const bool lacks = unknown.empty();
    throw DataError(
        "The splits have different classes: " + (lacks ? train : test).string() + " has the class folders " +
        listed(lacks ? untested : unknown) + ", and " + (lacks ? test : train).string() +
        " has none of these names. Both need the same folders, as labels are given by their order.");
  }
  for (const std::string& name : folders)
    check_name(name, "The name of the class folder " + (train / name).string());
  return ordered(folders, declared_names(data), train);
}

struct File {
  fs::path path;
  std::int32_t label = 0;
};

/// The first picture of each class, then each second one, and so on: so the first few, which `limit` keeps and pictures show, are of all classes.
std::vector<File> files_of(const fs::path& folder, const std::vector<std::string>& classes) {
  std::vector<std::vector<fs::path>> all;
  std::size_t longest = 0;
  for (const std::string& name : classes) {
    all.push_back(picture_files(folder / name));
    longest = std::max(longest, all.back().size());
  }
  std::vector<File> files;
  for (std::size_t i = 0; i < longest; ++i) {
    for (std::size_t label = 0; label < all.size(); ++label) {
      if (i < all[label].size()) files.push_back({all[label][i], static_cast<std::int32_t>(label)});
    }
  }
  return files;
}

/// Calls `work(i)` for all i below `count` on all cores. What the lowest i throws is thrown on, as it would be by one core.
template <class Work>
void in_parallel(std::size_t count, const Work& work) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  std::size_t failed = count;
  const auto run = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      try {
        work(i);
      } catch (...) {
        const std::scoped_lock lock(mutex);
        next = count;  // all before i are begun, and will be done
        if (i < failed) failed = i, failure = std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    const std::size_t cores = std::min<std::size_t>(std::max(1U, std::thread::hardware_concurrency()), count);
    for (std::size_t core = 1; core < cores; ++core) threads.emplace_back(run);
    run();
  }
  if (failure) std::rethrow_exception(failure);
}

/// What every picture is brought to.
struct Form {
  std::int64_t channels = 3;
  std::int64_t height = 0;  ///< 0: the pictures' own, once the first is known
  std::int64_t width = 0;
};

Form form_of(const Parameters& data) {
  Form form{data.integer("channels"), 0, 0};
  if (form.channels == 2)
    throw GraphError(data.where("channels"),
                     "\"channels\" in [data] must be 1 (grey) or 3 (red, green, blue), found 2");
  if (data.has("size")) {
    const std::vector<std::int64_t> size = data.repeated("size", 2);
    form.height = size[0];
    form.width = size[1];
  }
  return form;
}

/// Everything is in memory, a byte a number: said before it is read rather than after.
void check_memory(const StoredImages& images, const fs::path& folder) {
  const double wanted = static_cast<double>(images.size) * static_cast<double>(images.shape.elements());
  const double there =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  if (there <= 0 || wanted <= there) return;
  throw DataError(
      "The " + count(images.size, "picture") + " in " + folder.string() + " of " + images.shape.to_string() +
      " need " + std::to_string(static_cast<std::int64_t>(wanted / 1e9)) +
      " GB of memory, and this machine has " + std::to_string(static_cast<std::int64_t>(there / 1e9)) +
      ". Set [data] `size` to make them smaller, or `limit` for fewer.");
}

/// Reads one picture in its form; one of another size than the first is refused when no size is given.
Picture read_in_form(const File& file, const Form& form, const fs::path& first) {
  Picture picture = to_channels(read_picture(file.path.string()), form.channels);
  if (form.height == 0) return picture;
  if (first.empty()) return resize(std::move(picture), form.width, form.height);
  if (picture.width == form.width && picture.height == form.height) return picture;
  throw DataError("The picture " + file.path.string() + " is " + std::to_string(picture.width) + "×" +
                  std::to_string(picture.height) + " pixels (width × height), and " + first.string() +
                  " is " + std::to_string(form.width) + "×" + std::to_string(form.height) +
                  "; all must be of one size. Set [data] size = [height, width] to have all resized to it.");
}

void store(const Picture& picture, std::uint8_t* bytes) {
  const auto channels = static_cast<std::size_t>(picture.channels);
  const std::size_t area = picture.pixels.size() / channels;
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < area; ++i) bytes[c * area + i] = picture.pixels[i * channels + c];
  }
}

std::unique_ptr<Dataset> open(const Parameters& data, Split split) {
  StoredImages images;
  Form form = form_of(data);
  images.class_names = classes_of(data);
  images.classes = static_cast<std::int64_t>(images.class_names.size());
  const fs::path folder = folder_of(data, split);
  const std::vector<File> files = files_of(folder, images.class_names);
  images.size = limited(data, static_cast<std::int64_t>(files.size()));

  fs::path first;  // "" where a size is given
  if (form.height == 0) {
    const Picture picture = read_in_form(files.front(), form, {});
    form.height = picture.height;
    form.width = picture.width;
    first = files.front().path;
  }
  images.shape = {form.channels, form.height, form.width};
  check_memory(images, folder);
  const auto elements = static_cast<std::size_t>(images.shape.elements());
  images.bytes.resize(static_cast<std::size_t>(images.size) * elements);
  in_parallel(static_cast<std::size_t>(images.size), [&](std::size_t i) {
    store(read_in_form(files[i], form, first), images.bytes.data() + i * elements);
  });
  for (std::int64_t i = 0; i < images.size; ++i)
    images.labels.push_back(files[static_cast<std::size_t>(i)].label);
  return dataset_of(std::move(images));
}

}  // namespace

DatasetType image_folder_dataset() {
  DatasetType type;
  type.name = "image_folder";
  type.summary =
      "PNG and JPEG pictures in a folder a class: root/train/CLASS/… and root/test/CLASS/…; classes in the "
      "order of their names.";
  ParameterSpec size;
  size.name = "size";
  size.types = {ParameterType::integer, ParameterType::integers};
  size.help =
      "Height and width, or one number for both, to which all pictures are resized (bilinear, antialiased, "
      "the sides' ratio not kept); without it all "
      "must be of one size.";
  size.optional = true;
  size.length = 2;
  type.parameters = {
      required_parameter("root", {ParameterType::path}, "Folder of the splits' folders."),
      parameter("train", {ParameterType::string}, std::string("train"),
                "Folder of the training set, relative to `root`."),
      parameter("test", {ParameterType::string}, std::string("test"),
                "Folder of the test set, relative to `root`."),
      at_most(at_least(size, 1), 65535),
      at_most(at_least(parameter("channels", {ParameterType::integer}, std::int64_t{3},
                                 "1: grey (colours by the luma of ITU-R BT.601); 3: red, green and blue."),
                       1),
              3),
      parameter("class_names", {ParameterType::strings}, std::vector<std::string>(),
                "The class folders in the order of their labels; empty: in the order of their names."),
      parameter("limit", {ParameterType::integer}, std::int64_t{0},
                "Take only this many pictures of each split, evenly from all classes; 0: all."),
  };
  type.parameters.back() = at_least(type.parameters.back(), 0);
  type.open = open;
  return type;
}

}  // namespace generalizer
