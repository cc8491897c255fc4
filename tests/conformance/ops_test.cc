#include <set>

#include "cases.h"
#include "catch.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

/// Every op of a family against its own reference kernel in f64.
void check_ops(const std::vector<OpCases>& family) {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  for (const OpCases& op : family) {
    INFO(op.op->name);
    for (const Case& c : op.cases) check_case(*session, c);
  }
}

}  // namespace

TEST_CASE("Elementwise ops agree with their reference kernels") { check_ops(elementwise_cases()); }
TEST_CASE("Convolutions agree with their reference kernels") { check_ops(convolution_cases()); }
TEST_CASE("Pools agree with their reference kernels") { check_ops(pooling_cases()); }
TEST_CASE("Ops per channel agree with their reference kernels") { check_ops(channel_cases()); }
TEST_CASE("Matrix products and reductions agree with their reference kernels") {
  check_ops(matrix_and_reduction_cases());
}
TEST_CASE("Softmax and losses agree with their reference kernels") { check_ops(softmax_and_loss_cases()); }
TEST_CASE("Data movement and random numbers agree with their reference kernels") {
  check_ops(movement_cases());
}
TEST_CASE("Optimiser updates and book-keeping agree with their reference kernels") {
  check_ops(update_cases());
}

TEST_CASE("Normalised rows, resampling, tables and products side by side agree with their reference kernels") {
  check_ops(catalogue_cases());
}

TEST_CASE("Every built-in op has a case that uses it") {
  std::set<std::string> covered;
  for (const auto& family :
       {elementwise_cases(), convolution_cases(), pooling_cases(), channel_cases(),
        matrix_and_reduction_cases(), softmax_and_loss_cases(), movement_cases(), update_cases(), catalogue_cases()}) {
    for (const OpCases& op : family) {
      for (const Case& c : op.cases) {
        CaseBuilder builder(DType::f64);
        c.build(builder);
        for (const Node& node : builder.program().nodes()) {
          if (node.op == op.op) covered.insert(op.op->name);
        }
      }
    }
  }
  for (const OpDefinition* op : builtin_ops()) {
    INFO(op->name << " has no case in tests/conformance/: add one to the table of its family");
    CHECK(covered.contains(op->name));
  }
}
