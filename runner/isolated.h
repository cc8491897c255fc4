#pragma once

#include <chrono>

#include "inspection/finding.h"

namespace generalizer {

/// Runs a check in a process of its own, so that one that crashes, never ends or leaves memory spoilt harms nothing else: a crash is a failure that
/// names the signal, and after `limit` the process is killed. The calling process must have one thread.
Finding run_isolated(const Check& check, std::chrono::seconds limit);

}  // namespace generalizer
