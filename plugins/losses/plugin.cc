#include "generalizer/plugin.h"
#include "losses.h"

namespace {

void register_losses(generalizer::Registry& registry) {
  registry.add_loss(generalizer::losses::cross_entropy());
  registry.add_loss(generalizer::losses::mse());
}

}  // namespace

GENERALIZER_PLUGIN("losses", GENERALIZER_VERSION, "Apache-2.0", register_losses)
