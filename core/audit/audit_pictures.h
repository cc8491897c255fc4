#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "generalizer/shape.h"

namespace generalizer {

/// The picture of an audit: a row of test images, and under it what each attacker makes of the same ones.
class AuditPictures {
 public:
  AuditPictures(Shape image, std::int64_t count) : shape_(std::move(image)), count_(count) {}

  /// The first of these images, C×H×W in [0, 1], one after another.
  void add(std::string name, const std::vector<float>& images);
  const std::vector<std::string>& rows() const { return names_; }
  /// False, and nothing is written, for images that are neither grey nor RGB, and for none. Throws `TrainingError`.
  bool write(const std::filesystem::path& path) const;

 private:
  Shape shape_;
  std::int64_t count_;
  std::vector<std::string> names_;
  std::vector<std::vector<std::vector<float>>> images_;  ///< by row
};

}  // namespace generalizer
