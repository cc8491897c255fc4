#include "generalizer/plugin.h"
#include "optimizers.h"

namespace {

void register_optimizers(generalizer::Registry& registry) {
  registry.add_optimizer(generalizer::optimizers::adam());
  registry.add_optimizer(generalizer::optimizers::sgd());
}

}  // namespace

GENERALIZER_PLUGIN("optimizers", GENERALIZER_VERSION, "Apache-2.0", register_optimizers)
