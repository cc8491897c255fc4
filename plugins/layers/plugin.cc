#include "generalizer/plugin.h"
#include "layers.h"

namespace {

void register_layers(generalizer::Registry& registry) {
  using namespace generalizer::layers;
  for (auto* make : {activation, add, avg_pool2d, batch_norm, concat, conv2d, conv2d_transpose, dense,
                     dropout, flatten, max_pool2d, reshape}) {
    registry.add_layer(make());
  }
}

}  // namespace

GENERALIZER_PLUGIN("layers", GENERALIZER_VERSION, "Apache-2.0", register_layers)
