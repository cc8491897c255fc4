#pragma once

#include <functional>
#include <string>
#include <vector>

#include "generalizer/ops.h"
#include "generalizer/parameter.h"

namespace generalizer {

/// What an optimiser's update of one weight is built with.
class GENERALIZER_EXPORT OptimizerBuilder {
 public:
  virtual ~OptimizerBuilder() = default;
  virtual const Parameters& parameters() const = 0;
  virtual Tensor weight() const = 0;
  virtual Tensor gradient() const = 0;
  /// i64[]: the number of this update, counted from 1, one counter a player.
  virtual Tensor step() const = 0;
  /// F[]: the player's learning rate, a variable that the trainer may change between steps.
  virtual Tensor learning_rate() const = 0;
  /// F[]: 1, or 0 when the step's loss is no number and nothing may move.
  virtual Tensor gate() const = 0;
  /// A state of the weight's shape that begins at zero: "momentum", "adam_m".
  virtual Tensor moment(const std::string& name) = 0;
  virtual void update_moment(const Tensor& moment, const Tensor& next) = 0;
};

/// A kind of optimiser. Every one has `learning_rate`.
struct OptimizerType {
  std::string name;  ///< "adam"
  std::string summary;
  std::vector<ParameterSpec> parameters;
  /// Returns the weight's next value.
  std::function<Tensor(OptimizerBuilder&)> build;
};

}  // namespace generalizer
