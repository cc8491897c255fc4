#include "generalizer/plugin.h"
#include "losses.h"

namespace {

void register_losses(generalizer::Registry& registry) {
  using namespace generalizer::losses;
  for (auto* make : {binary_cross_entropy, cross_entropy, distance_correlation, huber, mae, mse, ssim}) registry.add_loss(make());
}

}  // namespace

GENERALIZER_PLUGIN("losses", GENERALIZER_VERSION, "Apache-2.0", register_losses)
