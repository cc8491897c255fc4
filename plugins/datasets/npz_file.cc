#include "npz_file.h"

#include <zip.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "input_file.h"

namespace generalizer {
namespace {

std::string words_for(int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  std::string words = zip_error_strerror(&error);
  zip_error_fini(&error);
  return words;
}

[[noreturn]] void refuse(const std::string& path, int code) {
  if (code == ZIP_ER_OPEN || code == ZIP_ER_READ)
    throw DataError("The file " + path + " can't be opened: " + words_for(code) + ".");
  std::array<std::uint8_t, 6> magic{};
  std::ifstream(path, std::ios::binary).read(reinterpret_cast<char*>(magic.data()), magic.size());
  const std::string text(magic.begin(), magic.end());
  if (text == "\x93NUMPY") {
    throw DataError(
        "The file " + path +
        " is a single .npy array, not an .npz file of several. Save images and labels together: " +
        "numpy.savez_compressed(\"data.npz\", x_train=…, y_train=…, x_test=…, y_test=…).");
  }
  if (text.starts_with("PK")) {
    throw DataError("The .npz file " + path + " is cut short or damaged: " + words_for(code) +
                    ". Fetch it again.");
  }
  throw DataError("The file " + path + " is no .npz file: it begins with the bytes " + hexadecimal(magic) +
                  ", and a zip file (50 4b) was expected.");
}

/// A file within the archive, closed at the end of its life.
class Entry {
 public:
  Entry(zip* archive, zip_int64_t index, const std::string& what) : what_(what) {
    file_ = zip_fopen_index(archive, static_cast<zip_uint64_t>(index), 0);
    if (file_ == nullptr)
      throw DataError(what_ + " can't be read: " + zip_strerror(archive) +
                      ". NumPy's savez and savez_compressed write files that can.");
  }
  ~Entry() { zip_fclose(file_); }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  std::size_t read(std::span<std::uint8_t> bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const zip_int64_t got = zip_fread(file_, bytes.data() + done, bytes.size() - done);
      if (got < 0)
        throw DataError(what_ + " is damaged: " + zip_file_strerror(file_) + ". Fetch the file again.");
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

 private:
  const std::string& what_;
  zip_file_t* file_ = nullptr;
};

}  // namespace

NpzFile::NpzFile(const std::string& path) : path_(path) {
  if (size_of_file(path, "an .npz file", "Name it under [data] `file`.") == 0)
    throw DataError("The file " + path + " is empty; an .npz file was expected.");
  int code = 0;
  archive_.reset(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (!archive_) refuse(path, code);
}

void NpzFile::Close::operator()(zip* archive) const { zip_discard(archive); }

std::vector<std::string> NpzFile::names() const {
  std::vector<std::string> names;
  const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(archive_.get(), static_cast<zip_uint64_t>(i), 0);
    const std::string file = name == nullptr ? "" : name;
    if (file.ends_with(".npy")) names.push_back(file.substr(0, file.size() - 4));
  }
  return names;
}

std::string NpzFile::describe(const std::string& name) const {
  return "the array \"" + name + "\" in " + path_;
}

NpyArray NpzFile::read(const std::string& name) const {
  const zip_int64_t index = zip_name_locate(archive_.get(), (name + ".npy").c_str(), 0);
  if (index < 0) {
    const std::vector<std::string> known = names();
    const std::string near = nearest_name(name, known);
    throw DataError("There is no array \"" + name + "\" in " + path_ +
                    (near.empty() ? "" : "; did you mean \"" + near + "\"?") + " It holds " +
                    (known.empty() ? "no arrays" : listed(known)) +
                    ". Name them under [data]: train = { images = \"…\", labels = \"…\" }.");
  }
  std::string what = describe(name);
  what[0] = 'T';
  Entry entry(archive_.get(), index, what);
  return read_npy([&](std::span<std::uint8_t> bytes) { return entry.read(bytes); }, what);
}

}  // namespace generalizer
