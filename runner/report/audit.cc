#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/html.h"
#include "report/page.h"
#include "sweep/figures.h"
#include "terminal/format.h"

namespace generalizer {
namespace {

using Json = nlohmann::ordered_json;

/// The member of an object; null where there is none.
const Json& at(const Json& json, const char* key) {
  static const Json none;
  const auto found = json.is_object() ? json.find(key) : json.end();
  return found == json.end() ? none : *found;
}

std::optional<double> number(const Json& json) {
  return json.is_number() ? std::optional(json.get<double>()) : std::nullopt;
}

std::string text(const Json& json) { return json.is_string() ? json.get<std::string>() : ""; }

std::string cell(const std::string& value) { return "<td class=\"number\">" + escaped(value) + "</td>"; }

std::string percent(const std::optional<double>& share) {
  return share ? fmt::format("{}{:.1f} %", *share < 0.0 ? "−" : "", 100.0 * std::abs(*share)) : "–";
}

/// A row of the table of attackers; the bar is the mse as a part of the mean image's.
std::string quality_row(const std::string& name, const Json& quality, double mean_image, const char* style,
                        const Json& baseline, const std::optional<double>& gap) {
  const auto mse = number(at(quality, "mse"));
  const double part = mse && mean_image > 0.0 ? std::clamp(*mse / mean_image, 0.0, 1.0) : 0.0;
  const auto decibels = number(at(quality, "psnr"));
  return fmt::format(
      "<tr class=\"{}\"><th scope=\"row\">{}</th>{}<td class=\"meter\"><span aria-hidden=\"true\"><i "
      "style=\"width:{:.1f}%\"></i></span></td>{}{}{}{}{}</tr>\n",
      style, escaped(name), cell(format_figure(mse)), 100.0 * part,
      cell(decibels ? fmt::format("{:.2f} dB", *decibels) : "–"),
      cell(format_figure(number(at(quality, "ssim")))), cell(format_figure(number(at(quality, "ms_ssim")))),
      cell(format_figure(number(at(baseline, "mse")))), cell(percent(gap)));
}

/// The yardsticks, then the attackers from the weakest to the strongest.
std::string attackers_table(const Json& audit, const Json& found, const std::string& caption) {
  const double mean_image = number(at(at(audit, "mean_image"), "mse")).value_or(0.0);
  std::string html =
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Attackers\"><table><caption>" +
      escaped(caption) +
      "</caption>\n<thead><tr><th scope=\"col\">recreated by</th><th scope=\"col\" "
      "class=\"number\">mse</th><th scope=\"col\">of the mean image's</th>"
      "<th scope=\"col\" class=\"number\">PSNR</th><th scope=\"col\" class=\"number\">SSIM</th><th "
      "scope=\"col\" class=\"number\">MS-SSIM</th>"
      "<th scope=\"col\" class=\"number\">mse on the baseline</th><th scope=\"col\" class=\"number\">gap "
      "closed</th></tr></thead>\n<tbody>\n";
  html += quality_row("mean image (nothing known)", at(audit, "mean_image"), mean_image, "yardstick", nullptr,
                      std::nullopt);
  if (at(audit, "class_mean").is_object())
    html += quality_row("class mean (only the class known)", at(audit, "class_mean"), mean_image, "yardstick",
                        nullptr, std::nullopt);
  if (at(audit, "in_loop").is_object())
    html += quality_row("the training's own decoder", at(audit, "in_loop"), mean_image, "yardstick", nullptr,
                        std::nullopt);
  std::vector<std::pair<std::string, const Json*>> attackers;
  for (const auto& [name, attacker] : at(found, "attackers").items()) attackers.emplace_back(name, &attacker);
  const auto mse = [](const auto& attacker) { return number(at(*attacker.second, "mse")).value_or(1e300); };
  std::stable_sort(attackers.begin(), attackers.end(),
                   [&](const auto& a, const auto& b) { return mse(a) > mse(b); });
  const auto best = best_attacker_of(found);
  for (const auto& [name, attacker] : attackers) {
    const bool strongest = best && best->name == name;
    const auto of_its_own = number(at(*attacker, "gap_closed"));
    html += quality_row("attacker " + name, *attacker, mean_image, strongest ? "best" : "",
                        at(at(found, "baseline"), name.c_str()),
                        strongest ? number(at(found, "gap_closed")) : of_its_own);
  }
  return html + "</tbody></table></div>\n";
}

/// What the figures say, in a sentence or two.
std::string verdict(const Json& audit) {
  const auto best = best_attacker_of(audit);
  if (!best) return "The audit has no attacker.";
  std::string words = fmt::format("The strongest fresh attacker, {}, comes to an mse of {}", best->name,
                                  format_figure(best->mse));
  if (const auto own = number(at(at(audit, "in_loop"), "mse")))
    words += fmt::format(", where the training's own decoder is left with {}", format_figure(own));
  words += ". ";
  const auto gap = number(at(audit, "gap_closed"));
  if (!gap) return words + "It was compared with no baseline, so there is no gap to state.";
  const char* meaning = *gap >= 0.9   ? "hardly more than the class can be told from it."
                        : *gap >= 0.5 ? "much is forgotten, and some is still there."
                        : *gap >= 0.1 ? "a part is forgotten, and most is still there."
                                      : "next to nothing is forgotten.";
  return words + fmt::format("Of the gap between the baseline and the class mean {} is closed: {}",
                             percent(gap), meaning);
}

std::string how_handed_out(const Json& hand_out) {
  const std::string mode = text(at(hand_out, "mode"));
  const auto draws = number(at(hand_out, "draws")).value_or(1.0);
  std::string words = mode == "noise_free" ? "With the noise left out, as who holds the network can have it"
                      : mode == "training" ? "Handed out as in training"
                                           : "Handed out as in use";
  if (mode != "noise_free") words += at(hand_out, "noise") == true ? ", noise on" : ", noise off";
  if (draws > 1.0) words += fmt::format(", the mean of {:.0f} draws attacked", draws);
  return words;
}

/// A table for each tap and each way in which its representation is handed out.
std::string attackers_of(const Json& audit) {
  const Json& taps = at(audit, "taps");
  if (!taps.is_array() || taps.empty())
    return attackers_table(audit, audit, "Tap " + text(at(audit, "tap")) + ", on the test images");
  std::string html;
  for (const Json& tap : taps) {
    const Json& hand_outs = at(tap, "hand_outs");
    if (!hand_outs.is_array()) continue;
    Json yardsticks = audit;
    yardsticks["in_loop"] = at(tap, "in_loop");
    for (const Json& hand_out : hand_outs) {
      const std::string how =
          hand_outs.size() > 1 || at(hand_out, "noise") == true ? " " + how_handed_out(hand_out) + "." : "";
      html += attackers_table(yardsticks, hand_out,
                              "Tap " + text(at(tap, "tap")) + ", on the test images." + how);
    }
  }
  return html;
}

std::string row(const std::string& head, const std::string& train, const std::string& test,
                const std::string& meaning) {
  return "<tr><th scope=\"row\">" + escaped(head) + "</th>" + cell(train) + cell(test) +
         "<td class=\"muted\">" + escaped(meaning) + "</td></tr>\n";
}

std::string memorisation(const Json& audit) {
  std::string rows;
  const auto train = number(at(at(audit, "accuracy"), "train")),
             test = number(at(at(audit, "accuracy"), "test"));
  if (train || test)
    rows += row("accuracy", format_share(train), format_share(test),
                train && test ? fmt::format("{:.2f} points apart", 100.0 * (*train - *test)) : "");
  const Json& loss = at(audit, "loss");
  if (loss.is_object() && number(at(loss, "test")))
    rows +=
        row("loss", format_figure(number(at(loss, "train"))), format_figure(number(at(loss, "test"))), "");
  const Json& membership = at(audit, "membership");
  if (const auto auc = number(at(membership, "auc"))) {
    const auto rate = number(at(membership, "tpr_at_1_percent_fpr"));
    rows += "<tr><th scope=\"row\">was it trained on?</th><td class=\"number\" colspan=\"2\">AUC " +
            escaped(format_figure(auc)) + "</td><td class=\"muted\">" +
            escaped("0.5 is chance" +
                    (rate ? fmt::format("; found at 1 % false positives: {}, by chance 1 %", percent(rate))
                          : std::string())) +
            "</td></tr>\n";
  }
  const Json& noise = at(audit, "label_noise");
  if (const auto learnt = number(at(noise, "learnt_by_heart"))) {
    rows += "<tr><th scope=\"row\">wrong labels learnt by heart</th><td class=\"number\" colspan=\"2\">" +
            escaped(percent(learnt)) + "</td><td class=\"muted\">" +
            escaped(fmt::format(
                "of {} training labels that were replaced",
                format_count(static_cast<std::int64_t>(number(at(noise, "wrong_labels")).value_or(0.0))))) +
            "</td></tr>\n";
  }
  if (rows.empty()) return "";
  return "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
         "aria-label=\"Memorisation\"><table><caption>What is learnt by heart</caption>\n<thead><tr><th "
         "scope=\"col\"></th><th scope=\"col\" class=\"number\">training</th>"
         "<th scope=\"col\" class=\"number\">test</th><th scope=\"col\"></th></tr></thead>\n<tbody>\n" +
         rows + "</tbody></table></div>\n";
}

std::string probes(const Json& audit) {
  std::string rows;
  if (!at(audit, "taps").is_array()) return "";
  for (const Json& tap : at(audit, "taps")) {
    if (!at(tap, "probes").is_array()) continue;
    for (const Json& probe : at(tap, "probes")) {
      rows += "<tr><th scope=\"row\">" + escaped(text(at(probe, "column"))) + "</th>" +
              cell(percent(number(at(probe, "accuracy")))) + cell(percent(number(at(probe, "from_pixels")))) +
              cell(percent(number(at(probe, "majority_class")))) + "</tr>\n";
    }
  }
  if (rows.empty()) return "";
  return "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Probes\"><table><caption>What "
         "else a linear probe reads off the representation</caption>\n<thead><tr><th scope=\"col\">label "
         "column</th><th scope=\"col\" class=\"number\">accuracy</th>"
         "<th scope=\"col\" class=\"number\">from the pixels</th><th scope=\"col\" class=\"number\">most "
         "frequent class</th></tr></thead>\n<tbody>\n" +
         rows + "</tbody></table></div>\n";
}

}  // namespace

std::string audit_section(const Report& report) {
  std::string html =
      "<p class=\"muted\">Fresh decoders, trained from scratch on the frozen representation, try to recreate "
      "the image: what they find is still there. The lower their mse, the more is left.</p>\n";
  for (std::size_t i = 0; i < report.runs.size(); ++i) {
    const ReportRun& run = report.runs[i];
    html += "<div class=\"card\">\n" + (report.runs.size() > 1 ? run_heading(report, i) : std::string());
    if (run.audit.is_object()) {
      html += "<p>" + escaped(verdict(run.audit)) + "</p>\n" + attackers_of(run.audit) +
              memorisation(run.audit) + probes(run.audit);
    } else {
      html += note(run.audit_problem.empty()
                       ? "This run has not been audited. `generalizer audit " + run.folder + "` does it."
                       : run.audit_problem);
    }
    html += "</div>\n";
  }
  return html;
}

}  // namespace generalizer
