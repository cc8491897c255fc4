#pragma once

#include "generalizer/optimizer.h"

/// The built-in optimisers; each is defined in the file named after it, adamw and lamb in adam's.
namespace generalizer::optimizers {

OptimizerType adam();
OptimizerType adamw();
OptimizerType lamb();
OptimizerType rmsprop();
OptimizerType sgd();

}  // namespace generalizer::optimizers
