#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace generalizer {

/// Replaces a file as a whole: written beside it, synced, renamed, the folder synced. A crash at any moment leaves the old file or the new one.
/// Throws `TrainingError` naming the file and the system's reason.
void replace_file(const std::filesystem::path& path, std::span<const std::span<const std::byte>> parts);
void replace_file(const std::filesystem::path& path, const std::string& text);

/// The whole file. Throws `DataError` naming the file and the system's reason.
std::string read_text(const std::filesystem::path& path);

}  // namespace generalizer
