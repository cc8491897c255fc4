#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lower/summary.h"
#include "trainer/metrics.h"

namespace generalizer {

struct Context;

/// A picture of a run.
struct ReportPicture {
  std::string title;
  std::string description;  ///< what a reader who can't see it is told
  std::string uri;          ///< with all its bytes
};

/// All that a page shows of one run. What a run doesn't have is empty, and the page says so.
struct ReportRun {
  std::string name;    ///< the folder's, as the runs of a page are told apart
  std::string folder;  ///< as given
  std::string graph_name;
  std::string graph_text;  ///< graph.toml
  std::vector<EpochMetrics> epochs;
  nlohmann::ordered_json record;  ///< run.json; null when it can't be read
  nlohmann::ordered_json audit;   ///< audit.json; null when there is none
  std::string audit_problem;      ///< why an audit.json that is there can't be shown
  std::vector<ReportPicture> pictures;
  std::vector<LayerSummary> layers;
  std::string drawing;          ///< SVG; "" when it can't be drawn
  std::string drawing_problem;  ///< why, a sentence
};

/// Reads a run folder; the plugins that its graph names must be loaded. Throws `DataError` where there is no run; everything else that is missing or damaged is
/// left out.
ReportRun read_report_run(const Context& context, const std::string& folder);

}  // namespace generalizer
