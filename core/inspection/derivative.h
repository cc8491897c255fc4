#pragma once

#include <memory>
#include <string>
#include <vector>

#include "generalizer/backend.h"
#include "inspection/use.h"

namespace generalizer {

/// What a use computes, with its gradients: of Σ outputs·weights, each element of the outputs having a weight of its own, made up, which thereby is the
/// gradient that comes back into it.
struct Derivative {
  std::unique_ptr<Program> program;
  Numbers values;
  std::vector<std::string> outputs;  ///< "y0", "y1", …; beside them stand the gradients, and "next NAME" of every statistic
  struct Wanted {
    std::string name;      ///< the input or variable
    std::string gradient;  ///< the output that holds its gradient: "d x0"
  };
  std::vector<Wanted> wanted;  ///< empty for what has no gradients
};
/// Throws `Error` naming an op on the way that has no derivative.
Derivative derivative_of(Built built);

/// The same sum without gradients, as a scalar output "loss", and beside it "terms", the sum of its terms' absolute values. What a layer holds back on
/// purpose is held here, too, so that differences see what the derivation should: behind `stop_gradient` stands what it was at the first point, and
/// behind `scale_gradient` by f stands f of what moves and 1 − f of what it was.
struct HeldLoss {
  std::unique_ptr<Program> program;
  Numbers values;
};
HeldLoss held_loss_of(Built built, const BackendType& reference);

/// A program compiled once and run as often as needed, in a session of its own with the backend's default parameters.
class ProgramRunner {
 public:
  ProgramRunner(const BackendType& backend, const Program& program);
  /// All outputs by name. `given` holds every input and variable; what a run assigns is forgotten.
  Numbers run(const Numbers& given);

 private:
  std::unique_ptr<Session> session_;
  std::unique_ptr<Executable> executable_;
};

}  // namespace generalizer
