#include "trainer/trainer.h"

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "graph/warnings.h"
#include "support/files.h"
#include "trainer/batcher.h"
#include "trainer/divergence.h"
#include "trainer/epoch_sums.h"
#include "trainer/failure.h"
#include "trainer/gallery.h"
#include "trainer/given.h"
#include "trainer/judge.h"
#include "trainer/keeper.h"
#include "trainer/materials.h"
#include "trainer/measurement.h"
#include "trainer/order.h"
#include "trainer/pace.h"
#include "trainer/rates.h"
#include "trainer/record.h"
#include "trainer/restarts.h"
#include "trainer/run_folder.h"

namespace generalizer {
namespace {

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
        measurement_(network_, materials.data),
        gallery_(network_, test(), spec().train.pictures),
        keeper_(folder_.checkpoints(), network_, spec().train.keep_checkpoints),
        judge_(spec().train),
        length_(length_of(spec().train, train().size())),
        rates_(network_, length_.steps, length_.per_epoch),
        restarts_(network_, length_.per_epoch),
        divergence_(network_, train()) {
    log_.flush_on(spdlog::level::info);
  }

  void begin() {
    network_.initialize();
    give_mean_images(network_, train());
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
    std::erase_if(epochs_, [&](const EpochMetrics& epoch) { return epoch.epoch > state_.epoch; });
    folder_.write_metrics(epochs_);
    log_.info("goes on from {}: epoch {}, step {}", checkpoint_, state_.epoch, state_.step);
  }

  TrainingResult run() {
    record_ = make_record(network_, train(), registry_, options_.command);
    folder_.write_record(record_);
    log_.info("{} images to train on, {} to test, {}", train().size(), test().size(),
              network_.session().device());
    keeper_.begin(state_);
    observer_.started(folder_.path().string(), network_.session().device(), train().size(), state_.epoch + 1);
    for (const Diagnostic& warning : warnings_of(network_.graph()))
      warn(fmt::format("{}:{}: {}; {}.", warning.where.file, warning.where.line, warning.message, warning.hint));
    for (const std::string& sentence : decoders_never_due(spec(), length_)) warn(sentence);
    try {
      TrainingEnd end = judge_.stops(state_) ? TrainingEnd::stopped_early : TrainingEnd::finished;
      while (state_.step < length_.steps && end == TrainingEnd::finished) end = run_epoch();
      return result(end);
    } catch (const BackendError& error) {
      const TrainingError stopped(fmt::format("{} The training was in step {}. {}", error.what(), state_.step + 1, how_to_go_on()));
      log_.error(stopped.what());
      throw stopped;
    } catch (const std::exception& error) {
      log_.error(error.what());
      throw;
    }
  }

 private:
  const GraphSpec& spec() const { return network_.graph().spec(); }
  const Dataset& train() const { return *materials_.data.train; }
  const Dataset& test() const { return *materials_.data.test; }

  void warn(const std::string& message) {
    log_.warn(message);
    observer_.warning(message);
  }

  TrainingEnd run_epoch() {
    const std::int64_t epoch = state_.epoch + 1;
    if (state_.step_in_epoch == 0) {
      clear_train_sums(network_);
      restarts_.epoch_begins(state_);
    }
    Batcher batcher(train(), network_.session(), network_.floating(), spec().train.batch,
                    epoch_order(train().size(), spec().seed, epoch, spec().train.shuffle),
                    state_.step_in_epoch * spec().train.batch, epoch, spec().data.prefetch);
    pace_.begin(length_.per_epoch);
    if (stop_requested()) return interrupt();
    for (Batch batch = batcher.next(); batch.count > 0; batch = batcher.next()) {
      run_step(batch);
      if (stop_requested()) return interrupt();
      if (state_.step == length_.steps) break;
    }
    network_.session().synchronize();
    const double seconds = pace_.seconds();
    check_health();
    finish_epoch(epoch, seconds);
    return judge_.stops(state_) ? TrainingEnd::stopped_early : TrainingEnd::finished;
  }

  /// After a device has failed.
  std::string how_to_go_on() const {
    if (checkpoint_.empty()) return "No checkpoint had been written: start it anew.";
    return fmt::format("The weights in {} are safe: `generalizer train --resume {}` goes on from there.", checkpoint_,
                       folder_.path().string());
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
    pace_.step_begins();
    rates_.set(state_);
    alternation_.run(batch, state_.step + 1);
    ++state_.step;
    ++state_.step_in_epoch;
    pace_.step_ends(batch.count);
    if (!startup_noted_) note_startup();
    if (!pace_.due()) return;
    check_health();
    keeper_.went_well(state_);
    report_progress();
  }

  /// From the start of the process to the end of the first step, reading the data apart.
  void note_startup() {
    network_.session().synchronize();
    startup_noted_ = true;
    record_["startup_seconds"] =
        seconds_between(options_.process_start, Pace::Clock::now()) - materials_.data_seconds;
    record_["data_seconds"] = materials_.data_seconds;
    folder_.write_record(record_);
  }

  void report_progress() {
    const double rate = pace_.images_per_second();
    const std::int64_t steps_left = length_.steps - state_.step;
    const std::int64_t steps_here = std::min(length_.per_epoch, state_.step_in_epoch + steps_left);
    observer_.progress({state_.epoch + 1, length_.epochs(), state_.step_in_epoch, steps_here, rate,
                        static_cast<double>(steps_left * spec().train.batch) / rate});
  }

  void finish_epoch(std::int64_t epoch, double seconds) {
    EpochMetrics metrics;
    metrics.epoch = epoch;
    metrics.step = state_.step;
    metrics.seconds = seconds;
    metrics.images_per_second = static_cast<double>(pace_.images()) / seconds;
    metrics.step_ms_median = 1e3 * pace_.median_step_seconds();
    metrics.learning_rate = rates_.classifier_before(state_);
    measurement_.fill(metrics);
    rates_.fill_weights(metrics, state_);
    divergence_.measure(metrics);
    // The last update of an epoch may have thrown the weights off; no step after it has shown that yet.
    if (const auto bad = loss_that_is_no_number(metrics))
      keeper_.stop(fmt::format("after epoch {} {} is no number", epoch, *bad));
    for (const std::string& sentence : divergence_.after(metrics, epochs_)) warn(sentence);
    epochs_.push_back(metrics);
    state_.epoch = epoch;
    state_.step_in_epoch = 0;
    decide(metrics);
    folder_.write_metrics(epochs_);
    gallery_.write(folder_.picture(epoch));
    log_.info("epoch {}: {}", epoch, to_json(metrics).dump());
    if (judge_.stops(state_)) {
      stop_early();
    } else if (state_.step == length_.steps || epoch % spec().train.checkpoint_every == 0) {
      save(true);
    }
    observer_.epoch_done(metrics);
  }

  /// What the epoch's figures decide: learning rates, and which weights are the best so far.
  void decide(const EpochMetrics& metrics) {
    if (rates_.epoch_done(metrics, state_)) log_.info("epoch {}: a learning rate falls on a plateau", metrics.epoch);
    if (!judge_.finds_best(metrics, state_)) return;
    keeper_.save_best(state_);
    log_.info("epoch {} is the best so far by {}", metrics.epoch, judge_.best_by());
    observer_.best_so_far(*best());
  }

  /// Writes the last checkpoint, once: a training killed here makes the same one again, not one that lacks the best weights.
  void stop_early() {
    if (judge_.restores_best(state_)) restore_checkpoint(folder_.best(), network_);
    save(true);
    log_.info(judge_.reason(state_));
  }

  std::optional<BestEpoch> best() const {
    const WatchState* watch = judge_.best(state_);
    if (watch == nullptr) return std::nullopt;
    return BestEpoch{watch->best_epoch, judge_.best_by(), *watch->best, folder_.best().string()};
  }

  TrainingResult result(TrainingEnd end) const {
    const std::string reason = end == TrainingEnd::stopped_early ? judge_.reason(state_) : "";
    return {end, folder_.path().string(), checkpoint_, epochs_, reason, best(), spec().train.steps > 0};
  }

  void save(bool proven) {
    checkpoint_ = keeper_.save(state_, proven);
    observer_.saved(checkpoint_);
  }

  /// Throws when a loss has turned into no number: says at which step, whose, where it comes from and what was kept.
  void check_health() {
    if (network_.scalar("health") != 0.0) return;
    const FailedUpdate failed = find_failed_update(network_, restarts_.begun(state_));
    const std::int64_t epoch = (failed.step - 1) / length_.per_epoch;
    const std::int64_t step_in_epoch = (failed.step - 1) % length_.per_epoch;
    Batcher again(train(), network_.session(), network_.floating(), spec().train.batch,
                  epoch_order(train().size(), spec().seed, epoch + 1, spec().train.shuffle),
                  step_in_epoch * spec().train.batch, epoch + 1, spec().data.prefetch);
    keeper_.stop(fmt::format("the loss of \"{}\" is no number at step {} (epoch {}): {}", failed.player,
                             failed.step, epoch + 1, find_bad_number(network_, again.next())));
  }

  const TrainingOptions& options_;
  TrainingObserver& observer_;
  const Registry& registry_;
  RunFolder folder_;
  spdlog::logger log_;
  Materials& materials_;
  Network& network_;
  Alternation& alternation_;
  Measurement measurement_;
  Gallery gallery_;
  Keeper keeper_;
  Judge judge_;
  TrainingLength length_;
  LearningRates rates_;
  Restarts restarts_;
  Divergence divergence_;
  Pace pace_;

  TrainingState state_;
  std::string checkpoint_;
  std::vector<EpochMetrics> epochs_;
  nlohmann::json record_;
  bool startup_noted_ = false;
};

}  // namespace

TrainingResult train(const GraphSpec& spec, const Registry& registry, const TrainingOptions& options,
                     TrainingObserver& observer) {
  Materials materials(spec, registry);
  check_weight_files(materials.network.graph(), materials.network.variables());
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
  // A run killed before its record was written has trained nothing yet.
  if (std::filesystem::exists(folder.record()))
    check_class_names(class_names_of(folder.read_record()), *materials.data.train);
  if (epochs > 0) replace_file(folder.graph(), to_toml(spec));
  Trainer trainer(materials, folder, registry, options, observer);
  trainer.go_on();
  return trainer.run();
}

}  // namespace generalizer
