#pragma once

#include <functional>
#include <string>
#include <vector>

#include "generalizer/ops.h"
#include "target.h"

namespace generalizer::test {

/// Makes one small program and the data that it is run on, in the floating type F asked for. The data are the same numbers in every type, so that
/// the program of another type, run by the reference kernels in f64, says what is right.
class CaseBuilder {
 public:
  explicit CaseBuilder(DType floating) : program_("case"), floating_(floating) {}

  /// An input of uniform numbers in [low, high) that f32 holds exactly.
  Tensor uniform(Shape shape, double low = -1.0, double high = 1.0);
  /// An input of these numbers, of type F or of a type of its own.
  Tensor numbers(Shape shape, const std::vector<double>& values);
  Tensor numbers(DType dtype, Shape shape, const std::vector<double>& values);
  /// One i32 in [0, classes) for each sample.
  Tensor labels(std::int64_t samples, std::int64_t classes);
  /// A variable of type F that holds uniform numbers.
  Tensor variable(const std::string& name, Shape shape, double low = -1.0, double high = 1.0);
  void output(const Tensor& tensor);
  /// A loss that depends on every element in its own way, and so do the gradients of what is below: mean of (y − target)².
  Tensor loss(const Tensor& y);
  /// The gradients of the loss by each of these are outputs.
  void output_gradients(const Tensor& loss, const std::vector<Tensor>& of);

  DType floating() const { return floating_; }
  Program& program() { return program_; }
  Arrays& given() { return given_; }

 private:
  Array random(Shape shape, double low, double high);

  Program program_;
  DType floating_;
  Arrays given_;
  std::uint64_t stream_ = 0;
};

struct Case {
  std::string what;  ///< "3×3 over one channel"
  std::function<void(CaseBuilder&)> build;
  bool exact = false;  ///< nothing is rounded: the results are right to the bit
  double slack = 1.0;  ///< times the target's tolerance: where errors add up over many ops
  double least_scale =
      0.0;  ///< errors are relative to a tensor's largest element, or to this where all are smaller
};

/// The cases of one op.
struct OpCases {
  const OpDefinition* op = nullptr;
  std::vector<Case> cases;
};

std::vector<OpCases> elementwise_cases();
std::vector<OpCases> convolution_cases();
std::vector<OpCases> pooling_cases();
std::vector<OpCases> channel_cases();
std::vector<OpCases> matrix_and_reduction_cases();
std::vector<OpCases> softmax_and_loss_cases();
std::vector<OpCases> movement_cases();
std::vector<OpCases> update_cases();
std::vector<OpCases> catalogue_cases();

/// Runs the case on the backend under test and by the reference kernels in f64, and compares all outputs.
void check_case(Session& session, const Case& c);

}  // namespace generalizer::test
