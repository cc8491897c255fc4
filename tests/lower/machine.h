#pragma once

#include <string>
#include <vector>

#include "generalizer/random.h"
#include "lower/steps.h"
#include "support/evaluate.h"
#include "support/networks.h"

namespace generalizer::test {

/// A network's variables in host memory, and its steps run by the reference kernels.
class Machine {
 public:
  explicit Machine(const Graph& graph) : graph_(graph), declarations_(all_variables(graph)) {
    for (const VariableDeclaration& variable : declarations_) {
      state_[variable.name] = Array(variable.type, initial_values(variable, graph.spec().seed));
    }
  }

  const std::vector<VariableDeclaration>& declarations() const { return declarations_; }
  Array& operator[](const std::string& variable) { return state_.at(variable); }
  double number(const std::string& variable) const { return state_.at(variable).get(0); }
  bool has(const std::string& variable) const { return state_.contains(variable); }
  /// Variables by name.
  const Arrays& state() const { return state_; }

  Arrays run(const StepProgram& step, const Array& image, const Array& label) {
    state_["image"] = image;
    state_["label"] = label;
    Arrays outputs = evaluate(step.program, state_);
    state_.erase("image");
    state_.erase("label");
    return outputs;
  }

 private:
  const Graph& graph_;
  std::vector<VariableDeclaration> declarations_;
  Arrays state_;
};

/// A batch of images and labels of a toy data set, the same for the same seed.
struct ToyBatch {
  Array image;
  Array label;
};
inline ToyBatch toy_batch(const Shape& images, std::int64_t classes, std::uint64_t seed) {
  const Philox random(seed, 1);
  ToyBatch batch{Array({DType::f64, images}), Array({DType::i32, {images[0]}})};
  for (std::size_t i = 0; i < batch.image.size(); ++i) batch.image.set(i, random.uniform(i));
  for (std::size_t i = 0; i < batch.label.size(); ++i) {
    batch.label.set(i, static_cast<double>(static_cast<std::int64_t>(random.bits(100000 + i)) % classes));
  }
  return batch;
}

}  // namespace generalizer::test
