#pragma once

#include "generalizer/loss.h"

/// The built-in losses; each is defined in the file named after it.
namespace generalizer::losses {

LossType cross_entropy();
LossType mse();

}  // namespace generalizer::losses
