#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

/// What a run of the program left.
struct Ended {
  int code = -1;    ///< exit code, or 128 + the signal that ended it
  std::string out;  ///< standard output
  std::string err;  ///< standard error
};

struct ProgramOptions {
  std::map<std::string, std::string> environment;  ///< added to the test's own
  std::string folder;                              ///< to run in; "": the test's
  bool terminal = false;                           ///< standard error is a terminal of 100 columns
  /// Called again and again with the process while it runs, with what standard error holds by then.
  std::function<void(int process, const std::string& err)> watch;
};

/// Runs the built program with these arguments and waits for its end.
Ended run_program(const std::vector<std::string>& arguments, const ProgramOptions& options = {});
