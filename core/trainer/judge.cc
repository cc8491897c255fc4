#include "trainer/judge.h"

#include <fmt/format.h>

namespace generalizer {
namespace {

const WatchState* find(const TrainingState& state, const char* name) {
  const auto watch = state.watches.find(name);
  return watch == state.watches.end() ? nullptr : &watch->second;
}

}  // namespace

const std::string& Judge::best_by() const {
  const auto& stopping = train_.early_stopping;
  return train_.best_by.empty() && stopping && stopping->restore_best ? stopping->monitor : train_.best_by;
}

bool Judge::finds_best(const EpochMetrics& metrics, TrainingState& state) const {
  if (const auto& stopping = train_.early_stopping)
    improves(state.watches["early_stopping"], metrics, stopping->monitor, stopping->minimum_change);
  return !best_by().empty() && improves(state.watches["best"], metrics, best_by(), 0.0);
}

bool Judge::stops(const TrainingState& state) const {
  const WatchState* watch = find(state, "early_stopping");
  return train_.early_stopping && watch != nullptr && watch->waiting >= train_.early_stopping->patience;
}

const WatchState* Judge::best(const TrainingState& state) const {
  const WatchState* watch = find(state, "best");
  return best_by().empty() || watch == nullptr || !watch->best ? nullptr : watch;
}

bool Judge::restores_best(const TrainingState& state) const {
  return train_.early_stopping && train_.early_stopping->restore_best && best(state) != nullptr;
}

std::string Judge::reason(const TrainingState& state) const {
  const std::string& monitor = train_.early_stopping->monitor;
  const WatchState& watch = *find(state, "early_stopping");
  std::string text = fmt::format("stopped early after epoch {}: ", state.epoch);
  text += watch.best ? fmt::format("{} has not improved since epoch {}", monitor, watch.best_epoch)
                     : fmt::format("no epoch has had a {} to improve", monitor);
  if (!restores_best(state)) return text;
  return text + fmt::format("; the newest checkpoint holds the weights of epoch {}, the best by {}",
                            best(state)->best_epoch, best_by());
}

}  // namespace generalizer
