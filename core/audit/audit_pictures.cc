#include "audit/audit_pictures.h"

#include <algorithm>

#include "trainer/picture.h"

namespace generalizer {

void AuditPictures::add(std::string name, const std::vector<float>& images) {
  const auto elements = static_cast<std::size_t>(shape_.elements());
  const std::size_t count = std::min(static_cast<std::size_t>(count_), images.size() / elements);
  std::vector<std::vector<float>> row;
  for (std::size_t i = 0; i < count; ++i) {
    const auto begin = images.begin() + static_cast<std::ptrdiff_t>(i * elements);
    row.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(elements));
  }
  names_.push_back(std::move(name));
  images_.push_back(std::move(row));
}

bool AuditPictures::write(const std::filesystem::path& path) const {
  if ((shape_[0] != 1 && shape_[0] != 3) || images_.empty() || images_.front().empty()) return false;
  std::vector<PictureRow> rows;
  for (const auto& images : images_) rows.push_back({shape_, images});
  write_picture_grid(path, rows);
  return true;
}

}  // namespace generalizer
