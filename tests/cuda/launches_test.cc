// How often a step of the published network starts something on the device: at batch 32 that is what its time is made of.
#include <filesystem>

#include "catch.h"
#include "fused.h"
#include "lower/steps.h"
#include "places.h"
#include "support/networks.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

Graph published() {
  const GraphSpec spec = read_graph(project_folder() + "/graphs/fashion-generalizer.toml", builtin_plugins(), {{"backend=reference"}});
  return {spec, data_shape_of_project(spec), builtin_plugins()};
}

/// A launch for each node, which is what a step takes that isn't fused.
std::size_t unfused(const Program& program) {
  std::size_t count = 0;
  for (const Node& node : program.nodes()) count += node.op->view ? 0 : 1;
  return count;
}

}  // namespace

TEST_CASE("the published network's classifier step takes 14 launches instead of 52") {
  const Program program = classifier_step(published(), 32).program;
  CHECK(unfused(program) == 52);
  const cuda::Plan plan = cuda::plan_of(program);
  // The convolution and its gradient by weights; three dense layers' products, and five of their gradients: the convolution has no gradient by data, as
  // nothing is below it, and the decoder's weights have none here.
  CHECK(steps_of<cuda::LibraryStep>(plan) == 10);
  // Losses, their gradients by their inputs and what is counted, all at once; the gradient at the tap, with the step's gate, count and metrics; the gradient
  // at the convolution and its bias; all updates.
  CHECK(steps_of<cuda::KernelStep>(plan) <= 4);
  CHECK(steps_of<cuda::CopyStep>(plan) == 0);
}

TEST_CASE("the published network's decoder step takes 7 launches instead of 24") {
  const Program program = decoder_step(published(), 0, 32).program;
  CHECK(unfused(program) == 24);
  const cuda::Plan plan = cuda::plan_of(program);
  CHECK(steps_of<cuda::LibraryStep>(plan) == 4);  // the convolution, two dense layers, and the gradient of the decoder's weights
  CHECK(steps_of<cuda::KernelStep>(plan) <= 3);   // the loss and its gradient; the step's gate, count and metrics; all updates
  CHECK(steps_of<cuda::CopyStep>(plan) == 0);
}

TEST_CASE("a player's updates are one launch, in every graph") {
  for (const auto& entry : std::filesystem::directory_iterator(project_folder() + "/graphs")) {
    if (entry.path().extension() != ".toml") continue;
    INFO(entry.path().string());
    const GraphSpec spec = read_graph(entry.path().string(), builtin_plugins(), {{"backend=reference"}});
    const Graph graph(spec, data_shape_of_project(spec), builtin_plugins());
    const Program program = classifier_step(graph, 4).program;
    const cuda::Plan plan = cuda::plan_of(program);
    std::size_t launches = 0;
    for (const cuda::Step& step : plan.steps) {
      const auto* kernel = std::get_if<cuda::KernelStep>(&step);
      // The first of two moments' updates has them both in the kernel's text; the correction alone is no update.
      if (kernel != nullptr && plan.kernels[kernel->kernel].text.find("direction") != std::string::npos) ++launches;
    }
    CHECK(launches <= 2);
    CHECK(steps_of<cuda::CopyStep>(plan) == 0);
  }
}
