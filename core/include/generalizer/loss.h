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
  values,  ///< a tensor of the prediction's shape
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
  std::function<Tensor(const LossContext&)> build;
};

}  // namespace generalizer
