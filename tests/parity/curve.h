#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/graph_spec.h"
#include "generalizer/registry.h"

/// Trainings as curves of losses, one number a step, so that two backends can be held against each other on machines that never meet.
namespace generalizer::parity {

/// The losses of a training from its first step on.
struct Curve {
  std::string graph;       ///< the name in the graph file
  std::string device;      ///< as the session said: "onednn 3.2.0, avx512_core, 2 threads"
  std::string precision;   ///< "f32"
  std::int64_t batch = 0;  ///< the graph's
  std::string
      data;  ///< a checksum of the first batch as the device gets it: pixels, labels, their order and augmentation
  std::int64_t steps = 0;  ///< of the classifier
  /// "classifier" and each decoder → its loss at each step, before that step's update; none where it did no step. A classifier without a loss has no
  /// entry.
  std::map<std::string, std::vector<std::optional<double>>> losses;
  /// How far rounding alone carries this training off: the greatest relative distance, up to each step, of trainings from slightly nudged weights.
  /// Empty where it was not recorded.
  std::map<std::string, std::vector<double>> rounding;
};

/// Multiplies each initial weight by a factor within 1 ± `size`, drawn for it alone from `stream`.
struct Nudge {
  double size = 0.0;
  std::uint64_t stream = 0;
};

/// Trains for `steps` classifier steps by the trainer's own parts and reads every step's losses. Nothing is evaluated and no folder is made, so a
/// learning rate that falls on a plateau stays. Throws what a training throws.
Curve record(const GraphSpec& spec, const Registry& registry, std::int64_t steps, Nudge nudge = {});

/// Fills `curve.rounding` with so many trainings from weights nudged by about the distance of neighbouring numbers: 1e-7 in f32, 1e-15 in f64. Adam
/// divides a gradient by its own size and a relu has two slopes, so that with some networks the last bit of a weight decides, tens of steps later, on
/// the fourth digit of a loss. No backend that adds in another order can follow such a training any closer than it follows itself.
void record_rounding(Curve& curve, const GraphSpec& spec, const Registry& registry, int trainings);

/// How far one player's losses are from the expected ones.
struct Deviation {
  std::string player;
  double greatest =
      0.0;  ///< |found − expected| / |expected|, both rounded to f32; infinite where only one of them is a number
  std::int64_t at = 0;                ///< the step of it, from 1
  std::optional<std::int64_t> above;  ///< the first step above the tolerance; none where there is none
  std::optional<std::int64_t>
      wrong;  ///< the first step above both the tolerance and ten times what rounding alone does
};

/// One entry for each player of `expected`, over the steps that both curves have. Throws `Error` where graph, batch or data differ: then the
/// curves are of two trainings and say nothing of a backend.
std::vector<Deviation> compare(const Curve& found, const Curve& expected, double tolerance);

/// A curve as JSON, nine digits a loss, which give an f32 back exactly.
std::string to_text(const Curve& curve);
/// Throws `Error` naming the file where it can't be read as a curve.
Curve read_curve(const std::filesystem::path& file);

}  // namespace generalizer::parity
