#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "config/graph_spec.h"
#include "sweep/results.h"
#include "terminal/terminal.h"

namespace generalizer {

/// While it lives, no other process writes the files of a sweep's folder; waits until none does.
class SweepLock {
 public:
  explicit SweepLock(const std::filesystem::path& folder);
  ~SweepLock();
  SweepLock(const SweepLock&) = delete;
  SweepLock& operator=(const SweepLock&) = delete;

 private:
  int file_;
};

/// The folder of a sweep. sweep.json (the plan, and the results so far), table.csv and curve.svg; graph.toml, the first combination's resolved graph, by which a
/// changed graph file is noticed; and runs/, where NAME is a run's folder, NAME.json what is known of it, NAME.log what its processes said, and NAME.lock
/// keeps two processes from working on it at once.
class SweepFolder {
 public:
  explicit SweepFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path state() const { return path_ / "sweep.json"; }
  std::filesystem::path table() const { return path_ / "table.csv"; }
  std::filesystem::path curve() const { return path_ / "curve.svg"; }
  std::filesystem::path graph() const { return path_ / "graph.toml"; }
  std::filesystem::path job() const { return path_ / "job.sh"; }
  std::filesystem::path runs() const { return path_ / "runs"; }
  bool holds_sweep() const { return std::filesystem::exists(state()); }

  /// The plan in sweep.json. Throws `DataError` when it is damaged or not there.
  SweepPlan read_plan() const;
  /// Makes the folder for a new sweep. Throws `UsageError` when other things are in it, `Error` when it can't be made.
  void create(const SweepPlan& plan, const GraphSpec& first) const;
  /// Throws `UsageError` when the graph file no longer says what it said when the sweep began.
  void require_unchanged(const GraphSpec& first) const;
  /// Writes sweep.json, table.csv and curve.svg. Under a `SweepLock`, as tasks of a job array may be at work at once.
  void write(const SweepPlan& plan, const SweepResults& results) const;

 private:
  std::filesystem::path path_;
};

/// How a sweep is carried out; none of it changes what comes out.
struct SweepWork {
  std::string program;                   ///< this program's file
  std::size_t jobs = 1;                  ///< runs at a time
  std::optional<std::size_t> only;       ///< run this combination alone, and the baselines that it needs
  std::function<bool()> stop_requested;  ///< asked again and again
};

/// How it ended.
struct SweepEnd {
  SweepResults results;
  bool interrupted = false;
  std::size_t failed = 0;
};

/// Runs what is still to be run, and writes the folder's files after every run. Says on the terminal what is done and what failed.
SweepEnd run_sweep(const SweepFolder& folder, const SweepPlan& plan, const std::vector<GraphSpec>& specs,
                   const Baselines& baselines, const SweepWork& work, const Terminal& terminal);

/// Reads what the runs have come to so far, and runs nothing.
SweepResults gather(const SweepFolder& folder, const SweepPlan& plan, const std::vector<GraphSpec>& specs,
                    const Baselines& baselines);

}  // namespace generalizer
