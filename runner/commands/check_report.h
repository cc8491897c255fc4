#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "data/splits.h"
#include "generalizer/backend.h"
#include "graph/graph.h"
#include "lower/summary.h"

namespace generalizer {

/// What compiling one step's program comes to without the backend's device.
struct StepAhead {
  std::string step;  ///< "classifier step"
  CompileReport report;
};

/// What `check` tells of a graph.
struct CheckReport {
  const Graph& graph;
  const Splits& data;
  BackendReport backend;
  NetworkSummary summary;
  std::vector<StepAhead> ahead;  ///< empty for a backend that compiles nothing ahead
  std::string not_ahead;         ///< why it could not, where it would have
};

std::string check_text(const CheckReport& report);
nlohmann::ordered_json check_json(const CheckReport& report);

/// The connected graph, a line a layer: "classifier/embedding = dense(flatten) 32×128".
std::string graph_text(const NetworkSummary& summary);

}  // namespace generalizer
