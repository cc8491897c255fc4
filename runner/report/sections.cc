#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/html.h"
#include "report/page.h"
#include "sweep/curve.h"
#include "terminal/format.h"

namespace generalizer {
namespace {

using Json = nlohmann::ordered_json;

std::string layers_table(const ReportRun& run) {
  std::string html =
      "<details><summary>Layers as a table</summary><div class=\"scroll\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"Layers\"><table>\n<thead><tr><th scope=\"col\">layer</th><th scope=\"col\">type</th><th "
      "scope=\"col\">from</th>"
      "<th scope=\"col\" class=\"number\">output</th><th scope=\"col\" "
      "class=\"number\">weights</th></tr></thead>\n<tbody>\n";
  for (const LayerSummary& layer : run.layers) {
    html += fmt::format(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"number\">{}</td><td "
        "class=\"number\">{}</td></tr>\n",
        escaped(layer.player + "/" + layer.name), escaped(layer.type), escaped(join(layer.inputs, ", ")),
        escaped(layer.output.to_string()), format_count(layer.weights));
  }
  return html + "</tbody></table></div></details>\n";
}

/// The network as text, where it can't be drawn.
std::string layers_text(const ReportRun& run) {
  std::string text;
  for (const LayerSummary& layer : run.layers)
    text += fmt::format("{}/{} = {}({})  {}\n", layer.player, layer.name, layer.type,
                        join(layer.inputs, ", "), layer.output.to_string());
  return "<pre>" + escaped(text) + "</pre>\n";
}

std::string network_of(const ReportRun& run) {
  std::string html;
  if (!run.drawing.empty()) {
    html += fmt::format(
        "<div class=\"drawing\" tabindex=\"0\" role=\"region\" aria-label=\"Drawing of the network\"><img "
        "alt=\"The network {}: its layers, taps and decoders; the table below says the same.\" "
        "src=\"{}\"></div>\n",
        escaped(run.graph_name), data_uri("image/svg+xml", run.drawing));
  } else {
    html += note("The network is not drawn. " + run.drawing_problem);
    if (!run.layers.empty()) html += layers_text(run);
  }
  return run.layers.empty() ? html : html + layers_table(run);
}

/// Runs whose graphs look the same are drawn once.
std::size_t first_like(const Report& report, std::size_t run) {
  for (std::size_t i = 0; i < run; ++i) {
    if (!report.runs[run].drawing.empty() && report.runs[i].drawing == report.runs[run].drawing) return i;
  }
  return run;
}

/// The graph file with its tables' heads marked.
std::string graph_text(const std::string& toml) {
  std::string html, line;
  const auto end_line = [&] {
    const bool head = line.starts_with("[") && line.ends_with("]");
    html += head ? "<b>" + escaped(line) + "</b>\n" : escaped(line) + "\n";
    line.clear();
  };
  for (const char c : toml) {
    if (c == '\n') {
      end_line();
    } else {
      line += c;
    }
  }
  if (!line.empty()) end_line();
  return html;
}

/// A value of run.json in words.
std::string shown(const Json& value) {
  if (value.is_null()) return "–";
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_structured()) return value.dump();
  std::vector<std::string> parts;
  for (const auto& [key, part] : value.items()) {
    if (part.is_object() && part.contains("name") && part.contains("version")) {
      parts.push_back(shown(part["name"]) + " " + shown(part["version"]));
    } else {
      parts.push_back(value.is_object() ? key + " " + shown(part) : shown(part));
    }
  }
  return parts.empty() ? "–" : join(parts, ", ");
}

constexpr std::array environment_rows = {std::pair("generalizer", "generalizer"),
                                         std::pair("backend", "backend"),
                                         std::pair("device", "device"),
                                         std::pair("libraries", "libraries"),
                                         std::pair("plugins", "plugins"),
                                         std::pair("seed", "seed"),
                                         std::pair("host", "host"),
                                         std::pair("started", "started"),
                                         std::pair("command", "command"),
                                         std::pair("data", "data"),
                                         std::pair("startup_seconds", "start-up, s"),
                                         std::pair("data_seconds", "reading the data, s")};

std::string sweep_cells(const SweepRow& row, const std::vector<std::string>& keys,
                        const std::vector<const FigureKind*>& kinds) {
  std::string html;
  for (const std::string& key : keys) {
    const std::string value = value_of(row.combination, key);
    html += "<td class=\"number\">" + (value.empty() ? "–" : escaped(value)) + "</td>";
  }
  const auto done = std::count_if(row.runs.begin(), row.runs.end(),
                                  [](const SweepRun& run) { return run.state == SweepRun::State::done; });
  html += fmt::format("<td class=\"number\">{}</td>", static_cast<std::size_t>(done) == row.runs.size()
                                                          ? std::to_string(done)
                                                          : fmt::format("{} of {}", done, row.runs.size()));
  for (const FigureKind* kind : kinds)
    html += "<td class=\"number\">" + escaped(format_estimate(row.figures, *kind)) + "</td>";
  return html + "<td>" + (row.pareto ? "<span aria-label=\"yes\">●</span>" : "") + "</td>";
}

std::string sweep_table(const SweepResults& sweep) {
  std::vector<Combination> combinations;
  for (const SweepRow& row : sweep.rows) combinations.push_back(row.combination);
  const std::vector<std::string> keys = keys_of(combinations);
  std::vector<const FigureKind*> kinds;
  for (const FigureKind& kind : figure_kinds()) {
    const bool some = std::any_of(sweep.rows.begin(), sweep.rows.end(),
                                  [&](const SweepRow& row) { return row.figures.contains(kind.id); });
    if (some && kind.in_short_table) kinds.push_back(&kind);
  }
  std::string html =
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"The sweep's "
      "combinations\"><table><caption>Means over seeds with 95 % confidence intervals (Student's "
      "t)</caption>\n<thead><tr><th scope=\"col\" class=\"number\">#</th>";
  for (const std::string& key : keys) html += "<th scope=\"col\" class=\"number\">" + escaped(key) + "</th>";
  html += "<th scope=\"col\" class=\"number\">runs</th>";
  for (const FigureKind* kind : kinds)
    html += "<th scope=\"col\" class=\"number\">" + escaped(kind->head) + "</th>";
  html += "<th scope=\"col\">Pareto</th></tr></thead>\n<tbody>\n";
  for (std::size_t i = 0; i < sweep.rows.size(); ++i)
    html += fmt::format("<tr class=\"{}\"><th scope=\"row\" class=\"number\">{}</th>{}</tr>\n",
                        sweep.rows[i].pareto ? "best" : "", i + 1, sweep_cells(sweep.rows[i], keys, kinds));
  return html + "</tbody></table></div>\n";
}

}  // namespace

std::string pictures_section(const Report& report) {
  std::string html;
  for (std::size_t i = 0; i < report.runs.size(); ++i) {
    const ReportRun& run = report.runs[i];
    html += "<div class=\"card\">\n" + (report.runs.size() > 1 ? run_heading(report, i) : std::string());
    for (const ReportPicture& picture : run.pictures) {
      html += fmt::format(
          "<figure><img class=\"pixels\" alt=\"{}\" src=\"{}\"><figcaption><strong>{}.</strong> "
          "{}</figcaption></figure>\n",
          escaped(picture.description), picture.uri, escaped(picture.title), escaped(picture.description));
    }
    if (run.pictures.empty())
      html += note(
          "This run has no pictures: its graph has [train] pictures = 0, no decoder recreates the image, or "
          "no epoch is finished yet.");
    html += "</div>\n";
  }
  return report.runs.size() > 1 ? "<div class=\"columns\">\n" + html + "</div>\n" : html;
}

std::string network_section(const Report& report) {
  std::string html;
  for (std::size_t i = 0; i < report.runs.size(); ++i) {
    html += "<div class=\"card\">\n" + (report.runs.size() > 1 ? run_heading(report, i) : std::string());
    const std::size_t first = first_like(report, i);
    html += first < i ? note("The same network as that of " + report.runs[first].name + ".")
                      : network_of(report.runs[i]);
    html += "</div>\n";
  }
  return html;
}

std::string sweep_section(const Report& report) {
  if (!report.sweep) return "";
  return "<p class=\"muted\">Each point is a combination, with its number in the table: test accuracy "
         "against what is left to be recovered. Up and to the right is better; nothing beats a filled point "
         "in both.</p>\n<div class=\"card\"><div class=\"scroll\" tabindex=\"0\" role=\"region\" "
         "aria-label=\"Trade-off curve\">" +
         curve_svg(*report.sweep) + "</div></div>\n<div class=\"card\">" + sweep_table(*report.sweep) +
         "</div>\n";
}

std::string graph_section(const Report& report) {
  std::string html =
      "<div class=\"card\"><p class=\"small muted\">As it was resolved: every key with its value, defaults "
      "too.</p>\n";
  for (const ReportRun& run : report.runs)
    html += fmt::format("<details><summary>{}/graph.toml</summary><pre tabindex=\"0\">{}</pre></details>\n",
                        escaped(run.folder), graph_text(run.graph_text));
  return html + "</div>\n";
}

std::string environment_section(const Report& report) {
  std::string rows, notes;
  for (const auto& [key, head] : environment_rows) {
    if (std::none_of(report.runs.begin(), report.runs.end(), [key = key](const ReportRun& run) {
          return run.record.is_object() && run.record.contains(key);
        }))
      continue;
    rows += "<tr><th scope=\"row\">" + escaped(head) + "</th>";
    for (const ReportRun& run : report.runs)
      rows += "<td class=\"value\">" +
              escaped(run.record.is_object() && run.record.contains(key) ? shown(run.record[key]) : "–") +
              "</td>";
    rows += "</tr>\n";
  }
  for (const ReportRun& run : report.runs) {
    if (!run.record.is_object())
      notes += note(run.name + " has no run.json that can be read, so where it was made is not known.");
  }
  if (rows.empty()) return notes;
  std::string heads;
  for (const ReportRun& run : report.runs) heads += "<th scope=\"col\">" + escaped(run.name) + "</th>";
  return "<div class=\"card\"><div class=\"scroll\" tabindex=\"0\" role=\"region\" "
         "aria-label=\"Environment\"><table><caption>What the runs were made with</caption>\n<thead><tr><th "
         "scope=\"col\"></th>" +
         heads + "</tr></thead>\n<tbody>\n" + rows + "</tbody></table></div></div>\n" + notes;
}

}  // namespace generalizer
