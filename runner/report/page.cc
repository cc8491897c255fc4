#include "report/page.h"

#include <fmt/format.h>

#include "report/assets.h"
#include "report/html.h"
#include "terminal/format.h"

namespace generalizer {
namespace {

struct Part {
  const char* id;
  const char* title;
  std::string html;
};

/// Nothing may be loaded from anywhere, whatever a file smuggled in.
constexpr const char* kPolicy =
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

std::string title_of(const Report& report) {
  if (report.runs.empty()) return "A sweep: " + report.sweep_folder;
  if (report.runs.size() == 1) return report.runs.front().graph_name;
  return fmt::format("{} runs side by side", report.runs.size());
}

std::string subtitle_of(const Report& report) {
  if (report.runs.size() == 1) return "Run " + report.runs.front().folder;
  std::vector<std::string> names;
  for (const ReportRun& run : report.runs) names.push_back(run.name);
  return names.empty() ? "" : join(names);
}

std::vector<Part> parts_of(const Report& report) {
  std::vector<Part> parts;
  const auto add = [&](const char* id, const char* title, std::string html) {
    if (!html.empty()) parts.push_back({id, title, std::move(html)});
  };
  if (!report.runs.empty()) {
    add("overview", "Overview", overview_section(report));
    add("differences", "Differences", differences_section(report));
    add("curves", "Curves", curves_section(report));
    add("audit", "Is it forgotten?", audit_section(report));
    add("pictures", "Pictures", pictures_section(report));
  }
  add("sweep", "Sweep", sweep_section(report));
  if (!report.runs.empty()) {
    add("network", "Network", network_section(report));
    add("graph", "Graph file", graph_section(report));
    add("environment", "Environment", environment_section(report));
  }
  return parts;
}

std::string navigation(const std::vector<Part>& parts) {
  std::string links;
  for (const Part& part : parts) links += fmt::format("<a href=\"#{}\">{}</a>", part.id, escaped(part.title));
  return "<div class=\"topbar\"><div class=\"page\"><nav aria-label=\"Parts of the page\">" + links +
         "</nav><button id=\"theme\" type=\"button\">Dark</button></div></div>\n";
}

}  // namespace

std::string note(const std::string& text) { return "<p class=\"note\">" + escaped(text) + "</p>\n"; }

std::string run_heading(const Report& report, std::size_t run) {
  return fmt::format(
      "<div class=\"run-head\"><span class=\"swatch\" style=\"--swatch: var(--series-{})\" "
      "aria-hidden=\"true\"></span><h3>{}</h3></div>\n",
      run % 6 + 1, escaped(report.runs[run].name));
}

std::string report_page(const Report& report) {
  const std::vector<Part> parts = parts_of(report);
  const std::string title = escaped(title_of(report));
  std::string page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  page += fmt::format("<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n", kPolicy);
  page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" + title +
          " – generalizer</title>\n";
  page += "<link rel=\"icon\" href=\"data:,\">\n";  // or a server would be asked for one
  page += "<style>\n" + std::string(report_style()) + "</style>\n";
  page +=
      "<script>document.documentElement.dataset.theme = matchMedia('(prefers-color-scheme: dark)').matches ? "
      "'dark' : 'light';</script>\n</head>\n<body>\n";
  page += navigation(parts);
  page += "<main class=\"page\">\n<header class=\"head\"><h1>" + title + "</h1><p>" +
          escaped(subtitle_of(report)) + "</p></header>\n";
  for (const Part& part : parts)
    page += fmt::format(
        "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}</h2>\n{2}</section>\n",
        part.id, escaped(part.title), part.html);
  page += fmt::format(
      "<footer>Made by generalizer {} on {}. The curves are drawn by Chart.js 3 (MIT licence). This page is "
      "one file and loads nothing.</footer>\n</main>\n",
      escaped(report.version), escaped(report.made));
  page += "<div id=\"tip\" class=\"tip\" role=\"tooltip\" hidden></div>\n";
  page +=
      "<script type=\"application/json\" id=\"data\">" + escaped_json(curves_data(report)) + "</script>\n";
  page += "<script>\n" + std::string(chart_library()) + "\n</script>\n<script>\n" +
          std::string(report_script()) + "</script>\n</body>\n</html>\n";
  return page;
}

}  // namespace generalizer
