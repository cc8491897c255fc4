#include <nlohmann/json.hpp>

#include "audit/audit.h"
#include "audit/image_quality.h"

namespace generalizer {
namespace {

using Json = nlohmann::ordered_json;

Json optional(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json json_of(const Shape& shape) { return std::vector<std::int64_t>(shape.begin(), shape.end()); }

Json json_of(const ImageQuality& quality) {
  return {{"mse", quality.mse}, {"psnr", quality.psnr}, {"ssim", optional(quality.ssim)}, {"ms_ssim", optional(quality.ms_ssim)}};
}

Json json_of(const std::optional<ImageQuality>& quality) { return quality ? json_of(*quality) : Json(nullptr); }

Json json_of(const AttackSeed& seed) {
  Json json = {{"seed", seed.seed}, {"held_out_mse", seed.held_out_mse}, {"epochs", seed.fit.epochs}, {"best_epoch", seed.fit.best_epoch}};
  json.update(json_of(seed.test));
  return json;
}

/// The strongest seed's figures, and what the seeds scatter.
Json json_of(const AttackResult& attack) {
  Json json = json_of(attack.strongest().test);
  json["held_out_mse"] = attack.strongest().held_out_mse;
  json["mse_mean"] = attack.mean_mse();
  json["mse_deviation"] = attack.mse_deviation();
  json["weights"] = attack.weights;
  if (!attack.file.empty()) {
    json["file"] = attack.file;
    json["definition"] = attack.definition;
  }
  json["seeds"] = Json::array();
  for (const AttackSeed& seed : attack.seeds) json["seeds"].push_back(json_of(seed));
  return json;
}

/// What of a hand-out also stands at the top of the whole report.
Json attackers_of(const HandOutReport& report) {
  Json json = Json::object();
  json["baseline"] = Json::object();
  json["attackers"] = Json::object();
  for (const AttackerReport& attacker : report.attackers) {
    json["attackers"][attacker.run.name] = json_of(attacker.run);
    json["attackers"][attacker.run.name]["gap_closed"] = optional(attacker.gap_closed);
    if (attacker.baseline) json["baseline"][attacker.run.name] = json_of(*attacker.baseline);
  }
  json["best_attacker"] = report.best_attacker;
  json["best_baseline_attacker"] = report.best_baseline_attacker.empty() ? Json(nullptr) : Json(report.best_baseline_attacker);
  json["gap_closed"] = optional(report.gap_closed);
  return json;
}

Json json_of(const HandOutReport& report) {
  Json json = {{"mode", name_of(report.how)},
               {"noise", report.random},
               {"draws", report.how.draws},
               {"constant_units", report.constant_units}};
  json.update(attackers_of(report));
  return json;
}

Json json_of(const TapReport& report) {
  Json json = {{"tap", report.tap},
               {"shape", json_of(report.shape)},
               {"units", report.shape.elements()},
               {"decoder", report.decoder.empty() ? Json(nullptr) : Json(report.decoder)},
               {"in_loop", json_of(report.in_loop)}};
  json["hand_outs"] = Json::array();
  for (const HandOutReport& hand_out : report.hand_outs) json["hand_outs"].push_back(json_of(hand_out));
  json["probes"] = Json::array();
  for (const ProbeResult& probe : report.probes) {
    json["probes"].push_back({{"column", probe.column},
                              {"classes", probe.classes},
                              {"accuracy", probe.accuracy},
                              {"from_pixels", probe.from_pixels},
                              {"majority_class", probe.majority_class}});
  }
  return json;
}

Json json_of(const MembershipFigures& figures) {
  return {{"auc", figures.auc}, {"tpr_at_1_percent_fpr", figures.tpr_at_1_percent_fpr}};
}

Json membership_of(const AuditReport& report) {
  if (!report.membership) return nullptr;
  const Membership& found = *report.membership;
  // At the top the stronger of the two attacks.
  Json json = json_of(found.likelihood_ratio.auc > found.loss.auc ? found.likelihood_ratio : found.loss);
  json["loss_threshold"] = json_of(found.loss);
  json["class_likelihood_ratio"] = json_of(found.likelihood_ratio);
  return json;
}

Json label_noise_of(const AuditReport& report) {
  if (!report.wrong_labels) return nullptr;
  return {{"part", report.label_noise},
          {"wrong_labels", report.wrong_labels->images},
          {"learnt_by_heart", report.wrong_labels->learnt_by_heart},
          {"answered_rightly", report.wrong_labels->answered_rightly}};
}

Json settings_of(const AuditReport& report, const AuditOptions& options) {
  const char* noise = options.noise == AttackedNoise::off ? "off" : options.noise == AttackedNoise::on ? "on" : "both";
  return {{"seeds", options.seeds},
          {"epochs", options.epochs},
          {"patience", options.patience},
          {"batch", options.batch},
          {"noise", noise},
          {"draws", options.draws},
          {"train_images", report.train_images},
          {"held_out_images", report.held_out_images},
          {"test_images", report.test_images},
          {"ms_ssim_scales", scales_that_fit(report.image)},
          {"command", options.command}};
}

}  // namespace

const char* name_of(const HandOut& how) { return how.training ? "training" : how.tap_noise ? "use" : "noise_free"; }

Json description_of(const AuditReport& report, const AuditOptions& options) {
  return {{"format", 1},
          {"generalizer", GENERALIZER_VERSION},
          {"run", report.run},
          {"checkpoint", report.checkpoint},
          {"epoch", report.epoch},
          {"device", report.device},
          {"settings", settings_of(report, options)}};
}

Json to_json(const AuditReport& report, const AuditOptions& options) {
  const TapReport& first = report.taps.front();
  Json json = description_of(report, options);
  json["tap"] = first.tap;
  json["decoder"] = first.decoder.empty() ? Json(nullptr) : Json(first.decoder);
  json["in_loop"] = json_of(first.in_loop);
  json["mean_image"] = json_of(report.mean_image);
  json["class_mean"] = json_of(report.class_mean);
  json["baseline_run"] = report.baseline.empty() ? Json(nullptr) : Json(report.baseline);
  json.update(attackers_of(first.hand_outs.front()));
  json["accuracy"] = {{"train", optional(report.train_accuracy)}, {"test", optional(report.test_accuracy)}};
  json["loss"] = {{"train", optional(report.train_loss)}, {"test", optional(report.test_loss)}};
  json["membership"] = membership_of(report);
  json["label_noise"] = label_noise_of(report);
  json["taps"] = Json::array();
  for (const TapReport& tap : report.taps) json["taps"].push_back(json_of(tap));
  json["pictures"] = report.picture.empty() ? Json(nullptr) : Json{{"file", report.picture}, {"rows", report.picture_rows}};
  json["seconds"] = report.seconds;
  return json;
}

}  // namespace generalizer
