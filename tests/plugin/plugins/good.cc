// A plugin as an author would write it: one layer, built of one op.
#include "generalizer/plugin.h"

namespace {

using namespace generalizer;

LayerType pass_through() {
  LayerType type;
  type.name = LAYER_NAME;
  type.summary = "Gives back what it gets.";
  type.build = [](LayerBuilder& layer) { return layer.input(); };
  return type;
}

}  // namespace

GENERALIZER_PLUGIN("good", "1.2.3", "MIT", [](Registry& registry) { registry.add_layer(pass_through()); })
