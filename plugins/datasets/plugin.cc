#include "generalizer/plugin.h"
#include "idx.h"

GENERALIZER_PLUGIN("datasets", "0.1.0", "Apache-2.0",
                   [](generalizer::Registry& registry) { registry.add_dataset(generalizer::idx_dataset()); })
