#include "trainer/watch.h"

#include <algorithm>
#include <cmath>

namespace generalizer {
namespace {

std::optional<double> of_decoder(const DecoderMetrics& decoder, const std::string& set) {
  if (set == "train") return decoder.train_loss;
  return set == "validation" ? decoder.validation_loss : decoder.test_loss;
}

}  // namespace

std::optional<double> figure_of(const EpochMetrics& metrics, const std::string& monitor) {
  const std::size_t slash = monitor.find('/');
  const std::string set = monitor.substr(0, slash);
  const std::string figure = slash == std::string::npos ? "" : monitor.substr(slash + 1);
  if (figure == "loss" || figure == "accuracy") {
    const ClassifierMetrics& of = set == "train"        ? metrics.train
                                  : set == "validation" ? metrics.validation
                                                        : metrics.test;
    return figure == "loss" ? of.loss : of.accuracy;
  }
  const auto decoder = metrics.decoders.find(figure);
  return decoder == metrics.decoders.end() ? std::nullopt : of_decoder(decoder->second, set);
}

bool improves(WatchState& state, const EpochMetrics& metrics, const std::string& monitor, double minimum_change) {
  const std::optional<double> figure = figure_of(metrics, monitor);
  const bool more = monitor.ends_with("/accuracy");
  const bool better = figure && std::isfinite(*figure) &&
                      (!state.best || (more ? *figure > *state.best + minimum_change
                                            : *figure < *state.best - minimum_change));
  if (!better) {
    ++state.waiting;
    return false;
  }
  state.best = figure;
  state.best_epoch = metrics.epoch;
  state.waiting = 0;
  return true;
}

bool falls_on_plateau(WatchState& state, const EpochMetrics& metrics, const ScheduleSpec& schedule) {
  if (improves(state, metrics, schedule.monitor, schedule.minimum_change) || state.waiting <= schedule.patience)
    return false;
  const double next = std::max(state.factor * schedule.factor, schedule.minimum);
  const bool falls = next < state.factor;
  state.factor = std::min(next, state.factor);
  state.waiting = 0;
  return falls;
}

}  // namespace generalizer
