#pragma once

#include "generalizer/optimizer.h"

/// The built-in optimisers; each is defined in the file named after it.
namespace generalizer::optimizers {

OptimizerType adam();
OptimizerType sgd();

}  // namespace generalizer::optimizers
