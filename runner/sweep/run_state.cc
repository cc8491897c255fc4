#include "sweep/run_state.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>
#include <utility>

#include "generalizer/error.h"
#include "support/files.h"

namespace generalizer {
namespace {

using Json = nlohmann::ordered_json;

/// The file as JSON; null when it isn't there, or is none.
Json read_json(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return nullptr;
  Json json = Json::parse(read_text(path), nullptr, false);
  return json.is_object() ? json : Json(nullptr);
}

/// What the log says of a failure: its last "error: …" with the lines that belong to it, else its last line.
std::string last_words(const std::filesystem::path& log) {
  std::istringstream lines(std::filesystem::exists(log) ? read_text(log) : "");
  std::string last, found;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    if (line.starts_with("== ")) found.clear(), last.clear();  // another try begins
    if (const std::size_t at = line.find("error: "); at != std::string::npos) found = line.substr(at + 7);
    if (!line.starts_with("== ")) last = line;
  }
  return found.empty() ? last : found;
}

}  // namespace

bool RunFiles::begun() const { return std::filesystem::exists(base_ / "graph.toml"); }

void RunFiles::clear_unbegun() const {
  if (!begun()) std::filesystem::remove_all(base_);
}

Json RunFiles::read() const {
  Json json = read_json(state());
  return json.is_object() ? json : Json::object();
}

void RunFiles::write(const Json& json) const {
  replace_file(state(), json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Json RunFiles::training() const {
  const Json state = read();
  return state.contains("training") ? state["training"] : Json(nullptr);
}

Json RunFiles::audited() const { return read_json(audit()); }

std::string RunFiles::failure() const { return read().value("failure", ""); }

void RunFiles::note_trained() const {
  const Json printed = read_json(out());
  if (!printed.is_object())
    throw DataError("What the training of " + base_.string() + " printed can't be read: " + out().string() +
                    ".");
  Json state = read();
  state["training"] = {{"end", printed.value("end", "finished")}};
  if (printed.contains("best")) state["training"]["best"] = printed["best"];
  state.erase("failure");
  write(state);
}

void RunFiles::note_audited() const {
  if (!audited().is_object()) {
    const Json printed = read_json(out());
    if (!printed.is_object())
      throw DataError("The audit of " + base_.string() + " left no " + audit().string() + ".");
    replace_file(audit(), printed.dump(2) + "\n");
  }
  clear_failure();
}

void RunFiles::note_failure(const std::string& stage, int code) const {
  const std::string words = last_words(log());
  Json state = read();
  state["failure"] =
      fmt::format("The {} ended with exit code {}{}", stage, code, words.empty() ? "." : ": " + words);
  write(state);
}

void RunFiles::clear_failure() const {
  Json state = read();
  if (state.erase("failure") > 0) write(state);
}

RunClaim::RunClaim(const RunFiles& files) {
  const int file = ::open(files.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0)
    throw Error("The file " + files.lock().string() + " can't be written: " + std::strerror(errno) + ".");
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    ::close(file);
    return;
  }
  file_ = file;
}

RunClaim::~RunClaim() {
  if (file_ >= 0) ::close(file_);
}

RunClaim::RunClaim(RunClaim&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

}  // namespace generalizer
