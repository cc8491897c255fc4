#pragma once

#include <string>
#include <vector>

#include "run_program.h"
#include "support/temporary_folder.h"

/// A folder with a small dataset that can be learnt (6×6 images; the class is the third of the image that is
/// light), and a graph file for it.
class Project {
 public:
  Project();

  /// The graph file with one piece of its text replaced. Fails the test when the piece isn't there.
  void replace(const std::string& from, const std::string& to);
  void write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;
  std::string path(const std::string& name) const { return folder_ / name; }
  std::string graph() const { return path("graph.toml"); }

  /// Runs the program in the folder.
  Ended run(const std::vector<std::string>& arguments, ProgramOptions options = {}) const;
  /// Trains the graph to the run folder `name`, and requires that it works.
  void train(const std::string& name) const;

 private:
  generalizer::testing::TemporaryFolder folder_;
};
