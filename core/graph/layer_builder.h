#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "config/graph_spec.h"
#include "generalizer/layer.h"

namespace generalizer {

/// In what a layer is built: the program, and what of the world around it changes the layer's forward pass.
struct LayerContext {
  Program& program;
  std::string player;         ///< that owns the layer
  std::string stepping;       ///< whose step this is: it draws random numbers of its own
  std::string step_variable;  ///< i64[]: counts the updates of `stepping`; random numbers change with it
  DType floating = DType::f32;
  std::uint64_t seed = 0;
  bool training = true;
};

/// A layer's operand and, for messages, who makes it: `"flatten" (flatten)`, `the image`.
struct LayerInput {
  Tensor value;
  std::string from;
};

/// A variable that a layer asked for.
struct LayerVariable {
  std::string name;  ///< "PLAYER/LAYER/kernel"
  Tensor value;
  bool trained = true;  ///< a weight; otherwise a statistic
  Initializer initializer;
};

struct BuiltLayer {
  Tensor output;
  std::vector<LayerVariable> variables;                      ///< each once, in the order of asking
  std::vector<std::pair<Tensor, Tensor>> statistic_updates;  ///< (statistic, its next value)
  std::vector<Tensor> penalties;                             ///< F[] each
};

/// A layer can't be built, and that is its plugin's own fault, not the graph's: it threw what is none of our errors, or built nothing.
class PluginFault : public GraphError {
 public:
  using GraphError::GraphError;
};

/// Appends a layer's forward pass to the program. A layer that doesn't fit what it is fed, whether its type
/// says so or the shape rule of one of its ops does, is a `GraphError` at the layer that names both ends with
/// their shapes; one whose plugin fails is a `PluginFault` there.
BuiltLayer build_layer(const LayerContext& context, const LayerSpec& spec, const LayerType& type,
                       const std::vector<LayerInput>& inputs);

/// `"fc" (dense)`: how messages call a layer.
std::string describe(const LayerSpec& layer);

/// The shape of one image's part of a batched value: "1×28×28" for 32×1×28×28, "10" for 32×10, "1" for 32.
std::string shape_without_batch(const Shape& shape);

/// `"a", "b" and "c"`.
std::string quoted_list(const std::vector<std::string>& names);

}  // namespace generalizer
