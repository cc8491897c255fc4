// The optimisers' updates. With the gate shut every result is the operand that it follows.
#include <fmt/format.h>

#include "writer.h"

namespace generalizer::cuda {
namespace {

void sgd_update(const Writer& w) {
  w.threads(w.result().shape.elements(), "    r0[i] = a3[0] == 0 ? a0[i] : a0[i] - a2[0] * a1[i];\n");
}

void momentum_update(const Writer& w) {
  const std::string step = w.integer("nesterov") != 0 ? "a1[i] + momentum * velocity" : "velocity";
  w.threads(w.result().shape.elements(),
            fmt::format("    const bool open = a4[0] != 0;\n    const T momentum = (T){}, velocity = momentum * a2[i] + a1[i], step = {};\n"
                        "    r0[i] = open ? a0[i] - a3[0] * step : a0[i];\n    r1[i] = open ? velocity : a2[i];\n",
                        w.number("momentum"), step));
}

/// 1/(1 − β^step), in f64: one number for all weights that count the same steps.
ValueId correction(const Writer& w, ValueId step, const std::string& beta) {
  return w.works().shared(fmt::format("1/(1 - {}^{})", beta, step), [&] {
    const ValueId made = w.works().add_value({DType::f64, {}});
    Work work = w.work(Form::map);
    work.operands = {step};
    work.results = {made};
    work.items = 1;
    work.body = fmt::format("    r0[i] = 1.0 / (1.0 - pow({}, (double)a0[0]));\n", beta);
    w.works().add(std::move(work));
    return made;
  });
}

/// In the weights' own type: f64 arithmetic would take longer than the memory does, on cards that have little of it.
void adam_update(const Writer& w) {
  Work work = w.work(Form::map);
  const ValueId step = work.operands[4];
  work.operands.push_back(correction(w, step, w.number("beta1")));
  work.operands.push_back(correction(w, step, w.number("beta2")));
  work.items = w.result().shape.elements();
  const std::string decay = w.attributes().has("weight_decay") ? fmt::format(" + (T){} * weight", w.number("weight_decay")) : "";
  work.body = fmt::format("    const bool open = a6[0] != 0;\n    const T g = a1[i], weight = a0[i];\n"
                          "    const T first = (T){0} * a2[i] + (T)(1.0 - {0}) * g, second = (T){1} * a3[i] + (T)(1.0 - {1}) * g * g;\n"
                          "    const T direction = first * (T)a7[0] / ((T)sqrt(second * (T)a8[0]) + (T){2});\n"
                          "    r0[i] = open ? weight - a5[0] * (direction{3}) : weight;\n    r1[i] = open ? first : a2[i];\n    r2[i] = open ? second : a3[i];\n",
                          w.number("beta1"), w.number("beta2"), w.number("epsilon"), decay);
  w.works().add(std::move(work));
}

void rmsprop_update(const Writer& w) {
  w.threads(w.result().shape.elements(),
            fmt::format("    const bool open = a4[0] != 0;\n    const T g = a1[i], next = (T){0} * a2[i] + (T)(1.0 - {0}) * g * g;\n"
                        "    r0[i] = open ? a0[i] - a3[0] * g / ((T)sqrt(next) + (T){1}) : a0[i];\n    r1[i] = open ? next : a2[i];\n",
                        w.number("decay"), w.number("epsilon")));
}

}  // namespace

const std::map<std::string, Emit>& update_kernels() {
  static const std::map<std::string, Emit> kernels = {
      {"sgd_update", sgd_update}, {"momentum_update", momentum_update}, {"adam_update", adam_update}, {"rmsprop_update", rmsprop_update}};
  return kernels;
}

}  // namespace generalizer::cuda
