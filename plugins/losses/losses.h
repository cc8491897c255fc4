#pragma once

#include "generalizer/loss.h"

/// The built-in losses; each is defined in the file named after it.
namespace generalizer::losses {

LossType binary_cross_entropy();
LossType cross_entropy();
LossType distance_correlation();
LossType huber();
LossType mae();
LossType mse();
LossType ssim();

}  // namespace generalizer::losses
