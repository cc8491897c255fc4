#pragma once

#include <span>
#include <string_view>

namespace generalizer {

/// A file that a new project begins with. `@NAME@` stands for the project's name, in the file's name and in its text.
struct TemplateFile {
  std::string_view name;
  std::string_view text;
};

/// The files of runner/templates/layer, built into the program so that it needs none beside it.
std::span<const TemplateFile> layer_template();

}  // namespace generalizer
