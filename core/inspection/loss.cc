#include <fmt/format.h>

#include <cmath>

#include "inspection/checks.h"
#include "inspection/derivative.h"

namespace generalizer {
namespace {

double loss_of(Built built, const Numbers& values, const BackendType& reference) {
  built.differentiable.clear();
  const Derivative forward = derivative_of(std::move(built));
  return ProgramRunner(reference, *forward.program).run(values).at("y0").front();
}

}  // namespace

Finding check_mean(const std::vector<Use>& uses, const BackendType& reference) {
  for (const Use& use : uses) {
    Built once = use.built();
    const Tensor& loss = once.outputs.front();
    if (loss.rank() != 0 || loss.dtype() != DType::f64) {
      return failed(fmt::format("On {}: it gives {} and must give a scalar of the prediction's type: reduce_mean(x, {{}}) makes one.", use.text(),
                                to_string(loss.type())));
    }
    const Numbers values = once.values;
    const double single = loss_of(std::move(once), values, reference);
    Circumstances c;
    c.batch *= 2;
    Numbers twice = values;
    for (auto& [name, numbers] : twice) numbers.insert(numbers.end(), values.at(name).begin(), values.at(name).end());
    const double doubled = loss_of(use.built(c), twice, reference);
    // Other ratios may be meant, of losses that compare the images of a batch.
    if (single != 0.0 && std::abs(doubled / single - 2.0) < 1e-6) {
      return failed(fmt::format("On {}: of the same images twice it is {:.6g}, twice the {:.6g} of them once. A loss is a mean over the batch, so that "
                                "batch sizes can change and weights of losses keep their meaning: divide by the batch, or take reduce_mean.",
                                use.text(), doubled, single));
    }
  }
  return passed("a scalar, and the same for the same images twice");
}

}  // namespace generalizer
