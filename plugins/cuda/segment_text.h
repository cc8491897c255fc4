#pragma once

#include <string>

#include "kernel.h"

namespace generalizer::cuda {

struct SegmentText {
  std::string body;  ///< for one tile, `tile`
  bool barriers = false;
};

/// The text of a segment within a kernel, whose arguments are known by then.
SegmentText text_of(const Works& works, const Fusion& fusion, const Sizes& sizes, const Segment& segment, const Kernel& kernel);

}  // namespace generalizer::cuda
