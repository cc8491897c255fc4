#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "report/html.h"
#include "report/page.h"
#include "terminal/format.h"

namespace generalizer {
namespace {

using Json = nlohmann::ordered_json;
using Pick = std::function<std::optional<double>(const EpochMetrics&)>;

struct Series {
  std::size_t colour = 0;
  std::string label;
  const char* part = "test";
  std::vector<std::int64_t> x;
  std::vector<std::optional<double>> y;
};

Series series_of(const ReportRun& run, std::size_t colour, std::string label, const char* part,
                 const Pick& pick) {
  Series series{colour, std::move(label), part, {}, {}};
  for (const EpochMetrics& epoch : run.epochs) {
    series.x.push_back(epoch.epoch);
    series.y.push_back(pick(epoch));
  }
  return series;
}

/// Collects what there is of one chart.
class Chart {
 public:
  explicit Chart(const Report& report) : report_(report) {}

  void add(std::size_t run, std::size_t colour, const std::string& label, const char* part,
           const Pick& pick) {
    const std::string name = report_.runs.size() > 1 ? report_.runs[run].name + " · " + label : label;
    Series series = series_of(report_.runs[run], colour, name, part, pick);
    if (std::any_of(series.y.begin(), series.y.end(), [](const auto& y) { return y.has_value(); }))
      series_.push_back(std::move(series));
  }

  std::vector<Series> take() { return std::move(series_); }

 private:
  const Report& report_;
  std::vector<Series> series_;
};

std::vector<Series> classifier_series(const Report& report,
                                      std::optional<double> ClassifierMetrics::*figure) {
  Chart chart(report);
  for (std::size_t run = 0; run < report.runs.size(); ++run) {
    chart.add(run, run, "test", "test", [=](const EpochMetrics& epoch) { return epoch.test.*figure; });
    chart.add(run, run, "validation", "validation",
              [=](const EpochMetrics& epoch) { return epoch.validation.*figure; });
    chart.add(run, run, "training", "train", [=](const EpochMetrics& epoch) { return epoch.train.*figure; });
  }
  return chart.take();
}

std::vector<Series> decoder_series(const Report& report) {
  Chart chart(report);
  for (std::size_t run = 0; run < report.runs.size(); ++run) {
    const std::vector<EpochMetrics>& epochs = report.runs[run].epochs;
    if (epochs.empty()) continue;
    std::size_t number = 0;
    for (const auto& [name, last] : epochs.back().decoders) {
      // Of a single run a colour is a decoder, else a run.
      const std::size_t colour = report.runs.size() > 1 ? run : number;
      const auto pick = [name = name](std::optional<double> DecoderMetrics::*figure) -> Pick {
        return [name, figure](const EpochMetrics& epoch) {
          const auto found = epoch.decoders.find(name);
          return found == epoch.decoders.end() || (found->second.never_trained) ? std::nullopt
                                                                                : found->second.*figure;
        };
      };
      chart.add(run, colour, name + ", test", "test", pick(&DecoderMetrics::test_loss));
      chart.add(run, colour, name + ", training", "train", pick(&DecoderMetrics::train_loss));
      if (number == 0)
        chart.add(run, colour, "mean image (nothing known)", "yardstick",
                  pick(&DecoderMetrics::mean_image_loss));
      ++number;
    }
  }
  return chart.take();
}

struct ChartKind {
  const char* id;
  const char* title;
  const char* meaning;
  bool share;
};

constexpr std::array kinds = {
    ChartKind{"accuracy", "Accuracy", "Share of images that are classified rightly.", true},
    ChartKind{"loss", "Classifier's loss", "Its own loss, without the decoders' terms.", false},
    ChartKind{"decoder", "Decoders' loss",
              "Of the decoders trained along. A high one alone proves nothing: a classifier can fool the "
              "decoder at hand and keep the image.",
              false},
};

std::vector<Series> series_of(const Report& report, const std::string& chart) {
  if (chart == "accuracy") return classifier_series(report, &ClassifierMetrics::accuracy);
  if (chart == "loss") return classifier_series(report, &ClassifierMetrics::loss);
  return decoder_series(report);
}

/// What a reader who can't see the curves is told: where each ends.
std::string description(const ChartKind& kind, const std::vector<Series>& all) {
  std::string words = std::string(kind.title) + " by epoch.";
  for (const Series& series : all) {
    if (series.y.back())
      words += " " + series.label + " ends at " +
               (kind.share ? format_share(series.y.back()) : format_figure(series.y.back())) + ".";
  }
  return words;
}

std::string legend_line(const char* style, const char* dashes, const std::string& label) {
  return fmt::format(
      "<li><svg width=\"26\" height=\"8\" aria-hidden=\"true\"><line x1=\"1\" y1=\"4\" x2=\"25\" y2=\"4\" "
      "stroke=\"{}\" stroke-width=\"2.25\" stroke-dasharray=\"{}\"/></svg>{}</li>",
      style, dashes, escaped(label));
}

std::string legend(const Report& report) {
  std::string html = "<ul class=\"legend\">";
  if (report.runs.size() > 1) {
    for (std::size_t run = 0; run < report.runs.size(); ++run)
      html += fmt::format(
          "<li><span class=\"swatch\" style=\"--swatch: var(--series-{})\" "
          "aria-hidden=\"true\"></span>{}</li>",
          run % 6 + 1, escaped(report.runs[run].name));
  }
  const auto some = [&](const char* part) {
    return std::any_of(kinds.begin(), kinds.end(), [&](const ChartKind& kind) {
      const std::vector<Series> all = series_of(report, kind.id);
      return std::any_of(all.begin(), all.end(),
                         [&](const Series& series) { return std::string(part) == series.part; });
    });
  };
  const char* line = "var(--muted)";
  if (some("test")) html += legend_line(line, "", "test");
  if (some("validation")) html += legend_line(line, "2 3", "validation");
  if (some("train")) html += legend_line(line, "6 4", "training");
  if (some("yardstick")) html += legend_line(line, "1 4", "mean image: nothing known");
  return html + "</ul>\n";
}

std::string chart_card(const ChartKind& kind, const std::vector<Series>& series) {
  return fmt::format(
      "<div class=\"card\"><div class=\"chart-head\"><h3>{0}</h3><button type=\"button\" class=\"reset\" "
      "hidden>All epochs</button></div>\n"
      "<p class=\"small muted\">{1}</p>\n<div class=\"chart\" data-chart=\"{2}\"><canvas role=\"img\" "
      "tabindex=\"0\" aria-label=\"{3}\"></canvas></div></div>\n",
      kind.title, escaped(kind.meaning), kind.id, escaped(description(kind, series)));
}

/// Every figure of every epoch, which is also what a reader without scripts has.
std::string metrics_table(const ReportRun& run) {
  std::vector<std::pair<std::string, std::function<std::string(const EpochMetrics&)>>> columns = {
      {"epoch", [](const EpochMetrics& e) { return std::to_string(e.epoch); }},
      {"training loss", [](const EpochMetrics& e) { return format_figure(e.train.loss); }},
      {"training accuracy", [](const EpochMetrics& e) { return format_share(e.train.accuracy); }},
      {"test loss", [](const EpochMetrics& e) { return format_figure(e.test.loss); }},
      {"test accuracy", [](const EpochMetrics& e) { return format_share(e.test.accuracy); }}};
  for (const auto& [name, unused] : run.epochs.back().decoders) {
    const auto of = [name = name](const EpochMetrics& e) {
      return e.decoders.contains(name) ? e.decoders.at(name) : DecoderMetrics{};
    };
    columns.emplace_back(name + ", training",
                         [of](const EpochMetrics& e) { return format_figure(of(e).train_loss); });
    columns.emplace_back(name + ", test",
                         [of](const EpochMetrics& e) { return format_figure(of(e).test_loss); });
  }
  columns.emplace_back("images/s",
                       [](const EpochMetrics& e) { return format_count(std::llround(e.images_per_second)); });
  std::string html = fmt::format(
      "<details><summary>{}: every figure as a table</summary><div class=\"scroll\" tabindex=\"0\" "
      "role=\"region\" aria-label=\"Figures of every epoch\"><table>\n<thead><tr>",
      escaped(run.name));
  for (const auto& [head, unused] : columns)
    html += "<th scope=\"col\" class=\"number\">" + escaped(head) + "</th>";
  html += "</tr></thead>\n<tbody>\n";
  for (const EpochMetrics& epoch : run.epochs) {
    html += "<tr>";
    for (const auto& [head, cell] : columns) html += "<td class=\"number\">" + escaped(cell(epoch)) + "</td>";
    html += "</tr>\n";
  }
  return html + "</tbody></table></div></details>\n";
}

}  // namespace

std::vector<std::string> charts_of(const Report& report) {
  std::vector<std::string> charts;
  for (const ChartKind& kind : kinds) {
    if (!series_of(report, kind.id).empty()) charts.emplace_back(kind.id);
  }
  return charts;
}

std::string curves_data(const Report& report) {
  Json json;
  json["charts"] = Json::object();
  for (const ChartKind& kind : kinds) {
    const std::vector<Series> all = series_of(report, kind.id);
    if (all.empty()) continue;
    Json& chart = json["charts"][kind.id];
    chart["share"] = kind.share;
    chart["series"] = Json::array();
    for (const Series& series : all) {
      Json y = Json::array();
      for (const auto& value : series.y) y.push_back(value ? Json(*value) : Json(nullptr));
      chart["series"].push_back({{"run", series.colour},
                                 {"label", series.label},
                                 {"part", series.part},
                                 {"x", series.x},
                                 {"y", std::move(y)}});
    }
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string curves_section(const Report& report) {
  std::string cards, tables, notes;
  for (const ChartKind& kind : kinds) {
    const std::vector<Series> series = series_of(report, kind.id);
    if (!series.empty()) cards += chart_card(kind, series);
  }
  for (const ReportRun& run : report.runs) {
    if (run.epochs.empty()) {
      notes += note(run.name + " has no finished epoch yet, so it has no curves.");
    } else {
      tables += metrics_table(run);
      if (run.epochs.size() == 1) notes += note(run.name + " has one epoch: a point, not a curve.");
    }
  }
  if (cards.empty()) return notes;
  return legend(report) + "<div class=\"columns\">\n" + cards +
         "</div>\n<p class=\"small muted\" style=\"margin-top:.6rem\">Point at a curve for its figures. Drag "
         "over epochs to see them larger, or turn the wheel with Ctrl held; a double click shows all "
         "again.</p>\n" +
         notes + tables;
}

}  // namespace generalizer
