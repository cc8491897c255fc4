#pragma once

#include <string>

#include "catch.h"

namespace generalizer::test {

/// Says that a test can't be had here and why; the caller returns. CTest knows the words and reports the test as skipped, not as passed.
inline void skip(const std::string& reason) { WARN("SKIPPED: " << reason); }

}  // namespace generalizer::test
