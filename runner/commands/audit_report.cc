#include "commands/audit_report.h"

#include <fmt/format.h>

#include <cstdio>

#include "terminal/format.h"
#include "terminal/table.h"

namespace generalizer {
namespace {

using enum Table::Align;

std::string decibels(double psnr) { return fmt::format("{:.2f} dB", psnr); }

std::string gap_text(const std::optional<double>& gap) { return gap ? fmt::format("{:.0f} %", 100.0 * *gap) : "–"; }

void add_row(Table& table, const std::string& name, const ImageQuality& quality, const std::string& scatter = "", const std::string& baseline = "",
             const std::string& gap = "") {
  table.add({name, format_figure(quality.mse), scatter, decibels(quality.psnr), format_figure(quality.ssim), format_figure(quality.ms_ssim), baseline,
             gap});
}

std::string scatter_of(const AttackResult& attack) {
  return attack.seeds.size() < 2 ? "" : fmt::format("± {:.2g}", attack.mse_deviation());
}

std::string hand_out_text(const AuditReport& report, const TapReport& tap, const HandOutReport& hand_out) {
  Table table({{""}, {"mse", right}, {"seeds", right}, {"PSNR", right}, {"SSIM", right}, {"MS-SSIM", right}, {"baseline mse", right},
               {"gap closed", right}});
  add_row(table, "mean image", report.mean_image);
  if (report.class_mean) add_row(table, "class mean", *report.class_mean);
  if (tap.in_loop && !hand_out.how.training) add_row(table, tap.decoder + " (in loop)", *tap.in_loop);
  table.add_rule();
  for (const AttackerReport& attacker : hand_out.attackers) {
    const std::string baseline = attacker.baseline ? format_figure(attacker.baseline->strongest().test.mse) : "–";
    add_row(table, attacker.run.name, attacker.run.strongest().test, scatter_of(attacker.run), baseline, gap_text(attacker.gap_closed));
  }
  return table.to_string();
}

std::string hand_out_title(const HandOutReport& hand_out) {
  if (hand_out.how.draws > 1)
    return fmt::format("The mean of {} draws of the representation as it is handed out, noise on:", hand_out.how.draws);
  if (!hand_out.how.tap_noise) return "Without the noise that is on in use, as who holds the network itself can have it:";
  if (hand_out.how.training) return "With the noise that is on in training alone:";
  return hand_out.random ? "As it is handed out, noise on:" : "As it is handed out, without noise:";
}

/// What the figures come to, in a sentence.
std::string verdict(const AuditReport& report, const HandOutReport& hand_out) {
  if (!report.class_mean) return "Without labels there is no class mean to measure the gap by.\n";
  if (report.baseline.empty()) return "Without a baseline there is no gap to measure by.\n";
  if (!hand_out.gap_closed)
    return "The baseline's attackers do no better than the class mean, to a thousandth: there is no gap that could be closed.\n";
  return fmt::format("Best attacker: {} (of the baseline: {}). Gap between the baseline and the class mean closed: {} (0 %: nothing forgotten, 100 %: "
                     "nothing but the class left).\n",
                     hand_out.best_attacker, hand_out.best_baseline_attacker, gap_text(hand_out.gap_closed));
}

std::string tap_text(const AuditReport& report, const TapReport& tap) {
  std::string text = fmt::format("\nTap {} ({} numbers{})\n", tap.tap, tap.shape.elements(),
                                 tap.hand_outs.front().constant_units == 0
                                     ? ""
                                     : fmt::format(", {} of them the same for every image", tap.hand_outs.front().constant_units));
  for (const HandOutReport& hand_out : tap.hand_outs)
    text += "\n" + hand_out_title(hand_out) + "\n\n" + hand_out_text(report, tap, hand_out) + verdict(report, hand_out);
  if (tap.probes.empty()) return text;
  Table table({{"further label"}, {"classes", right}, {"linear probe", right}, {"from the pixels", right}, {"most frequent class", right}});
  for (const ProbeResult& probe : tap.probes) {
    table.add({probe.column, std::to_string(probe.classes), format_share(probe.accuracy), format_share(probe.from_pixels),
               format_share(probe.majority_class)});
  }
  return text + "\n" + table.to_string();
}

std::string memorisation_text(const AuditReport& report) {
  if (!report.membership) return "";
  Table classifier({{"classifier"}, {"training", right}, {"test", right}, {"gap", right}});
  classifier.add({"loss", format_figure(report.train_loss), format_figure(report.test_loss), format_figure(*report.test_loss - *report.train_loss)});
  classifier.add({"accuracy", format_share(report.train_accuracy), format_share(report.test_accuracy),
                  fmt::format("{:.2f} points", 100.0 * (*report.train_accuracy - *report.test_accuracy))});
  Table membership({{"was it trained on?"}, {"AUC", right}, {"found at 1 % false alarms", right}});
  const auto add = [&](const std::string& name, const MembershipFigures& figures) {
    membership.add({name, fmt::format("{:.3f}", figures.auc), format_share(figures.tpr_at_1_percent_fpr)});
  };
  add("loss threshold", report.membership->loss);
  add("likelihood ratio by class", report.membership->likelihood_ratio);
  std::string text = "\n" + classifier.to_string() + "\n" + membership.to_string();
  if (const auto& wrong = report.wrong_labels) {
    text += fmt::format("\nOf {} training images with a wrong label, {} are answered with it, learnt by heart; {} are answered rightly all the same.\n",
                        format_count(wrong->images), format_share(wrong->learnt_by_heart), format_share(wrong->answered_rightly));
  }
  return text;
}

}  // namespace

void AuditProgress::progress(const std::string& what, double share, double seconds_left) {
  const std::string line = fmt::format("attacking with {}: {:.0f} %, at most {} left", what, 100.0 * share, format_duration(seconds_left));
  if (terminal_.interactive()) {
    const std::string text = "\r" + line.substr(0, terminal_.width() - 1) + "\033[K";
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
    drawn_ = true;
    return;
  }
  const Clock::time_point now = Clock::now();
  if (last_sentence_ != Clock::time_point{} && now - last_sentence_ < std::chrono::seconds(60)) return;
  last_sentence_ = now;
  terminal_.note(line);
}

void AuditProgress::note(const std::string& message) {
  finish();
  terminal_.note(message);
}

void AuditProgress::warning(const std::string& message) {
  finish();
  terminal_.warning(message);
}

void AuditProgress::finish() {
  training_.finish();
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

std::string audit_text(const AuditReport& report) {
  std::string text = fmt::format("{}, after epoch {}, on {}\n{} training images, of which {} are held out of attacks, and {} test images\n",
                                 report.checkpoint, report.epoch, report.device, format_count(report.train_images),
                                 format_count(report.held_out_images), format_count(report.test_images));
  if (!report.baseline.empty()) text += report.baseline == report.run ? "Baseline: the run itself, which has no negative term\n" : "Baseline: " + report.baseline + "\n";
  for (const TapReport& tap : report.taps) text += tap_text(report, tap);
  return text + memorisation_text(report);
}

}  // namespace generalizer
