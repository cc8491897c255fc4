#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "audit/representation.h"

namespace generalizer {

/// The training images of an attack: those it learns from, and those that decide when it stops.
struct FitParts {
  std::vector<std::int64_t> fitted;
  std::vector<std::int64_t> held_out;
};
/// A tenth of `images` is held out, at least one, chosen by the seed. Throws `DataError` for fewer than two.
FitParts fit_parts(std::int64_t images, std::uint64_t seed);

struct FitSettings {
  std::int64_t epochs = 20;
  std::int64_t patience = 3;  ///< epochs without a lower held-out loss before it ends
  StopRequested stop;
  std::function<void(std::int64_t epoch)> epoch_done;
};

struct FitResult {
  double held_out_loss = 0.0;   ///< of the weights that are left, those of the best epoch
  std::int64_t epochs = 0;      ///< trained
  std::int64_t best_epoch = 0;
};

/// Trains one player of a network from its beginning, and leaves it with the weights of the epoch that is best on the held-out images. Without a decoder
/// that is the classifier, else decoder 0. An epoch has at least 100 steps: few images are gone through several times. Of several `draws` of the same images each pass takes the next; the first is what is held out.
/// Throws `AuditStopped`, and `TrainingError` when the loss turns into no number.
FitResult fit(Network& network, const std::vector<std::shared_ptr<const Dataset>>& draws, const FitParts& parts, const FitSettings& settings);

}  // namespace generalizer
