// Registers a layer, then fails: the layer must be gone again.
#include <stdexcept>

#include "generalizer/plugin.h"

GENERALIZER_PLUGIN("throwing", "0.1", "MIT", [](generalizer::Registry& registry) {
  generalizer::LayerType type;
  type.name = "half_done";
  type.build = [](generalizer::LayerBuilder& layer) { return layer.input(); };
  registry.add_layer(std::move(type));
  throw std::runtime_error("the licence server is on holiday.");
})
