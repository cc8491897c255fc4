#include "cifar.h"
#include "generalizer/plugin.h"
#include "idx.h"

namespace {

void register_datasets(generalizer::Registry& registry) {
  registry.add_dataset(generalizer::cifar_dataset());
  registry.add_dataset(generalizer::idx_dataset());
}

}  // namespace

GENERALIZER_PLUGIN("datasets", GENERALIZER_VERSION, "Apache-2.0", register_datasets)
