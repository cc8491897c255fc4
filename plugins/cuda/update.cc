// Kernels of the optimisers' updates: a thread for each number of a weight.
#include <fmt/format.h>

#include "writer.h"

namespace generalizer::cuda {
namespace {

/// With the gate shut every result is the operand that it follows.
std::string gated(std::size_t gate, const std::string& kept, const std::string& body) {
  return fmt::format("    if (a{}[0] == 0) {{\n{}      continue;\n    }}\n{}", gate, kept, body);
}

Kernel sgd_update(const Writer& w) {
  return w.threads(w.result().shape.elements(), gated(3, "      r0[i] = a0[i];\n", "    r0[i] = a0[i] - a2[0] * a1[i];\n"));
}

Kernel momentum_update(const Writer& w) {
  const std::string step = w.integer("nesterov") != 0 ? "a1[i] + momentum * velocity" : "velocity";
  return w.threads(w.result().shape.elements(),
                   gated(4, "      r0[i] = a0[i];\n      r1[i] = a2[i];\n",
                         fmt::format("    const T momentum = (T){}, velocity = momentum * a2[i] + a1[i], step = {};\n"
                                     "    r0[i] = a0[i] - a3[0] * step;\n    r1[i] = velocity;\n",
                                     w.number("momentum"), step)));
}

Kernel adam_update(const Writer& w) {
  const std::string decay = w.attributes().has("weight_decay") ? w.number("weight_decay") : "0.0";
  return w.threads(
      w.result().shape.elements(),
      gated(6, "      r0[i] = a0[i];\n      r1[i] = a2[i];\n      r2[i] = a3[i];\n",
            fmt::format("    const double step = (double)a4[0], g = (double)a1[i], weight = (double)a0[i];\n"
                        "    const double first = {0} * (double)a2[i] + (1.0 - {0}) * g, second = {1} * (double)a3[i] + (1.0 - {1}) * g * g;\n"
                        "    const double direction = (first / (1.0 - pow({0}, step))) / (sqrt(second / (1.0 - pow({1}, step))) + {2});\n"
                        "    r0[i] = (T)(weight - (double)a5[0] * (direction + {3} * weight));\n    r1[i] = (T)first;\n    r2[i] = (T)second;\n",
                        w.number("beta1"), w.number("beta2"), w.number("epsilon"), decay)));
}

Kernel rmsprop_update(const Writer& w) {
  return w.threads(w.result().shape.elements(),
                   gated(4, "      r0[i] = a0[i];\n      r1[i] = a2[i];\n",
                         fmt::format("    const double g = (double)a1[i], next = {0} * (double)a2[i] + (1.0 - {0}) * g * g;\n"
                                     "    r0[i] = (T)((double)a0[i] - (double)a3[0] * g / (sqrt(next) + {1}));\n    r1[i] = (T)next;\n",
                                     w.number("decay"), w.number("epsilon"))));
}

}  // namespace

const std::map<std::string, Emit>& update_kernels() {
  static const std::map<std::string, Emit> kernels = {
      {"sgd_update", sgd_update}, {"momentum_update", momentum_update}, {"adam_update", adam_update}, {"rmsprop_update", rmsprop_update}};
  return kernels;
}

}  // namespace generalizer::cuda
