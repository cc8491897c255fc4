#include "commands/train_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "terminal/format.h"

namespace generalizer {
namespace {

struct Cell {
  std::string head;
  std::string text;
};

/// The columns of an epoch's row. Which there are depends on the graph alone, so every row has the same.
std::vector<Cell> cells_of(const EpochMetrics& metrics) {
  std::vector<Cell> cells = {{"epoch", std::to_string(metrics.epoch)},
                             {"time", format_duration(metrics.seconds)},
                             {"images/s", format_count(std::llround(metrics.images_per_second))}};
  if (metrics.train.loss) {
    cells.push_back({"train loss", format_figure(metrics.train.loss)});
    cells.push_back({"accuracy", format_share(metrics.train.accuracy)});
  }
  if (metrics.validation.loss) {
    cells.push_back({"validation loss", format_figure(metrics.validation.loss)});
    cells.push_back({"accuracy", format_share(metrics.validation.accuracy)});
  }
  if (metrics.test.loss) {
    cells.push_back({"test loss", format_figure(metrics.test.loss)});
    cells.push_back({"accuracy", format_share(metrics.test.accuracy)});
  }
  for (const auto& [name, decoder] : metrics.decoders) {
    cells.push_back({name + " train", format_figure(decoder.train_loss)});
    cells.push_back({"test", format_figure(decoder.test_loss)});
    if (decoder.mean_image_loss) cells.push_back({"mean image", format_figure(decoder.mean_image_loss)});
  }
  return cells;
}

}  // namespace

void TrainReport::started(const std::string& run, const std::string& device, std::int64_t images,
                          std::int64_t first_epoch) {
  terminal_.note(fmt::format("Training on {} {} with {}.", format_count(images), images == 1 ? "image" : "images", device));
  terminal_.note(fmt::format(
      "{} {}", first_epoch == 1 ? "Run folder:" : fmt::format("Going on with epoch {} of", first_epoch),
      run));
}

void TrainReport::write_head(const EpochMetrics& metrics) {
  std::string head;
  for (const Cell& cell : cells_of(metrics)) {
    // Room for later figures, which may be wider than the first ones.
    widths_.push_back(std::max({width_of(cell.head), width_of(cell.text), std::size_t{7}}));
    head += (head.empty() ? "" : "  ") + padded(cell.head, widths_.back(), Table::Align::right);
  }
  terminal_.note(terminal_.bold(head));
}

void TrainReport::epoch_done(const EpochMetrics& metrics) {
  bar_.clear();
  if (widths_.empty()) write_head(metrics);
  const std::vector<Cell> cells = cells_of(metrics);
  std::string row;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::size_t width = i < widths_.size() ? widths_[i] : 0;
    row += (i == 0 ? "" : "  ") + padded(cells[i].text, width, Table::Align::right);
  }
  terminal_.note(row);
}

void TrainReport::warning(const std::string& message) {
  bar_.clear();
  terminal_.warning(message);
}

}  // namespace generalizer
