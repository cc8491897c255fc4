#pragma once

#include <memory>
#include <string>
#include <vector>

#include "generalizer/npy.h"

struct zip;

namespace generalizer {

/// NumPy's .npz: a zip file of arrays, stored or deflated.
class NpzFile {
 public:
  /// Throws `DataError` when it can't be opened or is no zip file.
  explicit NpzFile(const std::string& path);

  /// The array of this name (its file's without .npy). Throws `DataError` that lists the names when there is none, and for damage.
  NpyArray read(const std::string& name) const;
  /// For messages: `the array "x_train" in mnist.npz`.
  std::string describe(const std::string& name) const;

 private:
  std::vector<std::string> names() const;

  struct Close {
    void operator()(zip* archive) const;
  };
  std::string path_;
  std::unique_ptr<zip, Close> archive_;
};

}  // namespace generalizer
