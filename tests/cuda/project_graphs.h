#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "catch.h"
#include "lower/steps.h"
#include "places.h"
#include "support/networks.h"

namespace generalizer::test {

/// The classifier's step, each decoder's, evaluation and prediction: of different batches, as a run has them.
inline std::vector<Program> programs_of(const Graph& graph) {
  std::vector<Program> programs;
  programs.push_back(classifier_step(graph, 4).program);
  for (std::size_t i = 0; i < graph.decoders().size(); ++i) programs.push_back(decoder_step(graph, i, 4).program);
  programs.push_back(evaluation(graph, 3).program);
  programs.push_back(prediction(graph, 2).program);
  return programs;
}

/// Calls `f` with every file in graphs/, connected.
template <class F>
void for_all_graphs(F&& f) {
  for (const auto& entry : std::filesystem::directory_iterator(project_folder() + "/graphs")) {
    if (entry.path().extension() != ".toml") continue;
    INFO(entry.path().string());
    const GraphSpec spec = read_graph(entry.path().string(), builtin_plugins(), {{"backend=reference"}});
    f(Graph(spec, data_shape_of_project(spec), builtin_plugins()));
  }
}

}  // namespace generalizer::test
