#include "terminal/progress_bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "terminal/format.h"

namespace generalizer {
namespace {

constexpr auto between_sentences = std::chrono::seconds(60);

std::string rate_of(const TrainingProgress& progress) {
  return format_count(std::llround(progress.images_per_second)) + " images/s";
}

/// A bar of so many columns, drawn in half columns.
std::string bar(double share, std::size_t columns) {
  const auto halves =
      static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * 2.0 * static_cast<double>(columns));
  std::string text;
  for (std::size_t i = 0; i < columns; ++i) text += 2 * i + 1 < halves ? "━" : 2 * i < halves ? "╸" : "─";
  return text;
}

}  // namespace

std::string ProgressBar::line(const TrainingProgress& progress, std::size_t width) {
  const std::string before = fmt::format("epoch {}/{} ", progress.epoch, progress.epochs);
  const std::string after = fmt::format(" {}/{}  {}  {} left", progress.step, progress.steps,
                                        rate_of(progress), format_duration(progress.seconds_left));
  const std::size_t taken = width_of(before) + width_of(after) + 1;
  if (width < taken + 4) return (before + after).substr(0, width > 0 ? width - 1 : 0);
  const double share =
      progress.steps > 0 ? static_cast<double>(progress.step) / static_cast<double>(progress.steps) : 0.0;
  return before + bar(share, std::min<std::size_t>(width - taken, 40)) + after;
}

std::string ProgressBar::sentence(const TrainingProgress& progress) {
  return fmt::format("epoch {} of {}: step {} of {}, {}, about {} left", progress.epoch, progress.epochs,
                     progress.step, progress.steps, rate_of(progress),
                     format_duration(progress.seconds_left));
}

void ProgressBar::show(const TrainingProgress& progress) {
  if (terminal_.interactive()) {
    const std::string text = "\r" + line(progress, terminal_.width()) + "\033[K";
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
    drawn_ = true;
    return;
  }
  const Clock::time_point now = Clock::now();
  if (last_sentence_ != Clock::time_point{} && now - last_sentence_ < between_sentences) return;
  last_sentence_ = now;
  terminal_.note(sentence(progress));
}

void ProgressBar::clear() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace generalizer
