#pragma once

#include <string>

#include "sweep/results.h"

namespace generalizer {

/// The trade-off curve as SVG: accuracy against how little can be recovered, a point a combination with its number in the table, the intervals as crossing
/// lines, the Pareto-optimal points filled and joined. Alone it follows the reader's light or dark setting; within a page it takes the page's
/// colours (`--ink`, `--muted`, `--line`, `--accent`, `--paper`). Says so in words when there is nothing to draw yet.
std::string curve_svg(const SweepResults& results);

}  // namespace generalizer
