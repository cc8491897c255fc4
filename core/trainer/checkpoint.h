#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "support/safetensors.h"
#include "trainer/network.h"
#include "trainer/watch.h"

namespace generalizer {

/// Where a run stands. Together with the variables and the graph it decides everything that comes after.
struct TrainingState {
  std::int64_t epoch = 0;          ///< epochs finished
  std::int64_t step_in_epoch = 0;  ///< classifier steps done in the epoch that is under way
  std::int64_t step = 0;           ///< classifier steps done since the run began
  /// Figures that decide something: "early_stopping", "best", and "schedule/PLAYER" for a learning rate that falls on a plateau.
  std::map<std::string, WatchState> watches = {};
};

/// Every variable of a network in host memory, and where the training stood: what a checkpoint file holds.
struct Snapshot {
  TrainingState state;
  std::vector<NamedTensor> variables;
};
Snapshot take_snapshot(const Network& network, const TrainingState& state);

/// Saves every variable and the state as `folder/step-NNNNNNNNN.safetensors`, as a whole or not at all, and then removes the oldest beyond `keep`.
/// Throws `TrainingError`. Returns the file.
std::filesystem::path save_checkpoint(const std::filesystem::path& folder, Snapshot snapshot,
                                      std::int64_t keep);

/// Saves it as `folder/best.safetensors`, in place of the one before. Throws `TrainingError`.
std::filesystem::path save_best(const std::filesystem::path& folder, Snapshot snapshot);

/// Checkpoint files of a folder, newest first.
std::vector<std::filesystem::path> checkpoints_of(const std::filesystem::path& folder);

struct RestoredCheckpoint {
  std::filesystem::path file;
  TrainingState state;
};
/// Writes one checkpoint file into the network's variables. Throws `DataError` naming the file and what is wrong with it; nothing is written then.
RestoredCheckpoint restore_checkpoint(const std::filesystem::path& file, Network& network);
/// Writes the newest good checkpoint into the network's variables. One that is damaged, or was made by another network, is passed over with a
/// sentence to `warning`; when none is left, `DataError` says so. Nothing is written to the network before a file is known to be good.
RestoredCheckpoint restore_newest(const std::filesystem::path& folder, Network& network,
                                  const std::function<void(const std::string&)>& warning);

}  // namespace generalizer
