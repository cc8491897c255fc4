#include "trainer/trainer.h"

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "trainer/batcher.h"
#include "trainer/checkpoint.h"
#include "trainer/failure.h"
#include "trainer/files.h"
#include "trainer/gallery.h"
#include "trainer/materials.h"
#include "trainer/order.h"
#include "trainer/record.h"
#include "trainer/run_folder.h"
#include "trainer/steps.h"

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
        alternation_(network_),
        evaluator_(network_),
        gallery_(network_, *materials.test, spec().train.pictures) {
    log_.flush_on(spdlog::level::info);
  }

  void begin() {
    network_.initialize();
    folder_.write_metrics({});
  }

  void go_on() {
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
    last_good_.begin(network_, state_);
    observer_.started(folder_.path().string(), network_.session().device(), train().size(), state_.epoch + 1);
    TrainingEnd end = TrainingEnd::finished;
    while (state_.epoch < spec().train.epochs && end == TrainingEnd::finished) end = run_epoch();
    return {end, folder_.path().string(), checkpoint_, epochs_};
  }

 private:
  const GraphSpec& spec() const { return network_.graph().spec(); }
  const Dataset& train() const { return *materials_.train; }
  const Dataset& test() const { return *materials_.test; }

  std::int64_t steps_per_epoch() const {
    return (train().size() + spec().train.batch - 1) / spec().train.batch;
  }

  void warn(const std::string& message) {
    log_.warn(message);
    observer_.warning(message);
  }

  TrainingEnd run_epoch() {
    const std::int64_t epoch = state_.epoch + 1;
    if (state_.step_in_epoch == 0) clear_train_metrics();
    Batcher batcher(train(), network_.session(), network_.floating(), spec().train.batch,
                    epoch_order(train().size(), spec().seed, epoch, spec().train.shuffle),
                    state_.step_in_epoch * spec().train.batch);
    step_seconds_.clear();
    step_seconds_.reserve(static_cast<std::size_t>(steps_per_epoch()));
    epoch_start_ = Clock::now();
    images_done_ = 0;
    for (Batch batch = batcher.next(); batch.count > 0; batch = batcher.next()) {
      run_step(batch);
      if (options_.stop_requested && options_.stop_requested()) {
        network_.session().synchronize();
        check_health();
        save();
        log_.info("stopped at step {} as asked", state_.step);
        return TrainingEnd::interrupted;
      }
    }
    network_.session().synchronize();
    const double seconds = seconds_between(epoch_start_, Clock::now());
    check_health();
    finish_epoch(epoch, seconds);
    return TrainingEnd::finished;
  }

  void run_step(const Batch& batch) {
    const Clock::time_point before = Clock::now();
    alternation_.run(batch, state_.step + 1);
    ++state_.step;
    ++state_.step_in_epoch;
    images_done_ += batch.count;
    const Clock::time_point now = Clock::now();
    step_seconds_.push_back(seconds_between(before, now));
    if (!startup_noted_) note_startup();
    if (seconds_between(last_progress_, now) >= 0.1) {
      check_health();
      last_good_.went_well(network_, state_);
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
    const std::int64_t steps_left =
        (spec().train.epochs - state_.epoch) * steps_per_epoch() - state_.step_in_epoch;
    observer_.progress({state_.epoch + 1, spec().train.epochs, state_.step_in_epoch, steps_per_epoch(), rate,
                        static_cast<double>(steps_left * spec().train.batch) / rate});
  }

  void clear_train_metrics() {
    for (const VariableDeclaration& variable : network_.variables()) {
      if (variable.role == VariableRole::metric && variable.name.starts_with("metrics/train/"))
        network_.set_scalar(variable.name, 0.0);
    }
  }

  /// A sum over the epoch divided by the images it is over; none when there are none.
  std::optional<double> train_mean(const std::string& sum, const std::string& images) const {
    const auto& known = network_.session().variables();
    if (!known.contains("metrics/train/" + sum) || !known.contains("metrics/train/" + images))
      return std::nullopt;
    const double count = network_.scalar("metrics/train/" + images);
    return count > 0 ? std::optional(network_.scalar("metrics/train/" + sum) / count) : std::nullopt;
  }

  void finish_epoch(std::int64_t epoch, double seconds) {
    EpochMetrics metrics;
    metrics.epoch = epoch;
    metrics.step = state_.step;
    metrics.seconds = seconds;
    metrics.images_per_second = static_cast<double>(images_done_) / seconds;
    metrics.step_ms_median = 1e3 * median(step_seconds_);
    metrics.train = {train_mean("loss", "images"), train_mean("correct", "images")};
    const Evaluator::Result tested = evaluator_.run(test());
    metrics.test = tested.classifier;
    for (const DecoderSpec& decoder : spec().decoders) {
      const std::string& name = decoder.name.text;
      DecoderMetrics& m = metrics.decoders[name];
      m.train_loss = train_mean(name + "/loss", name + "/images");
      if (tested.decoder_losses.contains(name)) m.test_loss = tested.decoder_losses.at(name);
      m.mean_image_loss = mean_image_loss(decoder);
    }
    check_finite(metrics);
    epochs_.push_back(metrics);
    state_.epoch = epoch;
    state_.step_in_epoch = 0;
    folder_.write_metrics(epochs_);
    gallery_.write(folder_.picture(epoch));
    if (epoch % spec().train.checkpoint_every == 0 || epoch == spec().train.epochs) save();
    log_.info("epoch {}: {}", epoch, to_json(metrics).dump());
    observer_.epoch_done(metrics);
  }

  /// The last update of an epoch may have thrown the weights off; no step after it has shown that yet.
  void check_finite(const EpochMetrics& metrics) {
    const auto bad = [](const std::optional<double>& loss) { return loss && !std::isfinite(*loss); };
    if (bad(metrics.test.loss))
      stop(fmt::format("after epoch {} the classifier's test loss is no number", metrics.epoch));
    for (const auto& [name, decoder] : metrics.decoders) {
      if (bad(decoder.test_loss))
        stop(fmt::format("after epoch {} the test loss of \"{}\" is no number", metrics.epoch, name));
    }
  }

  std::optional<double> mean_image_loss(const DecoderSpec& decoder) {
    if (decoder.target.text != "image" || decoder.loss.type.text != "mse") return std::nullopt;
    if (!mean_image_mse_) mean_image_mse_ = mean_image_mse(train(), test());
    return mean_image_mse_;
  }

  void save() {
    checkpoint_ =
        save_checkpoint(folder_.checkpoints(), take_snapshot(network_, state_), spec().train.keep_checkpoints)
            .string();
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
                  step_in_epoch * spec().train.batch);
    const std::string cause = find_bad_number(network_, again.next());
    stop(fmt::format("the loss of \"{}\" is no number at step {} (epoch {}): {}", failed.player, failed.step,
                     epoch + 1, cause));
  }

  /// Keeps the last good weights and throws.
  [[noreturn]] void stop(const std::string& reason) {
    // One more than usual is kept: what an earlier epoch left may be the better one.
    checkpoint_ =
        save_checkpoint(folder_.checkpoints(), last_good_.snapshot(), spec().train.keep_checkpoints + 1)
            .string();
    const std::string message = fmt::format(
        "{}. The training was stopped. The last good weights, of step {}, are in {}. A smaller learning_rate "
        "or decoder weight "
        "usually cures this.",
        reason, last_good_.snapshot().state.step, checkpoint_);
    log_.error(message);
    throw TrainingError(message);
  }

  const TrainingOptions& options_;
  TrainingObserver& observer_;
  const Registry& registry_;
  RunFolder folder_;
  spdlog::logger log_;
  Materials& materials_;
  Network& network_;
  Alternation alternation_;
  Evaluator evaluator_;
  Gallery gallery_;
  std::optional<double> mean_image_mse_;

  TrainingState state_;
  LastGood last_good_;
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
  replace_file(folder.graph(), to_toml(spec));
  Trainer trainer(materials, folder, registry, options, observer);
  trainer.begin();
  return trainer.run();
}

TrainingResult resume(const std::string& run, std::int64_t epochs, const Registry& registry,
                      const TrainingOptions& options, TrainingObserver& observer) {
  const RunFolder folder = RunFolder::open(run);
  GraphSpec spec = read_graph(folder.graph().string(), registry);
  if (epochs > 0) {
    spec.train.epochs = epochs;
    replace_file(folder.graph(), to_toml(spec));
  }
  Materials materials(spec, registry);
  Trainer trainer(materials, folder, registry, options, observer);
  trainer.go_on();
  return trainer.run();
}

}  // namespace generalizer
