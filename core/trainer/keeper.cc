#include "trainer/keeper.h"

#include <fmt/format.h>

#include <algorithm>

#include "trainer/divergence.h"
#include "trainer/failure.h"

namespace generalizer {
namespace {

constexpr std::chrono::seconds between_snapshots{2};

}  // namespace

void Keeper::begin(const TrainingState& state) {
  good_ = take_snapshot(network_, state);
  next_ = Clock::now() + between_snapshots;
}

void Keeper::went_well(const TrainingState& state) {
  if (candidate_ && state.step > candidate_->state.step) {
    good_ = std::move(*candidate_);
    candidate_.reset();
  }
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  candidate_ = checked_snapshot(state);
  const Clock::time_point after = Clock::now();
  next_ = after + std::max<Clock::duration>(between_snapshots, 100 * (after - now));
}

std::string Keeper::save(const TrainingState& state, bool proven) {
  Snapshot snapshot = checked_snapshot(state);
  if (proven) good_ = snapshot;
  return save_checkpoint(folder_, std::move(snapshot), keep_).string();
}

std::string Keeper::save_best(const TrainingState& state) {
  return generalizer::save_best(folder_, checked_snapshot(state)).string();
}

void Keeper::stop(const std::string& reason) {
  // One more than usual is kept: what an earlier epoch left may be the better one.
  const std::int64_t step = good_.state.step;
  const std::string help = keys_that_help(network_.graph().spec());
  const std::string file = save_checkpoint(folder_, std::move(good_), keep_ + 1).string();
  throw TrainingError(fmt::format(
      "{}. The training was stopped. The last good weights, of step {}, are in {}. A new run with a smaller "
      "learning_rate or decoder weight "
      "(--set decoder.weight=…) usually goes better; to resume this one would take the same steps again.{}",
      reason, step, file, help.empty() ? "" : " " + help));
}

Snapshot Keeper::checked_snapshot(const TrainingState& state) {
  Snapshot snapshot = take_snapshot(network_, state);
  if (const auto bad = find_bad_variable(snapshot, network_))
    stop(fmt::format("after step {} {}, which is no number to go on with", state.step, *bad));
  return snapshot;
}

}  // namespace generalizer
