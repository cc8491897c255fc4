#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace generalizer {

/// "2 768 896": digits in groups of three.
std::string format_count(std::int64_t n);
/// "10.6 MiB"
std::string format_bytes(std::int64_t bytes);
/// "1.25 GFLOP"; 0 for none.
std::string format_flops(double flops);
/// "0:07", "12:30", "1:02:03"
std::string format_duration(double seconds);
/// "90.31 %"; "–" for none.
std::string format_share(const std::optional<double>& share);
/// Four significant digits, "0.02651"; "–" for none.
std::string format_figure(const std::optional<double>& figure);
/// A watched figure, written as what it is: an accuracy as a share.
std::string format_figure_of(const std::string& monitor, double figure);
/// "a, b and c"
std::string join(const std::vector<std::string>& words, const std::string& last = " and ");

/// Columns that a text takes on a terminal: its characters, not its bytes (UTF-8, none of them wide).
std::size_t width_of(const std::string& text);

}  // namespace generalizer
