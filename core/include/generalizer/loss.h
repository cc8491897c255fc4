#pragma once

#include <functional>
#include <string>
#include <vector>

#include "generalizer/ops.h"
#include "generalizer/parameter.h"

namespace generalizer {

/// What a loss compares the prediction with.
enum class LossTarget : std::uint8_t {
  labels,  ///< class indices, i32[N]; the prediction is logits F[N×K]
  values,  ///< a tensor of the prediction's shape (see `LossType::any_shape`)
};

struct LossContext {
  Tensor prediction;
  Tensor target;
  const Parameters& parameters;
};

/// A kind of loss: builds the scalar F[] that a player minimises, the mean over the batch.
struct LossType {
  std::string name;  ///< "cross_entropy"
  std::string summary;
  std::vector<ParameterSpec> parameters;
  LossTarget target = LossTarget::values;
  /// With `values`: prediction and target are compared sample by sample, N×… with N×…, whatever the shapes behind the batch.
  bool any_shape = false;
  std::function<Tensor(const LossContext&)> build;
};

}  // namespace generalizer
