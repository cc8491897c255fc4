#include "commands/type_report.h"

#include "catch.h"

using namespace generalizer;

TEST_CASE("a custom op is told with what goes in and out, whether it has a gradient, and where it runs") {
  OpDefinition op;
  op.name = "swirl";
  op.summary = "Turns x.";
  op.input_names = {"x"};
  op.output_names = {"y"};
  op.infer = [](const OpSignature&) { return std::vector<TensorType>{}; };
  op.reference = [](const KernelContext&) {};
  Registry registry;
  registry.begin_plugin({"mine", "1", "Apache-2.0", "/plugins/mine.so", {}});
  registry.add_op(op);
  registry.end_plugin(true);
  const std::vector<Described> all = all_types(registry);
  REQUIRE(all.size() == 1);
  const std::string text = type_text(all[0]);
  CHECK_THAT(text, ContainsSubstring("op swirl: Turns x.\nfrom /plugins/mine.so"));
  CHECK_THAT(text,
             ContainsSubstring(
                 "Inputs: x. Outputs: y. Gradient: none. Kernels: on any CPU by its reference kernel."));
  CHECK(type_json(all[0])["kind"] == "op");
}

TEST_CASE("a layer that takes none of the typical inputs is told without shapes") {
  LayerType layer;
  layer.name = "picky";
  layer.build = [](LayerBuilder& builder) -> Tensor {
    throw Error("it takes nothing like " + builder.input().shape().to_string());
  };
  Described type;
  type.kind = "layer";
  type.name = "picky";
  type.parameters = &layer.parameters;
  type.layer = &layer;
  CHECK_THAT(type_text(type),
             ContainsSubstring("hangs on its parameters") && ContainsSubstring("no keys of its own"));
  CHECK(type_json(type)["shapes"].empty());
  CHECK(type_json(type)["example"] == "{ name = \"picky1\", type = \"picky\" }");
}

TEST_CASE("a backend is told with every precision that it offers here") {
  BackendType backend;
  backend.name = "odd";
  backend.report = [] {
    BackendReport report;
    report.available = true;
    report.devices = {"a box"};
    report.libraries = {{"glue", "2.1"}};
    report.floating_types = {DType::f32};
    report.arithmetics = {Arithmetic::exact, Arithmetic::bf16};
    return report;
  };
  Described type;
  type.kind = "backend";
  type.name = "odd";
  type.parameters = &backend.parameters;
  type.backend = &backend;
  CHECK_THAT(type_text(type), ContainsSubstring("available:\n  a box\nlibraries: glue 2.1\nprecision: f32 and bf16\n"));
}
