#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/report_run.h"
#include "sweep/results.h"

namespace generalizer {

/// What a page shows.
struct Report {
  std::vector<ReportRun> runs;
  std::optional<SweepResults> sweep;
  std::string sweep_folder;  ///< as given
  std::string version;       ///< of the program
  std::string made;          ///< when, in words
};

/// The whole page: one HTML file that loads nothing. What comes from files is escaped.
std::string report_page(const Report& report);

// Its parts, each a `<section>`.
std::string overview_section(const Report& report);
std::string differences_section(const Report& report);
std::string curves_section(const Report& report);
std::string audit_section(const Report& report);
std::string pictures_section(const Report& report);
std::string network_section(const Report& report);
std::string sweep_section(const Report& report);
std::string graph_section(const Report& report);
std::string environment_section(const Report& report);

/// The series of all curves, as report.js draws them: {"charts": {NAME: {share, series: [{run, label, part, x, y}]}}}.
std::string curves_data(const Report& report);
/// Which of "accuracy", "loss" and "decoder" some run has figures of.
std::vector<std::string> charts_of(const Report& report);

/// A run's mark and name, as a heading: its colour is that of its curves.
std::string run_heading(const Report& report, std::size_t run);
/// "<p class="note">…</p>"; the text is escaped.
std::string note(const std::string& text);

}  // namespace generalizer
