#include "browser.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace {

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string browser() {
  for (const char* name : {"chromium", "chromium-browser", "google-chrome"}) {
    if (std::system(("command -v " + std::string(name) + " >/dev/null 2>&1").c_str()) == 0) return name;
  }
  return "";
}

}  // namespace

bool has_browser() { return !browser().empty(); }

Opened open_in_browser(const std::string& file, const std::string& folder, int width) {
  const std::string out = folder + "/document.html", err = folder + "/browser.txt";
  // Its sandbox can't be had by root and within containers; the page is our own.
  const std::string command = "HOME='" + folder + "' timeout 120 " + browser() +
                              " --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage "
                              "--no-first-run --disable-background-networking"
                              " --disable-component-update --user-data-dir='" +
                              folder + "/profile' --window-size=" + std::to_string(width) +
                              ",1000 --virtual-time-budget=5000 --enable-logging=stderr --dump-dom 'file://" +
                              file + "' >'" + out + "' 2>'" + err + "'";
  if (std::system(command.c_str()) != 0)
    throw std::runtime_error("the browser ended with a failure:\n" + read(err));
  Opened opened{read(out), ""};
  std::istringstream lines(read(err));
  for (std::string line; std::getline(lines, line);) {
    if (line.find("CONSOLE") != std::string::npos) opened.console += line + "\n";
  }
  return opened;
}
