#include "trainer/divergence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace generalizer {
namespace {

constexpr std::int64_t kImages = 256;
constexpr double kDead = 0.9;
/// Of what there is between guessing and no mistake.
constexpr double kNearGuessing = 0.1;
constexpr double kWellAbove = 0.3;

bool works_against(const DecoderSpec& decoder) { return decoder.sign == Sign::negative && enters_classifier(decoder); }

/// How far an accuracy is above guessing: 0 there, 1 without a mistake.
std::optional<double> skill(const std::optional<double>& accuracy, std::int64_t classes) {
  if (!accuracy || classes < 2) return std::nullopt;
  const double chance = 1.0 / static_cast<double>(classes);
  return (*accuracy - chance) / (1.0 - chance);
}

/// The best epoch among these; null when none has an accuracy.
const EpochMetrics* best_of(const std::vector<EpochMetrics>& epochs) {
  const EpochMetrics* best = nullptr;
  for (const EpochMetrics& epoch : epochs) {
    if (epoch.train.accuracy && (best == nullptr || *epoch.train.accuracy > *best->train.accuracy)) best = &epoch;
  }
  return best;
}

/// Whether the accuracy has collapsed in `now`, after these epochs.
bool collapsed(const EpochMetrics& now, const std::vector<EpochMetrics>& before, std::int64_t classes) {
  const auto here = skill(now.train.accuracy, classes);
  if (!here) return false;
  const EpochMetrics* best = best_of(before);
  // The first epoch's mean holds its beginning, too; the test images are measured at its end.
  if (best == nullptr) return *here < kNearGuessing && skill(now.test.accuracy, classes).value_or(0.0) < kNearGuessing;
  const double most = *skill(best->train.accuracy, classes);
  return most > kWellAbove && *here < most / 2.0;
}

/// Before `now`, in any epoch.
bool had_collapsed(const std::vector<EpochMetrics>& before, std::int64_t classes) {
  for (std::size_t i = 0; i < before.size(); ++i) {
    const std::vector<EpochMetrics> earlier(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(i));
    if (collapsed(before[i], earlier, classes)) return true;
  }
  return false;
}

double dead_units(const EpochMetrics& metrics, const std::string& decoder) {
  const auto found = metrics.decoders.find(decoder);
  return found == metrics.decoders.end() ? 0.0 : found->second.dead_units.value_or(0.0);
}

/// How many of the units, columns of a row-major table of so many rows, have one value in all rows.
double constant_units(const std::vector<double>& values, std::int64_t rows) {
  const std::size_t units = values.size() / static_cast<std::size_t>(rows);
  std::size_t constant = 0;
  for (std::size_t unit = 0; unit < units; ++unit) {
    double least = values[unit];
    double most = least;
    for (std::size_t at = unit; at < values.size(); at += units) {
      least = std::min(least, values[at]);
      most = std::max(most, values[at]);
    }
    if (most - least <= 1e-6 * std::max(std::abs(least), std::abs(most))) ++constant;
  }
  return static_cast<double>(constant) / static_cast<double>(units);
}

}  // namespace

std::string keys_that_help(const GraphSpec& spec) {
  std::vector<std::string> keys;
  const auto add = [&](bool useful, const std::string& key) {
    if (useful && std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  };
  for (const DecoderSpec& decoder : spec.decoders) {
    if (!works_against(decoder)) continue;
    const bool away = decoder.objective == Objective::negative_loss || decoder.objective == Objective::gradient_reversal;
    add(away && !decoder.ceiling && decoder.target.text == "image", "ceiling = \"mean_image\"");
    add(away && decoder.target.text == "image", "objective = \"class_mean\"");
    add(decoder.warmup == 0.0 && decoder.schedule.kind != ScheduleSpec::Kind::one_cycle, "warmup = 2");
    add(!decoder.clip && spec.classifier.loss, "clip = 1");
    add(true, fmt::format("a weight below {}", decoder.weight));
  }
  if (keys.empty()) return {};
  std::string text;
  for (std::size_t i = 0; i < keys.size(); ++i) text += (i == 0 ? "" : i + 1 == keys.size() ? " or " : ", ") + keys[i];
  return "Keys of [[decoder]] that help: " + text + ".";
}

std::int64_t images_watched(const GraphSpec& spec, const Dataset& train) {
  const bool any = std::any_of(spec.decoders.begin(), spec.decoders.end(), works_against);
  return any && train.size() >= 2 ? std::min(kImages, train.size()) : 0;
}

Divergence::Divergence(Network& network, const Dataset& train) : network_(network) {
  for (const DecoderSpec& decoder : network.graph().spec().decoders) {
    if (works_against(decoder)) adversaries_.push_back(decoder.name.text);
  }
  images_ = images_watched(network.graph().spec(), train);
  if (images_ == 0) return;
  const auto elements = static_cast<std::size_t>(train.image_shape().elements());
  std::vector<float> images(elements * static_cast<std::size_t>(images_));
  for (std::int64_t i = 0; i < images_; ++i)
    train.read_image(i, std::span(images).subspan(static_cast<std::size_t>(i) * elements, elements));
  tapped_ = network.session().compile(tapped(network.graph(), images_).program);
  if (network.floating() == DType::f64) {
    const std::vector<double> wide(images.begin(), images.end());
    bytes_.assign(std::as_bytes(std::span(wide)).begin(), std::as_bytes(std::span(wide)).end());
  } else {
    bytes_.assign(std::as_bytes(std::span(images)).begin(), std::as_bytes(std::span(images)).end());
  }
}

std::vector<double> Divergence::outputs(std::size_t index) const {
  const Program& program = tapped_->program();
  std::vector<double> values(static_cast<std::size_t>(program.value(program.outputs()[index].value).type.shape.elements()));
  if (network_.floating() == DType::f64) {
    tapped_->get_output(index, std::as_writable_bytes(std::span(values)));
    return values;
  }
  std::vector<float> narrow(values.size());
  tapped_->get_output(index, std::as_writable_bytes(std::span(narrow)));
  values.assign(narrow.begin(), narrow.end());
  return values;
}

void Divergence::measure(EpochMetrics& metrics) {
  if (!tapped_) return;
  set_batch(*tapped_, bytes_, {});
  tapped_->run();
  const std::vector<Output>& all = tapped_->program().outputs();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string decoder = all[i].name.substr(0, all[i].name.find('/'));
    if (std::find(adversaries_.begin(), adversaries_.end(), decoder) == adversaries_.end()) continue;
    const double dead = constant_units(outputs(i), images_);
    if (dead > dead_units(metrics, decoder)) metrics.decoders[decoder].dead_units = dead;
  }
}

std::vector<std::string> Divergence::after(const EpochMetrics& metrics, const std::vector<EpochMetrics>& before) const {
  std::vector<std::string> sentences;
  if (adversaries_.empty()) return sentences;
  const GraphSpec& spec = network_.graph().spec();
  const std::int64_t classes = network_.graph().data().classes;
  const std::string help = keys_that_help(spec);
  if (collapsed(metrics, before, classes) && !had_collapsed(before, classes)) {
    const EpochMetrics* best = best_of(before);
    const std::string from =
        best == nullptr ? "" : fmt::format(" It was {:.3f} after epoch {}.", *best->train.accuracy, best->epoch);
    sentences.push_back(fmt::format(
        "The classifier's accuracy has collapsed: {:.3f} of the training images in epoch {}, where guessing among {} classes gives {:.3f}.{} The game "
        "against \"{}\" has run off. {}",
        *metrics.train.accuracy, metrics.epoch, classes, 1.0 / static_cast<double>(classes), from, adversaries_.front(), help));
  }
  for (const DecoderSpec& decoder : spec.decoders) {
    const std::string& name = decoder.name.text;
    if (!decoder.member_of.empty() || dead_units(metrics, name) < kDead) continue;
    if (std::any_of(before.begin(), before.end(), [&](const EpochMetrics& m) { return dead_units(m, name) >= kDead; })) continue;
    sentences.push_back(fmt::format(
        "The representation that \"{}\" taps is dead: after epoch {} {:.0f} % of its units have one value for all of {} training images, so that it tells "
        "next to nothing of any. {} A bound (bound = \"layer_norm\") on the tap keeps it alive.",
        name, metrics.epoch, 100.0 * dead_units(metrics, name), images_, help));
  }
  return sentences;
}

}  // namespace generalizer
