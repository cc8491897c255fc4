#include "sweep/figures.h"

#include <algorithm>
#include <array>

#include "trainer/run_folder.h"

namespace generalizer {
namespace {

using Json = nlohmann::ordered_json;
using Form = FigureKind::Form;

constexpr std::array kinds = {
    FigureKind{"test_accuracy", "test accuracy", Form::share, true},
    FigureKind{"train_accuracy", "train accuracy", Form::share, false},
    FigureKind{"decoder_loss", "in-loop decoder", Form::plain, true},
    FigureKind{"best_attacker_mse", "best attacker's mse", Form::plain, true},
    FigureKind{"best_attacker_psnr", "best attacker's PSNR", Form::plain, false},
    FigureKind{"best_attacker_ssim", "best attacker's SSIM", Form::plain, false},
    FigureKind{"best_attacker_ms_ssim", "best attacker's MS-SSIM", Form::plain, false},
    FigureKind{"mean_image_mse", "mean image's mse", Form::plain, false},
    FigureKind{"class_mean_mse", "class mean's mse", Form::plain, false},
    FigureKind{"gap_closed", "gap closed", Form::share, true},
    FigureKind{"noise_on_attacker_mse", "best attacker's mse, noise on", Form::plain, false},
    FigureKind{"noise_on_gap_closed", "gap closed, noise on", Form::share, false},
    FigureKind{"noise_off_attacker_mse", "best attacker's mse, noise off", Form::plain, false},
    FigureKind{"noise_off_gap_closed", "gap closed, noise off", Form::share, false},
    FigureKind{"membership_auc", "membership AUC", Form::plain, true},
    FigureKind{"membership_tpr_at_1_percent_fpr", "membership TPR at 1 % FPR", Form::share, false},
};

/// The number at a path of keys; none when something on the way is missing, null, or no number.
std::optional<double> number_at(const Json& json, std::initializer_list<const char*> path) {
  const Json* at = &json;
  for (const char* key : path) {
    if (!at->is_object() || !at->contains(key)) return std::nullopt;
    at = &at->at(key);
  }
  return at->is_number() ? std::optional(at->get<double>()) : std::nullopt;
}

void put(RunFigures& figures, const std::string& id, const std::optional<double>& value) {
  if (value) figures.values[id] = *value;
}

/// The epoch whose weights the run ended with: the best one when early stopping brought it back, else the last.
const EpochMetrics& final_epoch(const std::vector<EpochMetrics>& epochs, const Json& training) {
  const bool restored = training.is_object() && training.value("end", "") == "stopped_early";
  const auto best = restored ? number_at(training, {"best", "epoch"}) : std::nullopt;
  if (!best) return epochs.back();
  const auto found = std::find_if(epochs.begin(), epochs.end(), [&](const EpochMetrics& epoch) {
    return static_cast<double>(epoch.epoch) == *best;
  });
  return found == epochs.end() ? epochs.back() : *found;
}

void add_metrics(RunFigures& figures, const EpochMetrics& metrics) {
  put(figures, "test_accuracy", metrics.test.accuracy);
  put(figures, "train_accuracy", metrics.train.accuracy);
  // Of several decoders the one that recreates best.
  for (const auto& [name, decoder] : metrics.decoders) {
    if (!decoder.test_loss || decoder.never_trained) continue;
    const auto known = figures.values.find("decoder_loss");
    if (known == figures.values.end() || *decoder.test_loss < known->second)
      figures.values["decoder_loss"] = *decoder.test_loss;
    put(figures, "mean_image_mse", decoder.mean_image_loss);
  }
}

/// Where the network is random: the least that attacks leave when the noise is on as the representation is handed
/// out, of one draw or of many, and when it is off.
void add_hand_outs(RunFigures& figures, const Json& audit) {
  if (!audit.contains("taps") || !audit["taps"].is_array() || audit["taps"].empty()) return;
  const Json& tap = audit["taps"][0];
  if (!tap.contains("hand_outs") || tap["hand_outs"].size() < 2) return;
  for (const Json& hand_out : tap["hand_outs"]) {
    const auto best = best_attacker_of(hand_out);
    const std::string name = hand_out.value("noise", false) ? "noise_on" : "noise_off";
    const auto known = figures.values.find(name + "_attacker_mse");
    if (!best || (known != figures.values.end() && known->second <= best->mse)) continue;
    figures.values[name + "_attacker_mse"] = best->mse;
    figures.values.erase(name + "_gap_closed");
    put(figures, name + "_gap_closed", number_at(hand_out, {"gap_closed"}));
  }
}

void add_audit(RunFigures& figures, const Json& audit) {
  put(figures, "test_accuracy", number_at(audit, {"accuracy", "test"}));
  put(figures, "train_accuracy", number_at(audit, {"accuracy", "train"}));
  put(figures, "decoder_loss", number_at(audit, {"in_loop", "mse"}));
  put(figures, "mean_image_mse", number_at(audit, {"mean_image", "mse"}));
  put(figures, "class_mean_mse", number_at(audit, {"class_mean", "mse"}));
  put(figures, "gap_closed", number_at(audit, {"gap_closed"}));
  put(figures, "membership_auc", number_at(audit, {"membership", "auc"}));
  put(figures, "membership_tpr_at_1_percent_fpr", number_at(audit, {"membership", "tpr_at_1_percent_fpr"}));
  const std::optional<BestAttacker> best = best_attacker_of(audit);
  if (!best) return;
  figures.best_attacker = best->name;
  for (const char* figure : {"mse", "psnr", "ssim", "ms_ssim"})
    put(figures, std::string("best_attacker_") + figure,
        number_at(audit, {"attackers", best->name.c_str(), figure}));
  add_hand_outs(figures, audit);
}

}  // namespace

std::span<const FigureKind> figure_kinds() { return kinds; }

const FigureKind& figure_kind(const std::string& id) {
  return *std::find_if(kinds.begin(), kinds.end(), [&](const FigureKind& kind) { return id == kind.id; });
}

RunFigures figures_of(const std::filesystem::path& run, const Json& training, const Json& audit) {
  RunFigures figures;
  const std::vector<EpochMetrics> epochs = RunFolder::open(run.string()).read_metrics();
  if (!epochs.empty()) add_metrics(figures, final_epoch(epochs, training));
  if (audit.is_object()) add_audit(figures, audit);
  return figures;
}

std::optional<BestAttacker> best_attacker_of(const Json& audit) {
  std::optional<BestAttacker> best;
  if (!audit.is_object() || !audit.contains("attackers") || !audit["attackers"].is_object()) return best;
  for (const auto& [name, attacker] : audit["attackers"].items()) {
    const auto mse = number_at(attacker, {"mse"});
    if (mse && (!best || *mse < best->mse)) best = BestAttacker{name, *mse};
  }
  return best;
}

}  // namespace generalizer
