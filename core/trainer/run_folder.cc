#include "trainer/run_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <sstream>

#include "support/files.h"

namespace generalizer {
namespace {

std::filesystem::path unused_folder(const std::string& name) {
  const std::filesystem::path base = std::filesystem::path("runs") / (name.empty() ? "run" : name);
  std::filesystem::path path = base;
  for (int n = 2; std::filesystem::exists(path); ++n) path = fmt::format("{}-{}", base.string(), n);
  return path;
}

}  // namespace

RunFolder RunFolder::create(const std::string& out, const std::string& graph_name) {
  RunFolder run(out.empty() ? unused_folder(graph_name) : std::filesystem::path(out));
  std::error_code
      unreadable;  // what can't be looked at can't be made either, and that has its own message below
  if (std::filesystem::exists(run.graph(), unreadable)) {
    throw TrainingError(
        run.path().string() +
        " already holds a run. Choose another folder with --out, or go on with it by --resume " +
        run.path().string() + ".");
  }
  if (std::filesystem::is_directory(run.path(), unreadable) &&
      !std::filesystem::is_empty(run.path(), unreadable)) {
    throw TrainingError(run.path().string() +
                        " is a folder with other things in it. Choose a new or an empty one with --out.");
  }
  try {
    std::filesystem::create_directories(run.checkpoints());
    std::filesystem::create_directories(run.path() / "pictures");
  } catch (const std::filesystem::filesystem_error& error) {
    throw TrainingError("can't make the run folder " + run.path().string() + ": " + error.code().message() +
                        ". Choose another with --out.");
  }
  return run;
}

RunFolder RunFolder::open(const std::string& path) {
  RunFolder run{std::filesystem::path(path)};
  if (!std::filesystem::is_directory(path)) throw DataError("there is no run folder " + path + ".");
  if (!std::filesystem::exists(run.graph())) {
    throw DataError(
        path + " is no run folder: it has no graph.toml. A run folder is what `generalizer train` makes.");
  }
  return run;
}

std::filesystem::path RunFolder::picture(std::int64_t epoch) const {
  return path_ / "pictures" / fmt::format("epoch-{:04}.png", epoch);
}

void RunFolder::write_record(const nlohmann::json& json) const {
  replace_file(record(), json.dump(2) + "\n");
}

nlohmann::json RunFolder::read_record() const {
  nlohmann::json json = nlohmann::json::parse(read_text(record()), nullptr, false);
  if (!json.is_object()) throw DataError(record().string() + " is damaged: it is no JSON object.");
  return json;
}

std::vector<EpochMetrics> RunFolder::read_metrics() const {
  std::vector<EpochMetrics> epochs;
  if (!std::filesystem::exists(metrics())) return epochs;
  std::istringstream lines(read_text(metrics()));
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object()) break;
    try {
      epochs.push_back(metrics_from_json(json));
    } catch (const nlohmann::json::exception& error) {
      throw DataError(fmt::format("{}, line {}: can't be read ({}).", metrics().string(), epochs.size() + 1,
                                  error.what()));
    }
  }
  return epochs;
}

void RunFolder::write_metrics(const std::vector<EpochMetrics>& epochs) const {
  std::string text;
  for (const EpochMetrics& epoch : epochs) text += to_json(epoch).dump() + "\n";
  replace_file(metrics(), text);
}

RunLock::RunLock(const RunFolder& run)
    : fd_(::open((run.path() / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  if (fd_ < 0)
    throw TrainingError("can't write in the run folder " + run.path().string() + ": " + std::strerror(errno) +
                        ".");
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd_);
    throw TrainingError(run.path().string() +
                        " is being trained by another process. Wait for it, or stop it with Ctrl-C: it saves "
                        "before it ends.");
  }
}

RunLock::~RunLock() { ::close(fd_); }

}  // namespace generalizer
