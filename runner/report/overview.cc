#include <fmt/format.h>

#include <cmath>

#include "report/differences.h"
#include "report/html.h"
#include "report/page.h"
#include "sweep/figures.h"
#include "terminal/format.h"

namespace generalizer {
namespace {

std::string figure(const std::string& head, const std::string& value, const std::string& small) {
  return fmt::format("<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>\n", escaped(head), escaped(value),
                     small.empty() ? "&nbsp;" : escaped(small));
}

std::string percent(double share) {
  return fmt::format("{}{:.0f} %", share <= -0.005 ? "−" : "", std::abs(100.0 * share));
}

std::string training_figures(const ReportRun& run) {
  if (run.epochs.empty()) return "";
  const EpochMetrics& last = run.epochs.back();
  std::string html;
  if (last.test.accuracy)
    html += figure("test accuracy", format_share(last.test.accuracy),
                   last.train.accuracy ? "training " + format_share(last.train.accuracy) : "");
  for (const auto& [name, decoder] : last.decoders) {
    if (!decoder.test_loss) continue;
    const std::string against = decoder.never_trained ? "never trained"
                                : decoder.mean_image_loss
                                    ? "mean image " + format_figure(decoder.mean_image_loss)
                                    : "";
    html += figure("decoder " + name, format_figure(decoder.test_loss), against);
  }
  return html;
}

std::string audit_figures(const ReportRun& run) {
  std::string html;
  if (const auto best = best_attacker_of(run.audit))
    html += figure("best fresh attacker's mse", format_figure(best->mse), best->name);
  if (!run.audit.is_object()) return html;
  const auto& audit = run.audit;
  if (audit.contains("gap_closed") && audit["gap_closed"].is_number())
    html += figure("of the gap closed", percent(audit["gap_closed"].get<double>()), "to the class mean");
  if (audit.contains("membership") && audit["membership"].is_object() &&
      audit["membership"].contains("auc") && audit["membership"]["auc"].is_number())
    html +=
        figure("membership AUC", format_figure(audit["membership"]["auc"].get<double>()), "0.5 is chance");
  return html;
}

std::string how_long(const ReportRun& run) {
  if (run.epochs.empty()) return "No epoch is finished yet.";
  double seconds = 0.0;
  for (const EpochMetrics& epoch : run.epochs) seconds += epoch.seconds;
  return fmt::format("{} {}, {} steps, {} of training", run.epochs.size(),
                     run.epochs.size() == 1 ? "epoch" : "epochs", format_count(run.epochs.back().step),
                     format_duration(seconds));
}

}  // namespace

std::string overview_section(const Report& report) {
  std::string html = "<div class=\"columns\">\n";
  for (std::size_t i = 0; i < report.runs.size(); ++i) {
    const ReportRun& run = report.runs[i];
    const std::string figures = training_figures(run) + audit_figures(run);
    html += "<div class=\"card\">\n" + run_heading(report, i);
    if (!figures.empty()) html += "<dl class=\"figures\">\n" + figures + "</dl>\n";
    html += "<p class=\"small muted\" style=\"margin-top:.8rem\">" + escaped(how_long(run)) + "</p></div>\n";
  }
  return html + "</div>\n";
}

std::string differences_section(const Report& report) {
  if (report.runs.size() < 2) return "";
  std::vector<std::string> graphs;
  for (const ReportRun& run : report.runs) graphs.push_back(run.graph_text);
  std::vector<GraphDifference> differences;
  try {
    differences = graph_differences(graphs);
  } catch (const GraphError& error) {
    return note(std::string("The graph files can't be compared: ") + error.what());
  }
  if (differences.empty()) return note("The graph files of these runs say the same.");
  std::string html =
      "<div class=\"card\"><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Differences "
      "between the graph files\"><table><caption>Where the graph files differ</caption>\n<thead><tr><th "
      "scope=\"col\">key</th>";
  for (const ReportRun& run : report.runs) html += "<th scope=\"col\">" + escaped(run.name) + "</th>";
  html += "</tr></thead>\n<tbody>\n";
  for (const GraphDifference& difference : differences) {
    html += "<tr><th scope=\"row\"><code>" + escaped(difference.key) + "</code></th>";
    for (const std::string& value : difference.values)
      html += "<td class=\"value\">" +
              (value.empty() ? std::string("–") : "<code>" + escaped(value) + "</code>") + "</td>";
    html += "</tr>\n";
  }
  return html + "</tbody></table></div></div>\n";
}

}  // namespace generalizer
