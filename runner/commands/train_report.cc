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

std::vector<Cell> cells_of(const DecoderMetrics& decoder) {
  std::vector<Cell> cells = {
      {"train", decoder.never_trained ? std::string("not yet") : format_figure(decoder.train_loss)}};
  if (decoder.validation_loss) cells.push_back({"validation", format_figure(decoder.validation_loss)});
  cells.push_back({"test", format_figure(decoder.test_loss)});
  if (decoder.mean_image_loss) cells.push_back({"mean image", format_figure(decoder.mean_image_loss)});
  return cells;
}

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
  if (metrics.decoders.size() != 1) return cells;
  const auto& [name, decoder] = *metrics.decoders.begin();
  std::vector<Cell> figures = cells_of(decoder);
  figures.front().head = name + " " + figures.front().head;
  cells.insert(cells.end(), figures.begin(), figures.end());
  return cells;
}

/// "         near  train 0.0512   test 0.0498   mean image 0.0868", a line for each of several decoders.
std::vector<std::string> decoder_lines(const EpochMetrics& metrics) {
  std::vector<std::string> lines;
  if (metrics.decoders.size() < 2) return lines;
  std::size_t width = 0;
  for (const auto& [name, decoder] : metrics.decoders) width = std::max(width, width_of(name));
  for (const auto& [name, decoder] : metrics.decoders) {
    std::string line = std::string(9, ' ') + padded(name, width, Table::Align::left);
    for (const Cell& cell : cells_of(decoder))
      line += "  " + cell.head + " " + padded(cell.text, 9, Table::Align::left);
    lines.push_back(line.substr(0, line.find_last_not_of(' ') + 1));
  }
  return lines;
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
  const std::string said = remarks(metrics);
  terminal_.note(said.empty() ? row : row + "  " + terminal_.faint(said));
  for (const std::string& line : decoder_lines(metrics)) terminal_.note(line);
}

std::string TrainReport::remarks(const EpochMetrics& metrics) {
  std::vector<std::string> words;
  if (learning_rate_ && metrics.learning_rate && *learning_rate_ != *metrics.learning_rate)
    words.push_back(fmt::format("learning rate {:.4g}", *metrics.learning_rate));
  learning_rate_ = metrics.learning_rate;
  if (best_ && best_->epoch == metrics.epoch) words.push_back("best " + best_->figure + " so far");
  return join(words, ", ");
}

void TrainReport::warning(const std::string& message) {
  bar_.clear();
  terminal_.warning(message);
}

}  // namespace generalizer
