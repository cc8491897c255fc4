#include "generalizer/plugin.h"
#include "layers.h"

namespace {

void register_layers(generalizer::Registry& registry) {
  using namespace generalizer::layers;
  for (auto* make : {activation, add, avg_pool2d, batch_norm, concat, conv2d, conv2d_transpose, crop, dense, dropout,
                     embedding, flatten, gaussian_noise, global_avg_pool2d, gradient_reversal, group_norm, l2_normalize,
                     layer_norm, max_pool2d, multi_head_attention, multiply, pad, permute, position_embedding, reshape,
                     slice, spatial_dropout, stop_gradient, upsample, variational}) {
    registry.add_layer(make());
  }
}

}  // namespace

GENERALIZER_PLUGIN("layers", GENERALIZER_VERSION, "Apache-2.0", register_layers)
