#pragma once

#include <string>

#include "generalizer/parameter.h"

namespace generalizer {

/// What a key may be, in words: `"valid", "same", an integer or a list of integers`.
std::string expected(const ParameterSpec& spec);
/// The bounds of its numbers, in words: "at least 0 and at most 1"; "" without bounds.
std::string bounds(const ParameterSpec& spec);
/// True when the number lies within the bounds.
bool within_bounds(const ParameterSpec& spec, double value);
/// `; did you mean "NEAREST"?`, or "" when no candidate is near.
std::string suggestion(const std::string& name, const std::vector<std::string>& candidates);
/// `a`, `a or b`, `a, b or c`
std::string joined_by_or(const std::vector<std::string>& words);

}  // namespace generalizer
