#include "generalizer/plugin.h"
#include "optimizers.h"

namespace {

void register_optimizers(generalizer::Registry& registry) {
  using namespace generalizer::optimizers;
  for (auto* make : {adam, adamw, lamb, rmsprop, sgd}) registry.add_optimizer(make());
}

}  // namespace

GENERALIZER_PLUGIN("optimizers", GENERALIZER_VERSION, "Apache-2.0", register_optimizers)
