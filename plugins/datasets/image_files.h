#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace generalizer {

/// Names of the folders in a folder, sorted by their bytes: the classes. Those that begin with a point are left out. Throws `DataError` when there is no
/// such folder, and when it holds none.
std::vector<std::string> class_folders(const std::filesystem::path& folder);

/// The PNG and JPEG files (.png, .jpg, .jpeg in either case) of a class's folder and of those within, links followed: sorted by folder, then by name. Other
/// files, and what begins with a point, are left out. Throws `DataError` for a folder that can't be read or holds none of them, for a link that leads back
/// to a folder that it is in, and for pictures of kinds that can't be read, as leaving those out would be a silent loss.
std::vector<std::filesystem::path> picture_files(const std::filesystem::path& folder);

}  // namespace generalizer
