#include "trainer/memory_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "trainer/divergence.h"
#include "trainer/gallery.h"
#include "trainer/given.h"

namespace generalizer {
namespace {

std::string in_units(std::int64_t bytes) {
  const auto number = static_cast<double>(bytes);
  if (bytes < std::int64_t{10} << 20) return fmt::format("{:.1f} KiB", number / (1 << 10));
  if (bytes < std::int64_t{10} << 30) return fmt::format("{:.1f} MiB", number / (1 << 20));
  return fmt::format("{:.1f} GiB", number / (1 << 30));
}

std::int64_t bytes_of(const std::vector<VariableDeclaration>& variables) {
  std::int64_t bytes = 0;
  for (const VariableDeclaration& variable : variables) bytes += variable.type.bytes();
  return bytes;
}

/// The full batch, and a smaller one that is left at the end.
std::set<std::int64_t> batch_sizes(std::int64_t images, std::int64_t batch) {
  std::set<std::int64_t> sizes;
  if (images >= batch) sizes.insert(batch);
  if (images % batch != 0) sizes.insert(images % batch);
  return sizes;
}

/// What the programs of a training take, by its batch.
class Forecast {
 public:
  Forecast(const Network& network, const Splits& data) : network_(network), data_(data), beside_(beside_the_steps()) {}

  std::int64_t at(std::int64_t batch) const {
    std::int64_t bytes = beside_;
    for (const std::int64_t size : batch_sizes(data_.train->size(), batch)) bytes += steps_of(size);
    return bytes;
  }

  /// The largest batch below `batch`, which doesn't fit, whose programs take no more than `free`; 0 when there is none.
  std::int64_t largest_below(std::int64_t batch, std::int64_t free) const {
    // Without the steps of the last, smaller batch, what is needed grows with the batch.
    std::int64_t most = 0;
    for (std::int64_t too_large = batch; too_large - most > 1;) {
      const std::int64_t middle = most + (too_large - most) / 2;
      (beside_ + steps_of(middle) <= free ? most : too_large) = middle;
    }
    // With them it jumps, so all are looked at from there on, and those closely whose steps come near by a straight line through two points.
    if (most == 0) return 0;
    const std::int64_t half = (most + 1) / 2, low = steps_of(half), high = steps_of(most);
    const double slope = most > half ? static_cast<double>(high - low) / static_cast<double>(most - half) : 0.0;
    const auto about = [&](std::int64_t size) {
      return size == 0 ? 0.0 : static_cast<double>(low) + slope * static_cast<double>(size - half);
    };
    for (std::int64_t size = most; size > 0; --size) {
      const double needed = static_cast<double>(beside_) + about(size) + about(data_.train->size() % size);
      if (needed <= 1.03 * static_cast<double>(free) && fits_at(size, free)) return size;
    }
    return 0;
  }

 private:
  const Graph& graph() const { return network_.graph(); }

  /// Of all players, at one size of the batch.
  std::int64_t steps_of(std::int64_t size) const {
    std::int64_t bytes = of(classifier_step(graph(), size));
    for (std::size_t i = 0; i < graph().decoders().size(); ++i) bytes += of(decoder_step(graph(), i, size));
    return bytes;
  }

  std::int64_t of(const StepProgram& step) const {
    const MemoryReport report = network_.session().forecast(step.program);
    return report.arena + report.scratchpad;
  }

  /// A batch whose last, smaller one no program can be made for (batch normalisation of a single number) is no advice.
  bool fits_at(std::int64_t batch, std::int64_t free) const {
    try {
      return at(batch) <= free;
    } catch (const Error&) {
      return false;
    }
  }

  std::int64_t beside_the_steps() const {
    std::set<std::int64_t> sizes;
    for (const Dataset* images : {data_.test.get(), data_.validation.get()}) {
      if (images != nullptr && images->size() > 0)
        sizes.merge(batch_sizes(images->size(), std::min(Evaluator::kBatch, images->size())));
    }
    std::int64_t bytes = 0;
    for (const std::int64_t size : sizes) bytes += of(evaluation(graph(), size));
    const std::int64_t pictures = images_drawn(*data_.test, graph().spec().train.pictures);
    if (pictures > 0) bytes += of(prediction(graph(), pictures));
    // These are gone before the first step, and the others come after the first epoch.
    bytes = std::max(bytes, of_mean_images());
    const std::int64_t watched = images_watched(graph().spec(), *data_.train);
    return watched > 0 ? bytes + of(tapped(graph(), watched)) : bytes;
  }

  /// The most that measuring a decoder's ceiling takes.
  std::int64_t of_mean_images() const {
    const std::int64_t images = data_.train->size();
    std::int64_t most = 0;
    for (std::size_t i = 0; i < graph().decoders().size(); ++i) {
      if (!network_.session().variables().contains(graph().decoders()[i].name + "/ceiling")) continue;
      std::int64_t bytes = 0;
      for (const std::int64_t size : batch_sizes(images, std::min(kGivenBatch, images))) bytes += of(mean_image_loss(graph(), i, size));
      most = std::max(most, bytes);
    }
    return most;
  }

  const Network& network_;
  const Splits& data_;
  std::int64_t beside_;  ///< the same at every batch
};

}  // namespace

void check_memory(const Network& network, const Splits& data) {
  const std::optional<std::int64_t> free = network.session().free_bytes();
  if (!free) return;
  const Forecast forecast(network, data);
  const std::int64_t batch = network.graph().spec().train.batch;
  const std::int64_t programs = forecast.at(batch);
  if (programs <= *free) return;
  // The variables have their memory already.
  const std::int64_t variables = bytes_of(network.variables());
  const std::int64_t fits = forecast.largest_below(std::min(batch, data.train->size()), *free);
  throw TrainingError(fmt::format(
      "The device's memory is too small for this training: {} are needed at [train] batch = {} ({} for weights, moments and figures, {} for the steps), and {} "
      "are free on {}. {}",
      in_units(variables + programs), batch, in_units(variables), in_units(programs), in_units(variables + *free), network.session().device(),
      fits > 0 ? fmt::format("The largest batch that fits is {}: set batch = {} in [train], or give --set train.batch={}.", fits, fits, fits)
               : "No smaller batch fits either: a smaller network would, or a device with more memory."));
}

void check_memory(const Session& session, const std::vector<VariableDeclaration>& variables) {
  const std::optional<std::int64_t> free = session.free_bytes();
  const std::int64_t needed = bytes_of(variables);
  if (!free || needed <= *free) return;
  throw Error(fmt::format("The device's memory is too small for this network: its weights, moments and figures take {}, and {} are free on {}. A smaller network "
                          "fits, or a device with more memory.",
                          in_units(needed), in_units(*free), session.device()));
}

}  // namespace generalizer
