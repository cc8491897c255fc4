#pragma once

#include <chrono>

#include "inspection/finding.h"

namespace generalizer {

/// While it lives, what is written to standard output goes to standard error: a plugin's own words don't get between a command's.
class OutputAside {
 public:
  OutputAside();
  ~OutputAside();
  OutputAside(const OutputAside&) = delete;
  OutputAside& operator=(const OutputAside&) = delete;

 private:
  int output_ = -1;
};

/// Runs a check in a process of its own, so that one that crashes, never ends or leaves memory spoilt harms nothing else: a crash is a failure that
/// names the signal, and after `limit` the process is killed. It has a folder for temporary files of its own (TMPDIR), which is removed however it ends,
/// and its standard output is our standard error. The calling process must have one thread. Ctrl-C and SIGTERM end check and program.
Finding run_isolated(const Check& check, std::chrono::seconds limit);

}  // namespace generalizer
