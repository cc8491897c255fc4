#include "terminal/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace generalizer {

std::string format_count(std::int64_t n) {
  std::string digits = std::to_string(n);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (n < 0 ? 1 : 0); at -= 3)
    digits.insert(static_cast<std::size_t>(at), " ");
  return digits;
}

std::string format_bytes(std::int64_t bytes) {
  constexpr std::array units = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1024.0;
  std::size_t unit = 0;
  for (; value >= 1024.0 && unit + 1 < units.size(); ++unit) value /= 1024.0;
  return fmt::format("{:.1f} {}", value, units[unit]);
}

std::string format_flops(double flops) {
  constexpr std::array units = {"FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP"};
  if (flops == 0.0) return "0";
  std::size_t unit = 0;
  for (; flops >= 1000.0 && unit + 1 < units.size(); ++unit) flops /= 1000.0;
  return fmt::format("{:.3g} {}", flops, units[unit]);
}

std::string format_duration(double seconds) {
  if (!std::isfinite(seconds)) return "–";
  const auto whole = static_cast<std::int64_t>(std::llround(std::max(seconds, 0.0)));
  const std::int64_t hours = whole / 3600;
  if (hours > 0) return fmt::format("{}:{:02}:{:02}", hours, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string format_share(const std::optional<double>& share) {
  return share ? fmt::format("{:.2f} %", 100.0 * *share) : "–";
}

std::string format_figure(const std::optional<double>& figure) {
  return figure ? fmt::format("{:#.4g}", *figure) : "–";
}

std::string format_figure_of(const std::string& monitor, double figure) {
  return monitor.ends_with("/accuracy") ? format_share(figure) : format_figure(figure);
}

std::string join(const std::vector<std::string>& words, const std::string& last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? last : ", ";
    text += words[i];
  }
  return text;
}

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace generalizer
