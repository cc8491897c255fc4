#include "image_files.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "generalizer/error.h"

namespace generalizer {
namespace fs = std::filesystem;
namespace {

/// A folder's entries, those that begin with a point left out, sorted.
std::vector<fs::directory_entry> entries_of(const fs::path& folder) {
  std::vector<fs::directory_entry> entries;
  std::error_code error;
  fs::directory_iterator at(folder, error);
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    if (!at->path().filename().string().starts_with('.')) entries.push_back(*at);
  }
  if (error) throw DataError("The folder " + folder.string() + " can't be read: " + error.message() + ".");
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.path().string() < b.path().string(); });
  return entries;
}

std::string ending_of(const fs::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return ending;
}

bool is_one_of(const std::string& ending, std::initializer_list<const char*> endings) {
  return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

bool is_picture(const fs::path& file) { return is_one_of(ending_of(file), {".png", ".jpg", ".jpeg"}); }

void refuse_other_picture(const fs::path& file) {
  static const std::initializer_list<const char*> others = {".bmp", ".gif",  ".pgm",  ".ppm",  ".pbm", ".pnm",
                                                            ".tif", ".tiff", ".webp", ".heic", ".avif"};
  if (!is_one_of(ending_of(file), others)) return;
  throw DataError("The picture " + file.string() +
                  " is of a kind that can't be read; PNG and JPEG can. Convert it, for example with "
                  "ImageMagick: convert \"" +
                  file.string() + "\" \"" + fs::path(file).replace_extension(".png").string() +
                  "\", or take it out of the folder.");
}

/// Collects a class's pictures, folder by folder.
class Walk {
 public:
  void enter(const fs::path& folder) {
    std::error_code error;
    const fs::path place = fs::canonical(folder, error);
    if (error) throw DataError("The folder " + folder.string() + " can't be read: " + error.message() + ".");
    if (std::find(above_.begin(), above_.end(), place) != above_.end()) {
      throw DataError("The link " + folder.string() + " leads back to " + place.string() +
                      ", which it is in: reading it would have no end. Take the link out.");
    }
    above_.push_back(place);
    std::vector<fs::path>& files = found_[folder.string()];
    for (const fs::directory_entry& entry : entries_of(folder)) {
      if (entry.is_directory(error)) {
        enter(entry.path());
      } else if (is_picture(entry.path())) {
        if (!entry.is_regular_file(error))
          throw DataError("The picture " + entry.path().string() +
                          " is no file that can be read; it may be a link that leads nowhere.");
        files.push_back(entry.path());
      } else {
        refuse_other_picture(entry.path());
      }
    }
    above_.pop_back();
  }

  std::vector<fs::path> files() const {
    std::vector<fs::path> all;
    for (const auto& [folder, files] : found_) all.insert(all.end(), files.begin(), files.end());
    return all;
  }

 private:
  std::vector<fs::path> above_;
  std::map<std::string, std::vector<fs::path>> found_;
};

}  // namespace

std::vector<std::string> class_folders(const fs::path& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (!fs::exists(status)) {
    throw DataError("There is no folder " + folder.string() +
                    ". An image folder has a folder for each split, " +
                    "and in it one for each class; [data] `root`, `train` and `test` name them.");
  }
  if (!fs::is_directory(status))
    throw DataError(folder.string() + " is no folder; a folder with one folder a class was expected.");
  std::vector<std::string> classes;
  bool pictures = false;
  for (const fs::directory_entry& entry : entries_of(folder)) {
    if (entry.is_directory(error)) classes.push_back(entry.path().filename().string());
    pictures = pictures || is_picture(entry.path());
  }
  if (!classes.empty()) return classes;
  throw DataError("The folder " + folder.string() + " holds no folders" + (pictures ? ", but pictures" : "") +
                  "; one folder a class was expected, with that class's pictures in it.");
}

std::vector<fs::path> picture_files(const fs::path& folder) {
  Walk walk;
  walk.enter(folder);
  std::vector<fs::path> files = walk.files();
  if (files.empty()) {
    throw DataError(
        "The class folder " + folder.string() +
        " holds no pictures: no .png, .jpg or .jpeg file. Put some in it, or take the folder away.");
  }
  return files;
}

}  // namespace generalizer
