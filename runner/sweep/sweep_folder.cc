#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>

#include "context.h"
#include "support/files.h"
#include "sweep/curve.h"
#include "sweep/sweep.h"

namespace generalizer {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// The first line in which two texts differ, as a message shows it.
std::string first_difference(const std::string& before, const std::string& now) {
  const std::vector<std::string> was = lines_of(before), is = lines_of(now);
  std::size_t line = 0;
  while (line < was.size() && line < is.size() && was[line] == is[line]) ++line;
  const auto at = [line](const std::vector<std::string>& lines) {
    return line < lines.size() ? lines[line] : std::string("nothing");
  };
  return "it had\n  " + at(was) + "\nand has now\n  " + at(is);
}

}  // namespace

SweepLock::SweepLock(const fs::path& folder)
    : file_(::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  if (file_ < 0)
    throw Error("The file " + (folder / "lock").string() + " can't be written: " + std::strerror(errno) +
                ".");
  while (::flock(file_, LOCK_EX) != 0 && errno == EINTR) {
  }
}

SweepLock::~SweepLock() { ::close(file_); }

SweepPlan SweepFolder::read_plan() const {
  if (!holds_sweep())
    throw DataError(
        path_.string() +
        " holds no sweep: it has no sweep.json. `generalizer sweep GRAPH --over … --out DIR` begins one.");
  const Json json = Json::parse(read_text(state()), nullptr, false);
  if (!json.is_object() || !json.contains("arguments"))
    throw DataError(state().string() + " is damaged: it does not say what its sweep is.");
  return plan_from_json(json["arguments"], state().string());
}

void SweepFolder::create(const SweepPlan& plan, const GraphSpec& first) const {
  std::error_code unreadable;
  if (fs::is_directory(path_, unreadable) && !fs::is_empty(path_, unreadable)) {
    // What a sweep that was killed before its first file was complete left.
    const bool ours = std::all_of(
        fs::directory_iterator(path_), fs::directory_iterator(), [](const fs::directory_entry& entry) {
          const std::string name = entry.path().filename().string();
          return name == "runs" || name.starts_with("graph.toml") || name.starts_with("sweep.json");
        });
    if (!ours)
      throw UsageError(path_.string() +
                       " is a folder with other things in it. Choose a new or an empty one with --out.");
  }
  try {
    fs::create_directories(runs());
  } catch (const fs::filesystem_error& error) {
    throw Error("The sweep's folder " + path_.string() + " can't be made: " + error.code().message() +
                ". Choose another with --out.");
  }
  replace_file(graph(), to_toml(first));
  Json json;
  json["arguments"] = to_json(plan);
  json["combinations"] = Json::array();
  replace_file(state(), json.dump(2) + "\n");
}

void SweepFolder::require_unchanged(const GraphSpec& first) const {
  const std::string before = read_text(graph()), now = to_toml(first);
  if (before == now) return;
  throw UsageError("The graph is no longer what it was when the sweep in " + path_.string() +
                   " began: " + first_difference(before, now) +
                   "\nBring it back, or begin a new sweep in another folder with --out.");
}

void SweepFolder::write(const SweepPlan& plan, const SweepResults& results) const {
  Json json;
  json["arguments"] = to_json(plan);
  json["curve"] = {{"x", results.forgetting}, {"y", "test_accuracy"}};
  json["combinations"] = to_json(results);
  replace_file(state(), json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  replace_file(table(), table_csv(results));
  replace_file(curve(), curve_svg(results));
}

}  // namespace generalizer
