#pragma once

#include <string>

/// What a headless Chromium made of a page.
struct Opened {
  std::string document;  ///< after its scripts have run
  std::string console;   ///< what scripts and the browser complained of, a line each
};

/// Whether there is a Chromium to open pages with.
bool has_browser();
/// Opens a file in a window of this width. `folder` is for the browser's own files.
Opened open_in_browser(const std::string& file, const std::string& folder, int width = 1400);
