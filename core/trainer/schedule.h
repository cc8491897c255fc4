#pragma once

#include "config/graph_spec.h"

namespace generalizer {

/// What the optimizer's learning rate is multiplied with after `epochs` (a fraction counts the steps of an epoch) of a training of `total` epochs.
///
/// cosine: minimum + (1 − minimum)·(1 + cos πt)/2 with t from 0 to 1 after the warm-up (Loshchilov, Hutter, 2017, "SGDR: stochastic gradient descent
/// with warm restarts"). one_cycle: half a cosine from `start` to 1, and half a one to `minimum` (Smith, Topin, 2019, "Super-convergence"). step: `factor`
/// to the power of the drops so far. reduce_on_plateau is 1 here: its drops depend on what was measured (`Watch`). During the warm-up of n steps the
/// k-th step has k/n of what comes after: `step_size` is one step in epochs.
double schedule_factor(const ScheduleSpec& schedule, double epochs, double total, double step_size);

}  // namespace generalizer
