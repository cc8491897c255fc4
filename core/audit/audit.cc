#include "audit/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "audit/audit_pictures.h"
#include "audit/baseline.h"
#include "audit/earlier_audit.h"
#include "audit/packed.h"
#include "audit/yardsticks.h"
#include "data/label_noise.h"
#include "data/subset.h"
#include "support/files.h"
#include "trainer/record.h"
#include "trainer/run_folder.h"

namespace generalizer {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

std::shared_ptr<const Dataset> limited(std::shared_ptr<const Dataset> data, std::int64_t images) {
  if (images == 0 || images >= data->size()) return data;
  std::vector<std::int64_t> first(static_cast<std::size_t>(images));
  for (std::size_t i = 0; i < first.size(); ++i) first[i] = static_cast<std::int64_t>(i);
  return std::make_shared<Subset>(std::move(data), std::move(first));
}

std::vector<std::int32_t> labels_of(const Dataset& data) {
  std::vector<std::int32_t> labels;
  if (data.classes() == 0) return labels;
  for (std::int64_t i = 0; i < data.size(); ++i) labels.push_back(data.label(i));
  return labels;
}

/// One audit from its beginning to its end.
class Audit {
 public:
  Audit(const std::string& run, const AuditOptions& options, const Registry& registry, AuditObserver& observer)
      : run_(run), options_(options), registry_(registry), observer_(observer) {}

  AuditReport run() {
    load();
    read_attackers();
    measure_yardsticks();
    measure_memorisation();
    prepare_baseline();
    for (std::size_t i = 0; i < taps_.size(); ++i) report_.taps.push_back(audit_tap(i));
    report_.seconds = std::chrono::duration<double>(Clock::now() - begun_).count();
    write();
    return std::move(report_);
  }

 private:
  const GraphSpec& spec() const { return loaded_.network->graph().spec(); }

  void load() {
    loaded_ = load_run(run_, registry_, options_.backend, options_.checkpoint);
    for (const std::string& warning : loaded_.warnings) observer_.warning(warning);
    Splits data = open_splits(spec(), registry_);
    if (data.test->image_shape() != loaded_.network->graph().data().image) {
      throw DataError("the run was trained on images of " + loaded_.network->graph().data().image.to_string() + " and the data's are " +
                      data.test->image_shape().to_string() + ".");
    }
    check_class_names(loaded_.class_names, *data.test);
    images_.normalization = data.normalization;
    images_.train = limited(std::move(data.train), options_.images);
    images_.test = limited(std::move(data.test), options_.images);
    images_.parts = fit_parts(images_.train->size(), 0);  // the same for every run, so that a baseline's attacks serve many
    images_.train_pixels = pixels_of(*images_.train, images_.normalization);
    images_.test_pixels = pixels_of(*images_.test, images_.normalization);
    taps_ = tap_names();
    begin_report();
  }

  void begin_report() {
    report_.run = run_;
    report_.checkpoint = loaded_.checkpoint;
    report_.epoch = loaded_.epoch;
    report_.device = loaded_.network->session().device();
    report_.train_images = images_.train->size();
    report_.held_out_images = static_cast<std::int64_t>(images_.parts.held_out.size());
    report_.test_images = images_.test->size();
    report_.image = images_.test->image_shape();
    report_.label_noise = spec().data.label_noise;
  }

  /// What is attacked: the layer asked for, or what each decoder is fed, each once.
  std::vector<std::vector<std::string>> tap_names() const {
    if (!options_.tap.empty()) return {{options_.tap}};
    std::vector<std::vector<std::string>> taps;
    for (const DecoderSpec& decoder : spec().decoders) {
      std::vector<std::string> names;
      for (const Located& tap : decoder.taps) names.push_back(tap.text);
      if (std::find(taps.begin(), taps.end(), names) == taps.end()) taps.push_back(std::move(names));
    }
    if (!taps.empty()) return taps;
    throw GraphError({"--tap", 0, 0, {}}, "the graph of " + run_ + " has no decoder that says which layer is the representation",
                     "name it: --tap LAYER");
  }

  void read_attackers() {
    for (const std::string& name : options_.attackers) attackers_.push_back(own_attacker(name, report_.image, registry_));
    for (const GraphSource& source : options_.attacker_files) attackers_.push_back(read_attacker(source, registry_));
    for (std::size_t i = 0; i < attackers_.size(); ++i) {
      for (std::size_t k = 0; k < i; ++k) {
        if (attackers_[k].name != attackers_[i].name) continue;
        throw GraphError({attackers_[i].file.empty() ? "--attackers " + attackers_[i].name : attackers_[i].file, 0, 0, {}},
                         "two attackers are called \"" + attackers_[i].name + "\"", "give one of them another name, by the key name of its file");
      }
    }
    for (const Attacker& attacker : attackers_) check_fit(attacker);
    if (attackers_.empty()) throw GraphError({"--attackers", 0, 0, {}}, "there is no attacker", "name at least one: --attackers linear");
  }

  /// Layers that don't fit are told before anything is trained.
  void check_fit(const Attacker& attacker) {
    for (const auto& names : taps_) {
      const Shape shape = Tap(*loaded_.network, names, registry_).shape();
      Graph(attack_graph(attacker, shape, report_.image, spec(), options_.batch, 0, registry_),
            {{1, 1, shape.elements() + report_.image.elements()}, 0}, registry_);
    }
  }

  void measure_yardsticks() {
    true_labels_ = labels_of(*images_.train);
    if (spec().data.label_noise > 0) {
      GraphSpec clean = spec();
      clean.data.label_noise = 0;
      true_labels_ = labels_of(*limited(std::move(open_training_splits(clean, registry_).train), options_.images));
    }
    const std::size_t count = images_.test_pixels.images();
    mean_ = repeated(mean_image(images_.train_pixels), count);
    report_.mean_image = image_quality(mean_, images_.test_pixels.values, report_.image);
    if (images_.test->classes() == 0) return;
    class_mean_ = class_means(images_.train_pixels, true_labels_, images_.train->classes(), labels_of(*images_.test));
    report_.class_mean = image_quality(class_mean_, images_.test_pixels.values, report_.image);
  }

  Answers answers_of(const Dataset& data, std::vector<std::int32_t> labels) {
    const Network& network = *loaded_.network;
    Representation logits = output_over(
        *loaded_.network, [&](std::int64_t batch) { return prediction(network.graph(), batch); }, "logits", data, options_.stop_requested);
    return {data.classes(), std::move(logits.values), std::move(labels)};
  }

  void measure_memorisation() {
    if (!spec().classifier.loss || images_.train->classes() < 2) return;
    const Answers train = answers_of(*images_.train, labels_of(*images_.train));
    const Answers test = answers_of(*images_.test, labels_of(*images_.test));
    report_.train_loss = train.mean_loss();
    report_.train_accuracy = train.accuracy();
    report_.test_loss = test.mean_loss();
    report_.test_accuracy = test.accuracy();
    // Had they been trained on, as many of their labels would be wrong: else noise alone would tell members from others.
    Answers others = test;
    if (spec().data.label_noise > 0)
      others.labels = labels_of(NoisyLabels(images_.test, spec().data.label_noise, spec().seed + 1));
    report_.membership = Membership{loss_attack(train, others), likelihood_ratio_attack(train, others, spec().seed)};
    report_.wrong_labels = wrong_labels(train, true_labels_);
  }

  void prepare_baseline() {
    if (options_.without_baseline) return;
    if (!options_.baseline.empty()) {
      load_baseline(options_.baseline);
      return;
    }
    const RunFolder folder = RunFolder::open(run_);
    std::vector<Override> overrides;
    if (!options_.backend.empty()) overrides.push_back({"backend=" + options_.backend});
    const GraphSpec own = read_graph(folder.graph().string(), registry_, overrides);  // the network's own may hold more than was written
    if (!has_negative_term(own)) {
      report_.baseline = run_;  // its own baseline: nothing is trained or attacked twice
      observer_.note("The run has no negative term: it is its own baseline. Another is given by --baseline RUN.");
      return;
    }
    const std::vector<EpochMetrics> epochs = folder.read_metrics();
    if (epochs.empty())
      throw DataError("The run " + run_ + " has not finished an epoch, so there is nothing to train a baseline by. Train it further, or say --no-baseline.");
    observer_.note("Training the baseline: the same network without the negative term.");
    TrainingOptions training;
    training.command = options_.command;
    training.stop_requested = options_.stop_requested;
    load_baseline(train_baseline(run_, own, epochs.back().epoch, registry_, training, observer_.training()));
  }

  void load_baseline(const std::string& folder) {
    baseline_ = load_run(folder, registry_, options_.backend, "newest");
    for (const std::string& warning : baseline_.warnings) observer_.warning(warning);
    const GraphSpec& other = baseline_.network->graph().spec();
    check_same_data(run_, spec(), folder, other);
    report_.baseline = folder;
    // The seed decides which images are kept for validation and which labels are wrong.
    if (other.seed == spec().seed || (spec().data.validation == 0 && spec().data.label_noise == 0))
      earlier_.emplace(folder, baseline_.checkpoint, report_, options_);
  }

  /// The ways of handing out that the options ask for; where it is among them, the one in use comes first.
  std::vector<HandOut> hand_outs(const Tap& tap) const {
    const bool off = options_.noise != AttackedNoise::on;
    const bool on = options_.noise != AttackedNoise::off;
    const HandOut in_use;
    const HandOut in_training{true, true, 1};
    const HandOut averaged{false, true, options_.draws};
    const HandOut noise_free{false, false, 1};
    std::vector<HandOut> ways;
    if (tap.random(in_use)) {
      if (on) ways.insert(ways.end(), {in_use, averaged});
      if (off) ways.push_back(noise_free);
    } else if (tap.random(in_training)) {
      if (off) ways.push_back(in_use);
      if (on) ways.push_back(in_training);
    } else {
      ways.push_back(in_use);
    }
    return ways;
  }

  TapReport audit_tap(std::size_t index) {
    const Tap tap(*loaded_.network, taps_[index], registry_);
    TapReport result;
    result.tap = tap.name();
    measure_in_loop(result, taps_[index]);
    const std::vector<HandOut> ways = hand_outs(tap);
    attacks_ = static_cast<std::int64_t>(taps_.size() * ways.size() * attackers_.size()) * options_.seeds * (baseline_.network ? 2 : 1);
    std::optional<Tap> other;
    if (baseline_.network) other.emplace(*baseline_.network, taps_[index], registry_);
    for (const HandOut& how : ways) result.hand_outs.push_back(attack_all(tap, other ? &*other : nullptr, how, result));
    return result;
  }

  HandOutReport attack_all(const Tap& tap, const Tap* other, const HandOut& how, TapReport& of) {
    HandOutReport result;
    result.how = how;
    result.random = tap.random(how);
    const AttackedRepresentation ours = attacked(tap, how, images_, options_.stop_requested);
    of.shape = ours.test->shape;
    result.constant_units = ours.constant_units;
    for (const Attacker& attacker : attackers_) result.attackers.push_back({attack_one(attacker, ours), {}, {}});
    if (of.hand_outs.empty()) of.probes = probe_extra_labels(ours, images_, spec(), settings("linear probes"), registry_);
    if (other != nullptr) {
      attack_baseline(*other, how, result);
    } else if (report_.baseline == run_) {
      for (AttackerReport& report : result.attackers) report.baseline = report.run;
    }
    compare(result);
    return result;
  }

  void attack_baseline(const Tap& tap, const HandOut& how, HandOutReport& result) {
    std::optional<AttackedRepresentation> theirs;
    for (std::size_t i = 0; i < attackers_.size(); ++i) {
      std::optional<AttackResult>& found = result.attackers[i].baseline;
      if (earlier_) found = earlier_->find(tap.name(), how, attackers_[i]);
      if (found) {
        attacks_done_ += options_.seeds;
        continue;
      }
      if (!theirs) theirs = attacked(tap, how, images_, options_.stop_requested);
      found = attack_one(attackers_[i], *theirs);
    }
  }

  void compare(HandOutReport& result) const {
    std::vector<AttackResult> ours;
    std::vector<AttackResult> theirs;
    for (AttackerReport& report : result.attackers) {
      ours.push_back(report.run);
      if (!report.baseline) continue;
      theirs.push_back(*report.baseline);
      report.gap_closed = gap(report.run, *report.baseline);
    }
    const AttackResult& best = strongest_of(ours);
    result.best_attacker = best.name;
    if (theirs.empty()) return;
    result.best_baseline_attacker = strongest_of(theirs).name;
    result.gap_closed = gap(best, strongest_of(theirs));
  }

  std::optional<double> gap(const AttackResult& ours, const AttackResult& theirs) const {
    if (!report_.class_mean) return std::nullopt;
    return gap_closed(ours.strongest().test.mse, theirs.strongest().test.mse, report_.class_mean->mse);
  }

  AttackSettings settings(const std::string& what) {
    AttackSettings result{options_.seeds, options_.epochs, options_.patience, options_.batch, options_.pictures, options_.stop_requested, {}};
    result.epoch_done = [this, what](const std::string&, std::int64_t seed, std::int64_t epoch) {
      const double done = static_cast<double>(attacks_done_ + seed) + static_cast<double>(epoch) / static_cast<double>(options_.epochs);
      const double share = std::min(done / static_cast<double>(attacks_), 1.0);
      const double seconds = std::chrono::duration<double>(Clock::now() - attacks_begun_).count();
      observer_.progress(what, share, share > 0 ? seconds / share * (1.0 - share) : 0.0);
    };
    return result;
  }

  AttackResult attack_one(const Attacker& attacker, const AttackedRepresentation& representation) {
    if (attacks_done_ == 0) attacks_begun_ = Clock::now();
    AttackResult result = attack(attacker, representation, images_, spec(), settings(attacker.name), registry_);
    attacks_done_ += options_.seeds;
    return result;
  }

  /// What the run's own decoder makes of this tap, the best of several.
  void measure_in_loop(TapReport& result, const std::vector<std::string>& names) {
    Network& network = *loaded_.network;
    for (const DecoderSpec& decoder : spec().decoders) {
      std::vector<std::string> taps;
      for (const Located& tap : decoder.taps) taps.push_back(tap.text);
      if (taps != names || decoder.target.text != "image") continue;
      Representation made = output_over(
          network, [&](std::int64_t batch) { return prediction(network.graph(), batch); }, decoder.name.text + "/output", *images_.test,
          options_.stop_requested);
      const auto elements = static_cast<std::size_t>(report_.image.elements());
      for (std::size_t at = 0; at < made.values.size(); at += elements)
        images_.normalization.undo(std::span(made.values).subspan(at, elements), report_.image[1] * report_.image[2]);
      const ImageQuality quality = image_quality(made.values, images_.test_pixels.values, report_.image);
      if (result.in_loop && result.in_loop->mse <= quality.mse) continue;
      result.in_loop = quality;
      result.decoder = decoder.name.text;
      if (report_.taps.empty()) in_loop_images_ = std::move(made.values);
    }
  }

  void write() {
    const fs::path folder = options_.out.empty() ? fs::path(run_) : fs::path(options_.out);
    const fs::path pictures = options_.out.empty() ? folder / "audit" : folder;
    std::error_code error;
    fs::create_directories(pictures, error);
    if (error) throw TrainingError("can't make the folder " + pictures.string() + ": " + error.message() + ". Choose another with --out.");
    AuditPictures drawn(report_.image, options_.pictures);
    drawn.add("originals", images_.test_pixels.values);
    if (!in_loop_images_.empty()) drawn.add(report_.taps.front().decoder + " (in loop)", in_loop_images_);
    for (const AttackerReport& attacker : report_.taps.front().hand_outs.front().attackers)
      drawn.add(attacker.run.name, attacker.run.recreated);
    if (!class_mean_.empty()) drawn.add("class mean", class_mean_);
    drawn.add("mean image", mean_);
    if (drawn.write(pictures / "pictures.png")) {
      report_.picture = (pictures / "pictures.png").string();
      report_.picture_rows = drawn.rows();
    }
    report_.file = (folder / "audit.json").string();
    replace_file(report_.file, to_json(report_, options_).dump(2) + "\n");
  }

  std::string run_;
  const AuditOptions& options_;
  const Registry& registry_;
  AuditObserver& observer_;
  Clock::time_point begun_ = Clock::now();
  AuditReport report_;
  LoadedRun loaded_;
  LoadedRun baseline_;
  std::optional<EarlierAudit> earlier_;  ///< of the baseline
  AuditImages images_;
  std::vector<std::vector<std::string>> taps_;
  std::vector<Attacker> attackers_;
  std::vector<std::int32_t> true_labels_;  ///< of the training images
  std::vector<float> mean_;                ///< answers of the yardsticks, one a test image
  std::vector<float> class_mean_;
  std::vector<float> in_loop_images_;
  std::int64_t attacks_ = 1;
  std::int64_t attacks_done_ = 0;
  Clock::time_point attacks_begun_;
};

}  // namespace

AuditReport audit(const std::string& run, const AuditOptions& options, const Registry& registry, AuditObserver& observer) {
  return Audit(run, options, registry, observer).run();
}

}  // namespace generalizer
