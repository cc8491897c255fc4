#include "kernels/optimizer.h"

#include <cmath>
#include <cstring>

#include "kernels/parallel.h"
#include "lower/lower.h"

/// Optimiser updates run over memory as it lies: weights, moments and gradient all in the layout of the kernels that use the weights.
namespace generalizer::onednn {

namespace {

/// A state (weights or moments) before and after.
struct State {
  BufferId before = -1;
  BufferId after = -1;
};

/// Reads the state `input` in the layout of the weights and places its successor, over the old one if it may.
State update(Lowering& lowering, ValueId input, ValueId output, const Descriptor& layout) {
  const Located before = lowering.read(input, layout);
  return {before.buffer, lowering.write_over(output, layout, {{input, before}}).buffer};
}

/// With a closed gate: the old values are the new ones.
void keep(const Pointers& at, const State& state, std::int64_t floats) {
  if (state.before == state.after || at.at(state.before) == at.at(state.after)) return;
  std::memcpy(at.at(state.after), at.at(state.before), static_cast<std::size_t>(floats) * 4);
}

/// 1/(1 − β^step)
float correction(double beta, double step) { return static_cast<float>(1.0 / (1.0 - std::pow(beta, step))); }

}  // namespace

void lower_sgd_update(Lowering& lowering, const Node& node, NodeId) {
  const Descriptor layout = lowering.layout(node.inputs[0]);
  const BufferId gradient = lowering.read(node.inputs[1], layout).buffer;
  const BufferId rate = lowering.read_plain(node.inputs[2]).buffer;
  const BufferId gate = lowering.read_plain(node.inputs[3]).buffer;
  const State weight = update(lowering, node.inputs[0], node.outputs[0], layout);
  const auto count = static_cast<std::int64_t>(layout.get_size()) / 4;
  lowering.emit({gradient, rate, gate, weight.before, weight.after}, [=](const Pointers& at) {
    if (*at.at(gate) == 0.0F) {
      keep(at, weight, count);
      return;
    }
    parallel_range(count, [&](std::int64_t begin, std::int64_t end) {
      sgd_loop(at.at(weight.before) + begin, at.at(gradient) + begin, at.at(weight.after) + begin,
               end - begin, *at.at(rate));
    });
  });
}

void lower_momentum_update(Lowering& lowering, const Node& node, NodeId) {
  const Descriptor layout = lowering.layout(node.inputs[0]);
  const BufferId gradient = lowering.read(node.inputs[1], layout).buffer;
  const BufferId rate = lowering.read_plain(node.inputs[3]).buffer;
  const BufferId gate = lowering.read_plain(node.inputs[4]).buffer;
  const State weight = update(lowering, node.inputs[0], node.outputs[0], layout);
  const State velocity = update(lowering, node.inputs[2], node.outputs[1], layout);
  const auto count = static_cast<std::int64_t>(layout.get_size()) / 4;
  MomentumNumbers numbers;
  numbers.momentum = static_cast<float>(node.attributes.number("momentum"));
  numbers.nesterov = node.attributes.integer("nesterov") != 0;
  lowering.emit({gradient, rate, gate, weight.before, weight.after, velocity.before, velocity.after},
                [=](const Pointers& at) mutable {
                  if (*at.at(gate) == 0.0F) {
                    keep(at, weight, count);
                    keep(at, velocity, count);
                    return;
                  }
                  numbers.learning_rate = *at.at(rate);
                  parallel_range(count, [&](std::int64_t begin, std::int64_t end) {
                    momentum_loop(at.at(weight.before) + begin, at.at(gradient) + begin,
                                  at.at(velocity.before) + begin, at.at(weight.after) + begin,
                                  at.at(velocity.after) + begin, end - begin, numbers);
                  });
                });
}

void lower_rmsprop_update(Lowering& lowering, const Node& node, NodeId) {
  const Descriptor layout = lowering.layout(node.inputs[0]);
  const BufferId gradient = lowering.read(node.inputs[1], layout).buffer;
  const BufferId rate = lowering.read_plain(node.inputs[3]).buffer;
  const BufferId gate = lowering.read_plain(node.inputs[4]).buffer;
  const State weight = update(lowering, node.inputs[0], node.outputs[0], layout);
  const State mean_square = update(lowering, node.inputs[2], node.outputs[1], layout);
  const auto count = static_cast<std::int64_t>(layout.get_size()) / 4;
  RmspropNumbers numbers;
  numbers.decay = static_cast<float>(node.attributes.number("decay"));
  numbers.rest = static_cast<float>(1.0 - node.attributes.number("decay"));
  numbers.epsilon = static_cast<float>(node.attributes.number("epsilon"));
  lowering.emit({gradient, rate, gate, weight.before, weight.after, mean_square.before, mean_square.after},
                [=](const Pointers& at) mutable {
                  if (*at.at(gate) == 0.0F) {
                    for (const State& state : {weight, mean_square}) keep(at, state, count);
                    return;
                  }
                  numbers.learning_rate = *at.at(rate);
                  parallel_range(count, [&](std::int64_t begin, std::int64_t end) {
                    rmsprop_loop(at.at(weight.before) + begin, at.at(gradient) + begin,
                                 at.at(mean_square.before) + begin, at.at(weight.after) + begin,
                                 at.at(mean_square.after) + begin, end - begin, numbers);
                  });
                });
}

void lower_adam_update(Lowering& lowering, const Node& node, NodeId) {
  const Descriptor layout = lowering.layout(node.inputs[0]);
  const BufferId gradient = lowering.read(node.inputs[1], layout).buffer;
  const BufferId step = lowering.read_plain(node.inputs[4]).buffer;
  const BufferId rate = lowering.read_plain(node.inputs[5]).buffer;
  const BufferId gate = lowering.read_plain(node.inputs[6]).buffer;
  const State weight = update(lowering, node.inputs[0], node.outputs[0], layout);
  const State m = update(lowering, node.inputs[2], node.outputs[1], layout);
  const State v = update(lowering, node.inputs[3], node.outputs[2], layout);
  const auto count = static_cast<std::int64_t>(layout.get_size()) / 4;
  const double beta1 = node.attributes.number("beta1");
  const double beta2 = node.attributes.number("beta2");
  AdamNumbers numbers;
  numbers.beta1 = static_cast<float>(beta1);
  numbers.beta2 = static_cast<float>(beta2);
  numbers.rest1 = static_cast<float>(1.0 - beta1);
  numbers.rest2 = static_cast<float>(1.0 - beta2);
  numbers.epsilon = static_cast<float>(node.attributes.number("epsilon"));
  if (node.attributes.has("weight_decay"))
    numbers.weight_decay = static_cast<float>(node.attributes.number("weight_decay"));
  lowering.emit(
      {gradient, step, rate, gate, weight.before, weight.after, m.before, m.after, v.before, v.after},
      [=](const Pointers& at) mutable {
        if (*at.at(gate) == 0.0F) {
          for (const State& state : {weight, m, v}) keep(at, state, count);
          return;
        }
        const auto now = static_cast<double>(*at.at<std::int64_t>(step));
        numbers.learning_rate = *at.at(rate);
        numbers.correction1 = correction(beta1, now);
        numbers.correction2 = correction(beta2, now);
        parallel_range(count, [&](std::int64_t begin, std::int64_t end) {
          adam_loop(at.at(weight.before) + begin, at.at(gradient) + begin, at.at(m.before) + begin,
                    at.at(v.before) + begin, at.at(weight.after) + begin, at.at(m.after) + begin,
                    at.at(v.after) + begin, end - begin, numbers);
        });
      });
}

}  // namespace generalizer::onednn
