#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "generalizer/registry.h"
#include "trainer/metrics.h"
#include "trainer/network.h"

namespace generalizer {

/// Where the training is, for a progress bar.
struct TrainingProgress {
  std::int64_t epoch = 0;  ///< from 1
  std::int64_t epochs = 0;
  std::int64_t step = 0;   ///< classifier steps done in this epoch
  std::int64_t steps = 0;  ///< of an epoch
  double images_per_second = 0;
  double seconds_left = 0;  ///< of the whole training, by the rate so far
};

/// The epoch whose weights are kept as the best.
struct BestEpoch {
  std::int64_t epoch = 0;
  std::string figure;      ///< "validation/loss"
  double value = 0.0;      ///< of that figure
  std::string checkpoint;  ///< the file
};

/// What the training says while it goes on. Called on the training thread, at most about ten times a second for `progress`.
class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;
  /// Before the first step: the run folder, the device really used, images in the training set.
  virtual void started(const std::string& run, const std::string& device, std::int64_t images,
                       std::int64_t first_epoch) {
    (void)run, (void)device, (void)images, (void)first_epoch;
  }
  virtual void progress(const TrainingProgress& progress) { (void)progress; }
  /// Before `epoch_done` of an epoch whose weights are the best so far.
  virtual void best_so_far(const BestEpoch& best) { (void)best; }
  virtual void epoch_done(const EpochMetrics& metrics) { (void)metrics; }
  virtual void saved(const std::string& checkpoint) { (void)checkpoint; }
  /// Something that the user should know and that stops nothing: a damaged checkpoint that was passed over.
  virtual void warning(const std::string& message) { (void)message; }
};

struct TrainingOptions {
  std::string out;                       ///< run folder to make; "": runs/NAME, runs/NAME-2, …
  std::string command;                   ///< for the record
  std::function<bool()> stop_requested;  ///< asked after every step
  std::chrono::steady_clock::time_point process_start = std::chrono::steady_clock::now();
};

/// `stopped_early`: a figure no longer improved (EarlyStoppingSpec).
enum class TrainingEnd : std::uint8_t { finished, interrupted, stopped_early };

struct TrainingResult {
  TrainingEnd end = TrainingEnd::finished;
  std::string run;         ///< folder
  std::string checkpoint;  ///< the newest, "" when none was written
  std::vector<EpochMetrics> epochs;
  std::string reason = {};  ///< of an early stop, in words; else ""
  std::optional<BestEpoch> best = {};  ///< where a best epoch is kept
  bool by_steps = false;               ///< trained for [train] steps, not for epochs
};

/// The alternating training of [train] `epochs`, or of so many classifier `steps`, when the last epoch may be short: after every classifier step s (counted from 1 over the whole run) each decoder whose `every` divides s does one step on
/// the same batch, with the representation computed from the classifier's updated weights.
///
/// With `best_by` the best epoch's weights so far are in checkpoints/best.safetensors, apart from the ones that `keep_checkpoints` counts. A training that
/// `early_stopping` ends leaves a newest checkpoint with the weights of the best epoch, by `best_by` or else by its own monitor, so that everything that
/// reads the run uses them; with `restore_best = false` it is the last epoch's. All that these decide by is in every checkpoint.
///
/// Throws `GraphError`, `DataError`, `PluginError`, `BackendError`, and `TrainingError` when the run folder can't be written or a loss turns into no
/// number (the message names step, player and layer; the last good weights are kept).
TrainingResult train(const GraphSpec& spec, const Registry& registry, const TrainingOptions& options,
                     TrainingObserver& observer);

/// Goes on with a run from its newest good checkpoint, to the same bytes as if it had never stopped. `epochs` > 0 replaces the graph's;
/// of a run that trains for steps that is a `GraphError`. One that was stopped early is done, and trains no further.
TrainingResult resume(const std::string& run, std::int64_t epochs, const Registry& registry,
                      const TrainingOptions& options, TrainingObserver& observer);

/// A run read back: its resolved graph and newest good checkpoint, ready to evaluate or predict. `backend` other than "" replaces the graph's.
/// Throws `DataError` naming what is missing in the folder.
struct LoadedRun {
  std::unique_ptr<Network> network;
  std::string checkpoint;
  std::int64_t epoch = 0;  ///< epochs finished at the checkpoint
  std::int64_t step = 0;
  std::vector<std::string> class_names;
  std::vector<std::string> warnings;
};
/// `checkpoint`: "newest", "best" (checkpoints/best.safetensors) or a file.
LoadedRun load_run(const std::string& run, const Registry& registry, const std::string& backend = {},
                   const std::string& checkpoint = "newest");
/// The plugin files that a run's graph names, to be loaded before `load_run` or `resume`.
std::vector<std::string> plugins_of_run(const std::string& run);

/// Test metrics of a loaded run on its dataset.
EpochMetrics evaluate_run(LoadedRun& run, const Registry& registry);

/// Opens one split of the graph's dataset. Throws `DataError`.
std::unique_ptr<Dataset> open_dataset(const GraphSpec& spec, const Registry& registry, Split split);
/// What the data decides about a network.
DataShape shape_of(const Dataset& data);

}  // namespace generalizer
