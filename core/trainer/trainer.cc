#include "trainer/trainer.h"

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "trainer/batcher.h"
#include "trainer/epoch_sums.h"
#include "trainer/failure.h"
#include "support/files.h"
#include "trainer/gallery.h"
#include "trainer/keeper.h"
#include "trainer/materials.h"
#include "trainer/order.h"
#include "trainer/rates.h"
#include "trainer/record.h"
#include "trainer/run_folder.h"

namespace generalizer {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

double median(std::vector<double>& values) {
  if (values.empty()) return 0.0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// One training from its first step, or from where it stopped, to its end.
class Trainer {
 public:
  Trainer(Materials& materials, RunFolder folder, const Registry& registry, const TrainingOptions& options,
          TrainingObserver& observer)
      : options_(options),
        observer_(observer),
        registry_(registry),
        folder_(std::move(folder)),
        // A logger of this training's own: no global, and two trainings in one process don't mix.
        log_("training", std::make_shared<spdlog::sinks::basic_file_sink_mt>(folder_.log().string())),
        materials_(materials),
        network_(materials.network),
        alternation_(materials.alternation),
        evaluator_(network_),
        gallery_(network_, test(), spec().train.pictures),
        keeper_(folder_.checkpoints(), network_, spec().train.keep_checkpoints),
        rates_(network_, total_steps(), steps_per_epoch()) {
    log_.flush_on(spdlog::level::info);
  }

  void begin() {
    network_.initialize();
    folder_.write_metrics({});
  }

  void go_on() {
    // Killed before the first checkpoint: the seed makes the same beginning again.
    if (checkpoints_of(folder_.checkpoints()).empty()) return begin();
    const RestoredCheckpoint restored =
        restore_newest(folder_.checkpoints(), network_, [&](const std::string& message) { warn(message); });
    state_ = restored.state;
    checkpoint_ = restored.file.string();
    epochs_ = folder_.read_metrics();
    // What was measured after the checkpoint will be measured again.
    std::erase_if(epochs_, [&](const EpochMetrics& metrics) { return metrics.epoch > state_.epoch; });
    folder_.write_metrics(epochs_);
    log_.info("goes on from {}: epoch {}, step {}", checkpoint_, state_.epoch, state_.step);
  }

  TrainingResult run() {
    record_ = make_record(network_, registry_, options_.command);
    folder_.write_record(record_);
    log_.info("{} images to train on, {} to test, {}", train().size(), test().size(),
              network_.session().device());
    keeper_.begin(state_);
    observer_.started(folder_.path().string(), network_.session().device(), train().size(), state_.epoch + 1);
    try {
      TrainingEnd end = TrainingEnd::finished;
      if (has_stopped_early()) end = TrainingEnd::stopped_early;
      while (state_.step < total_steps() && end == TrainingEnd::finished) end = run_epoch();
      return {end, folder_.path().string(), checkpoint_, epochs_, end_reason(end)};
    } catch (const std::exception& error) {
      log_.error(error.what());
      throw;
    }
  }

 private:
  const GraphSpec& spec() const { return network_.graph().spec(); }
  const Dataset& train() const { return *materials_.data.train; }
  const Dataset& test() const { return *materials_.data.test; }

  std::int64_t steps_per_epoch() const {
    return (train().size() + spec().train.batch - 1) / spec().train.batch;
  }

  /// Of the classifier, in the whole training.
  std::int64_t total_steps() const {
    return spec().train.steps > 0 ? spec().train.steps : spec().train.epochs * steps_per_epoch();
  }
  /// The last one may be short.
  std::int64_t epochs() const { return (total_steps() + steps_per_epoch() - 1) / steps_per_epoch(); }

  void warn(const std::string& message) {
    log_.warn(message);
    observer_.warning(message);
  }

  TrainingEnd run_epoch() {
    const std::int64_t epoch = state_.epoch + 1;
    if (state_.step_in_epoch == 0) clear_train_sums(network_);
    Batcher batcher(train(), network_.session(), network_.floating(), spec().train.batch,
                    epoch_order(train().size(), spec().seed, epoch, spec().train.shuffle),
                    state_.step_in_epoch * spec().train.batch, epoch, spec().data.prefetch);
    step_seconds_.clear();
    step_seconds_.reserve(static_cast<std::size_t>(steps_per_epoch()));
    epoch_start_ = Clock::now();
    images_done_ = 0;
    if (stop_requested()) return interrupt();
    for (Batch batch = batcher.next(); batch.count > 0; batch = batcher.next()) {
      run_step(batch);
      if (stop_requested()) return interrupt();
      if (state_.step == total_steps()) break;
    }
    network_.session().synchronize();
    const double seconds = seconds_between(epoch_start_, Clock::now());
    check_health();
    finish_epoch(epoch, seconds);
    return has_stopped_early() ? stop_early() : TrainingEnd::finished;
  }

  bool stop_requested() const { return options_.stop_requested && options_.stop_requested(); }

  TrainingEnd interrupt() {
    network_.session().synchronize();
    check_health();
    save(false);
    log_.info("stopped at step {} as asked", state_.step);
    return TrainingEnd::interrupted;
  }

  void run_step(const Batch& batch) {
    const Clock::time_point before = Clock::now();
    rates_.set(state_);
    alternation_.run(batch, state_.step + 1);
    ++state_.step;
    ++state_.step_in_epoch;
    images_done_ += batch.count;
    const Clock::time_point now = Clock::now();
    step_seconds_.push_back(seconds_between(before, now));
    if (!startup_noted_) note_startup();
    if (seconds_between(last_progress_, now) >= 0.1) {
      check_health();
      keeper_.went_well(state_);
      report_progress(now);
    }
  }

  /// From the start of the process to the end of the first step, reading the data apart.
  void note_startup() {
    network_.session().synchronize();
    startup_noted_ = true;
    record_["startup_seconds"] =
        seconds_between(options_.process_start, Clock::now()) - materials_.data_seconds;
    record_["data_seconds"] = materials_.data_seconds;
    folder_.write_record(record_);
  }

  void report_progress(Clock::time_point now) {
    last_progress_ = now;
    const double rate =
        static_cast<double>(images_done_) / std::max(seconds_between(epoch_start_, now), 1e-9);
    const std::int64_t steps_left = total_steps() - state_.step;
    const std::int64_t steps_here = std::min(steps_per_epoch(), state_.step_in_epoch + steps_left);
    observer_.progress({state_.epoch + 1, epochs(), state_.step_in_epoch, steps_here, rate,
                        static_cast<double>(steps_left * spec().train.batch) / rate});
  }

  void finish_epoch(std::int64_t epoch, double seconds) {
    EpochMetrics metrics;
    metrics.epoch = epoch;
    metrics.step = state_.step;
    metrics.seconds = seconds;
    metrics.images_per_second = static_cast<double>(images_done_) / seconds;
    metrics.step_ms_median = 1e3 * median(step_seconds_);
    metrics.train = train_means(network_);
    const Evaluator::Result tested = evaluator_.run(test());
    metrics.test = tested.classifier;
    metrics.learning_rate = rates_.classifier_before(state_);
    Evaluator::Result validated;
    if (materials_.data.validation) validated = evaluator_.run(*materials_.data.validation);
    metrics.validation = validated.classifier;
    for (const DecoderSpec& decoder : spec().decoders) {
      const std::string& name = decoder.name.text;
      DecoderMetrics& m = metrics.decoders[name];
      m.train_loss = decoder_train_mean(network_, name);
      if (validated.decoder_losses.contains(name)) m.validation_loss = validated.decoder_losses.at(name);
      if (tested.decoder_losses.contains(name)) m.test_loss = tested.decoder_losses.at(name);
      m.mean_image_loss = mean_image_loss(decoder);
    }
    check_finite(metrics);
    epochs_.push_back(metrics);
    state_.epoch = epoch;
    state_.step_in_epoch = 0;
    judge(metrics);
    folder_.write_metrics(epochs_);
    gallery_.write(folder_.picture(epoch));
    if (epoch % spec().train.checkpoint_every == 0 || state_.step == total_steps() || has_stopped_early())
      save(true);
    log_.info("epoch {}: {}", epoch, to_json(metrics).dump());
    observer_.epoch_done(metrics);
  }

  /// Which figure's best epoch is kept: the one that is asked for, or the one that decides when to stop.
  std::string best_by() const {
    const TrainSpec& train = spec().train;
    if (!train.best_by.empty() || !train.early_stopping || !train.early_stopping->restore_best)
      return train.best_by;
    return train.early_stopping->monitor;
  }

  /// What the epoch's figures decide: learning rates, which weights are the best so far, whether to go on.
  void judge(const EpochMetrics& metrics) {
    if (rates_.epoch_done(metrics, state_)) log_.info("epoch {}: a learning rate falls on a plateau", metrics.epoch);
    if (const auto& stopping = spec().train.early_stopping)
      improves(state_.watches["early_stopping"], metrics, stopping->monitor, stopping->minimum_change);
    const std::string by = best_by();
    if (by.empty() || !improves(state_.watches["best"], metrics, by, 0.0)) return;
    keeper_.save_best(state_);
    log_.info("epoch {} is the best so far by {}", metrics.epoch, by);
  }

  bool has_stopped_early() const {
    const auto watch = state_.watches.find("early_stopping");
    return spec().train.early_stopping && watch != state_.watches.end() &&
           watch->second.waiting >= spec().train.early_stopping->patience;
  }

  /// Makes the best weights the newest checkpoint's, where that is wanted.
  TrainingEnd stop_early() {
    if (spec().train.early_stopping->restore_best) {
      const TrainingState end = state_;
      restore_checkpoint(folder_.checkpoints() / "best.safetensors", network_);
      state_ = end;
      save(true);
    }
    log_.info(end_reason(TrainingEnd::stopped_early));
    return TrainingEnd::stopped_early;
  }

  std::string end_reason(TrainingEnd end) const {
    if (end != TrainingEnd::stopped_early) return {};
    const EarlyStoppingSpec& stopping = *spec().train.early_stopping;
    return fmt::format("stopped early after epoch {}: {} has not improved since epoch {}{}", state_.epoch,
                       stopping.monitor, state_.watches.at("early_stopping").best_epoch,
                       stopping.restore_best
                           ? fmt::format("; the newest checkpoint holds the weights of epoch {}, the best by {}",
                                         state_.watches.at("best").best_epoch, best_by())
                           : "");
  }

  /// The last update of an epoch may have thrown the weights off; no step after it has shown that yet.
  void check_finite(const EpochMetrics& metrics) {
    const auto bad = [](const std::optional<double>& loss) { return loss && !std::isfinite(*loss); };
    if (bad(metrics.validation.loss))
      keeper_.stop(fmt::format("after epoch {} the classifier's validation loss is no number", metrics.epoch));
    if (bad(metrics.test.loss))
      keeper_.stop(fmt::format("after epoch {} the classifier's test loss is no number", metrics.epoch));
    for (const auto& [name, decoder] : metrics.decoders) {
      if (bad(decoder.test_loss))
        keeper_.stop(fmt::format("after epoch {} the test loss of \"{}\" is no number", metrics.epoch, name));
    }
  }

  std::optional<double> mean_image_loss(const DecoderSpec& decoder) {
    if (decoder.target.text != "image" || !decoder.loss.single() || decoder.loss.single()->type.text != "mse") return std::nullopt;
    if (!mean_image_mse_) mean_image_mse_ = mean_image_mse(train(), test());
    return mean_image_mse_;
  }

  void save(bool proven) {
    checkpoint_ = keeper_.save(state_, proven);
    observer_.saved(checkpoint_);
  }

  /// Throws when a loss has turned into no number: says at which step, whose, where it comes from and what was kept.
  void check_health() {
    if (network_.scalar("health") != 0.0) return;
    const FailedUpdate failed = find_failed_update(network_);
    const std::int64_t epoch = (failed.step - 1) / steps_per_epoch();
    const std::int64_t step_in_epoch = (failed.step - 1) % steps_per_epoch();
    Batcher again(train(), network_.session(), network_.floating(), spec().train.batch,
                  epoch_order(train().size(), spec().seed, epoch + 1, spec().train.shuffle),
                  step_in_epoch * spec().train.batch, epoch + 1, spec().data.prefetch);
    const std::string cause = find_bad_number(network_, again.next());
    keeper_.stop(fmt::format("the loss of \"{}\" is no number at step {} (epoch {}): {}", failed.player,
                             failed.step, epoch + 1, cause));
  }

  const TrainingOptions& options_;
  TrainingObserver& observer_;
  const Registry& registry_;
  RunFolder folder_;
  spdlog::logger log_;
  Materials& materials_;
  Network& network_;
  Alternation& alternation_;
  Evaluator evaluator_;
  Gallery gallery_;
  Keeper keeper_;
  LearningRates rates_;
  std::optional<double> mean_image_mse_;

  TrainingState state_;
  std::string checkpoint_;
  std::vector<EpochMetrics> epochs_;
  nlohmann::json record_;
  bool startup_noted_ = false;

  Clock::time_point epoch_start_;
  Clock::time_point last_progress_;
  std::int64_t images_done_ = 0;
  std::vector<double> step_seconds_;
};

}  // namespace

TrainingResult train(const GraphSpec& spec, const Registry& registry, const TrainingOptions& options,
                     TrainingObserver& observer) {
  Materials materials(spec, registry);
  const RunFolder folder = RunFolder::create(options.out, spec.name);
  const RunLock lock(folder);
  replace_file(folder.graph(), to_toml(spec));
  Trainer trainer(materials, folder, registry, options, observer);
  trainer.begin();
  return trainer.run();
}

TrainingResult resume(const std::string& run, std::int64_t epochs, const Registry& registry,
                      const TrainingOptions& options, TrainingObserver& observer) {
  const RunFolder folder = RunFolder::open(run);
  const RunLock lock(folder);
  GraphSpec spec = read_graph(folder.graph().string(), registry);
  if (epochs > 0) {
    if (spec.train.steps > 0) {
      throw GraphError({"--epochs " + std::to_string(epochs), 0, 0, {}},
                       fmt::format("{} trains for {} steps, as its graph says, not for epochs", run, spec.train.steps),
                       "resume it without --epochs; nothing was changed");
    }
    const std::vector<EpochMetrics> trained = folder.read_metrics();
    if (!trained.empty() && epochs < trained.back().epoch) {
      throw GraphError({"--epochs " + std::to_string(epochs), 0, 0, {}},
                       fmt::format("{} has trained {} epochs already", run, trained.back().epoch),
                       "give more epochs than that to train longer; nothing was changed");
    }
    spec.train.epochs = epochs;
  }
  Materials materials(spec, registry);
  if (epochs > 0) replace_file(folder.graph(), to_toml(spec));
  Trainer trainer(materials, folder, registry, options, observer);
  trainer.go_on();
  return trainer.run();
}

}  // namespace generalizer
