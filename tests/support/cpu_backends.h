#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "places.h"

namespace generalizer::test {

/// A build may be without oneDNN.
inline bool onednn_is_built() { return std::filesystem::exists(plugin_folder() + "/onednn.so"); }

/// The backends of this build that run on any machine.
inline std::vector<std::string> cpu_backends() {
  return onednn_is_built() ? std::vector<std::string>{"reference", "onednn"}
                           : std::vector<std::string>{"reference"};
}

inline constexpr const char* without_onednn = "this build has no backend \"onednn\"";

}  // namespace generalizer::test
