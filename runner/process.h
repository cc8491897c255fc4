#pragma once

#include <string>
#include <vector>

namespace generalizer {

/// Runs a program that is found by PATH, gives it a text on its standard input, waits, and returns its exit
/// code (128 + the signal's number when one ended it). Its output goes where ours goes. Throws `Error` when
/// it isn't there; `advice` says what to do then.
int run_process(const std::vector<std::string>& command, const std::string& input, const std::string& advice);

}  // namespace generalizer
