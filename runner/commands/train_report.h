#pragma once

#include <optional>
#include <string>
#include <vector>

#include "terminal/progress_bar.h"
#include "terminal/table.h"
#include "trainer/trainer.h"

namespace generalizer {

/// Shows a training on the terminal: what it runs on, a progress bar, a row for every epoch. Of several decoders each has a line of its own under its
/// epoch's row, which would be too wide with all of them. A learning rate that has changed and a best epoch are said behind the row.
class TrainReport final : public TrainingObserver {
 public:
  explicit TrainReport(const Terminal& terminal) : terminal_(terminal), bar_(terminal) {}

  void started(const std::string& run, const std::string& device, std::int64_t images,
               std::int64_t first_epoch) override;
  void progress(const TrainingProgress& progress) override { bar_.show(progress); }
  void best_so_far(const BestEpoch& best) override { best_ = best; }
  void epoch_done(const EpochMetrics& metrics) override;
  void saved(const std::string&) override {}
  void warning(const std::string& message) override;
  /// Takes the progress bar away.
  void finish() { bar_.clear(); }

 private:
  void write_head(const EpochMetrics& metrics);
  std::string remarks(const EpochMetrics& metrics);

  const Terminal& terminal_;
  ProgressBar bar_;
  std::vector<std::size_t>
      widths_;  ///< of the columns, fixed by the first row so that later ones stand under it
  std::optional<BestEpoch> best_;
  std::optional<double> learning_rate_;  ///< of the row before
};

}  // namespace generalizer
