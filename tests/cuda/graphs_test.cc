// The project's graphs on the CUDA backend, as far as a machine without a card goes.
#include <map>

#include "catch.h"
#include "places.h"
#include "plan.h"
#include "plugin/loader.h"
#include "project_graphs.h"
#include "support/skip.h"
#include "trainer/small_training.h"
#ifdef WITH_NVRTC
#include "ahead.h"
#include "compiler.h"
#endif

using namespace generalizer;
using namespace generalizer::test;

namespace {

/// The kernels of all steps of all graphs, each text once.
std::string all_kernels() {
  std::map<std::string, std::size_t> known;
  std::string source = cuda::prelude();
  for_all_graphs([&](const Graph& graph) {
    for (const Program& program : programs_of(graph)) {
      for (const cuda::Kernel& kernel : cuda::plan_of(program).kernels) {
        std::string text = kernel.text;
        text.erase(text.find(kernel.name), kernel.name.size());
        const auto [at, fresh] = known.emplace(text, known.size());
        if (fresh) source += text.insert(text.find('('), "kernel" + std::to_string(at->second));
      }
    }
  });
  CHECK(known.size() > 50);
  return source;
}

const Registry& with_stand_in() {
  static const std::unique_ptr<Registry> loaded = [] {
    auto made = std::make_unique<Registry>();
    load_folder(plugin_folder(), *made);
    load_plugin(CUDA_ON_HOST, *made);
    generalizer::testing::add_memory_dataset(*made);
    return made;
  }();
  return *loaded;
}

}  // namespace

#ifdef WITH_NVRTC
TEST_CASE("NVRTC compiles the kernels of every graph for the oldest card, a newer one, and as PTX") {
  const std::string source = all_kernels();
  for (const char* architecture : {"sm_75", "sm_90", "compute_90"}) {
    INFO(architecture);
    CHECK(cuda::compile_cuda(source, architecture).size() > 10000);
  }
  CHECK_THROWS_WITH(cuda::compile_cuda("__global__ void broken(", "sm_90"), Catch::Contains("NVRTC refuses the kernels for sm_90"));
  CHECK(cuda::architecture_for(9, 0) == "sm_90");
  CHECK(cuda::architecture_for(9, 9) == "compute_90");
  CHECK_THROWS_WITH(cuda::architecture_for(3, 5), Catch::Contains("compute capability 3.5") && Catch::Contains("onednn"));
}

TEST_CASE("a program is compiled ahead of a device: its kernels, launches, library calls and memory are counted") {
  Program program("step");
  const Tensor x(program, program.add_input("x", {DType::f32, Shape{4, 8}}));
  const Tensor w(program, program.add_variable("w", {DType::f32, Shape{8, 8}}));
  const Tensor y = tanh(matmul(x, w));
  program.add_output("y", y.id());
  const CompileReport report = cuda::compile_ahead(program);
  CHECK(report.kernels == 1);
  CHECK(report.launches == 1);
  CHECK(report.library_calls == 1);
  CHECK(report.targets == std::vector<std::string>{"sm_75", "sm_90", "compute_90"});
  // Two slots for x, and one place for both values of 4·8·4 bytes (tanh in place of its operand), each rounded up to 256.
  CHECK(report.memory.arena == 3 * 256);
  CHECK(cuda::compile_ahead(Program("empty")).targets.empty());
}
#endif

TEST_CASE("a training on the stand-in for a device goes as on the reference") {
  const auto [precision, tolerance] = GENERATE(std::pair("f64", 1e-9), std::pair("f32", 1e-4));
  // The gradient of a bias before a batch normalisation is rounding alone, of which Adam makes whole steps. While training that bias comes to nothing, but the
  // running mean of a test follows it late.
  const double of_test = precision == std::string("f64") ? tolerance : 1e-2;
  const generalizer::testing::TemporaryFolder folder;
  std::map<std::string, EpochMetrics> metrics;
  for (const char* backend : {"reference", "cuda_on_host"}) {
    const GraphSpec spec = parse_graph(generalizer::testing::graph_text, "small.toml", ".", with_stand_in(),
                                       {{std::string("backend=") + backend}, {std::string("precision=") + precision}, {"train.epochs=1"}});
    TrainingOptions options;
    options.out = (folder / backend).string();
    TrainingObserver observer;
    metrics[backend] = train(spec, with_stand_in(), options, observer).epochs.back();
  }
  const EpochMetrics &a = metrics.at("reference"), &b = metrics.at("cuda_on_host");
  CHECK(*a.train.loss == Approx(*b.train.loss).epsilon(tolerance));
  CHECK(*a.test.loss == Approx(*b.test.loss).epsilon(of_test));
  CHECK(*a.test.accuracy == *b.test.accuracy);
  CHECK(*a.decoders.at("near").test_loss == Approx(*b.decoders.at("near").test_loss).epsilon(of_test));
}

TEST_CASE("without a card the backend says which of driver and device is missing, and what works instead") {
  const BackendType* type = with_stand_in().find_backend("cuda");
  if (type == nullptr) return skip("this build has no plugin for CUDA devices");
  const BackendReport report = type->report();
  if (report.available) return skip("this machine has a CUDA device");
  CHECK_THAT(report.reason, Catch::Contains("NVIDIA driver") && Catch::Contains("backend = \"onednn\""));
  CHECK(report.libraries.contains("cuDNN"));
  Parameters parameters;
  parameters.set("device", std::int64_t{0});
  CHECK_THROWS_AS(type->open(parameters), BackendError);
}
