#include "audit/earlier_audit.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "support/files.h"

namespace generalizer {
namespace {

std::optional<double> number_in(const nlohmann::json& json, const char* name) {
  const nlohmann::json& value = json.at(name);
  return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

AttackSeed seed_from(const nlohmann::json& json) {
  AttackSeed seed;
  seed.seed = json.at("seed").get<std::uint64_t>();
  seed.held_out_mse = json.at("held_out_mse").get<double>();
  seed.fit.epochs = json.at("epochs").get<std::int64_t>();
  seed.fit.best_epoch = json.at("best_epoch").get<std::int64_t>();
  seed.test = {json.at("mse").get<double>(), json.at("psnr").get<double>(), number_in(json, "ssim"), number_in(json, "ms_ssim")};
  return seed;
}

AttackResult result_from(const nlohmann::json& json, const Attacker& attacker) {
  AttackResult result;
  result.name = attacker.name;
  result.file = attacker.file;
  result.definition = attacker.definition;
  result.weights = json.at("weights").get<std::int64_t>();
  for (const nlohmann::json& seed : json.at("seeds")) {
    result.seeds.push_back(seed_from(seed));
    if (result.seeds.back().held_out_mse < result.strongest().held_out_mse) result.best = result.seeds.size() - 1;
  }
  return result;
}

/// Whether nothing that decides an attack's outcome differs.
bool made_alike(const nlohmann::json& json, const std::string& checkpoint, const nlohmann::json& now) {
  constexpr std::array settings = {"seeds", "epochs", "patience", "batch", "draws", "train_images", "held_out_images", "test_images"};
  const auto equal = [&](const char* name) { return json.at("settings").at(name) == now.at("settings").at(name); };
  std::error_code error;
  return json.at("format") == now.at("format") && json.at("generalizer") == now.at("generalizer") && json.at("device") == now.at("device") &&
         std::filesystem::equivalent(json.at("checkpoint").get<std::string>(), checkpoint, error) && !error &&
         std::all_of(settings.begin(), settings.end(), equal);
}

}  // namespace

EarlierAudit::EarlierAudit(const std::string& run, const std::string& checkpoint, const AuditReport& report, const AuditOptions& options) {
  const std::filesystem::path file = std::filesystem::path(run) / "audit.json";
  if (!std::filesystem::exists(file)) return;
  try {
    const nlohmann::json json = nlohmann::json::parse(read_text(file));
    if (made_alike(json, checkpoint, description_of(report, options))) taps_ = json.at("taps");
  } catch (const std::exception&) {
    taps_ = nullptr;  // of another form, or damaged: everything is done anew
  }
}

std::optional<AttackResult> EarlierAudit::find(const std::string& tap, const HandOut& how, const Attacker& attacker) const {
  if (taps_.is_null()) return std::nullopt;
  try {
    for (const nlohmann::json& of_tap : taps_) {
      if (of_tap.at("tap") != tap) continue;
      for (const nlohmann::json& hand_out : of_tap.at("hand_outs")) {
        if (hand_out.at("mode") != name_of(how) || hand_out.at("draws") != how.draws) continue;
        const auto found = hand_out.at("attackers").find(attacker.name);
        if (found == hand_out.at("attackers").end() || found->value("definition", "") != attacker.definition) continue;
        return result_from(*found, attacker);
      }
    }
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace generalizer
