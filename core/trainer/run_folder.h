#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "config/graph_spec.h"
#include "trainer/metrics.h"

namespace generalizer {

/// The folder that a training leaves: where its files are and how they are written, each as a whole.
class RunFolder {
 public:
  /// Makes a new run folder: `out`, which must not hold a run yet, or runs/NAME (runs/NAME-2, …) when `out` is empty.
  /// Throws `TrainingError` naming the folder and the system's reason when it can't be written.
  static RunFolder create(const std::string& out, const std::string& graph_name);
  /// An existing run. Throws `DataError` saying what is missing.
  static RunFolder open(const std::string& path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path graph() const { return path_ / "graph.toml"; }
  std::filesystem::path record() const { return path_ / "run.json"; }
  std::filesystem::path metrics() const { return path_ / "metrics.jsonl"; }
  std::filesystem::path log() const { return path_ / "log.txt"; }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  /// The best epoch's weights, where they are kept.
  std::filesystem::path best() const { return checkpoints() / "best.safetensors"; }
  std::filesystem::path picture(std::int64_t epoch) const;

  void write_record(const nlohmann::json& record) const;
  nlohmann::json read_record() const;
  /// The epochs of metrics.jsonl, in order. A last line cut short by a crash is left out.
  std::vector<EpochMetrics> read_metrics() const;
  void write_metrics(const std::vector<EpochMetrics>& epochs) const;

 private:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

/// Holds a run for one process: a second one that trains it is refused. Given back when the process ends, however it does.
class RunLock {
 public:
  /// Throws `TrainingError` when another process has it.
  explicit RunLock(const RunFolder& run);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int fd_;
};

}  // namespace generalizer
