#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "generalizer/error.h"

namespace generalizer {

enum class Verdict : std::uint8_t {
  passed,
  failed,
  skipped,  ///< it can't be judged here; `detail` says why
};

/// What a check of a plugin's type found.
struct Finding {
  Verdict verdict = Verdict::passed;
  std::string detail;  ///< a figure or what was tried; of a failure full sentences
};

inline Finding passed(std::string detail) { return {Verdict::passed, std::move(detail)}; }
inline Finding failed(std::string detail) { return {Verdict::failed, std::move(detail)}; }
inline Finding skipped(std::string detail) { return {Verdict::skipped, std::move(detail)}; }
/// What an error says, of a `GraphError` without the line that is shown with it: the graphs of checks are made up, and nobody has seen them.
std::string text_of(const Error& error);
/// Passed without problems; failed with all of them otherwise.
Finding judged(const std::vector<std::string>& problems, std::string detail);

/// Says what a check is about to do, so that one which doesn't come back can be told with it.
using Tell = std::function<void(const std::string&)>;

/// One check of one type. It calls the plugin, whose code may do anything: whoever runs checks of a plugin that isn't known to be sound runs each in a
/// process of its own.
struct Check {
  std::string subject;  ///< "layer squeeze_excite"
  std::string name;     ///< "gradients"
  /// What is thrown counts as a failure of the check.
  std::function<Finding(const Tell&)> run;
};

/// Runs the check; an exception becomes a failure with its text.
Finding run_check(const Check& check, const Tell& tell = [](const std::string&) {});

}  // namespace generalizer
