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
/// The candidate that was probably meant: what another library's word is called here, or else the nearest name; "" when none is near.
std::string meant(const std::string& name, const std::vector<std::string>& candidates);
/// `; did you mean "NEAREST"?`, or "" when no candidate is near.
std::string suggestion(const std::string& name, const std::vector<std::string>& candidates);
/// `a`, `a or b`, `a, b or c`
std::string joined_by_or(const std::vector<std::string>& words);

}  // namespace generalizer
