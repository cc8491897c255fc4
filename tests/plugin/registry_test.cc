#include "generalizer/registry.h"

#include "catch.h"

using namespace generalizer;

namespace {

LayerType layer(const std::string& name, std::vector<ParameterSpec> parameters = {}) {
  LayerType type;
  type.name = name;
  type.parameters = std::move(parameters);
  type.build = [](LayerBuilder& builder) { return builder.input(); };
  return type;
}

ParameterSpec key(const std::string& name) {
  ParameterSpec spec;
  spec.name = name;
  spec.types = {ParameterType::integer};
  return spec;
}

}  // namespace

TEST_CASE("names are listed in order and kinds don't mix") {
  Registry registry;
  registry.add_layer(layer("b"));
  registry.add_layer(layer("a"));
  CHECK(registry.layer_names() == std::vector<std::string>{"a", "b"});
  CHECK(registry.loss_names().empty());
  CHECK(registry.find_loss("a") == nullptr);
  CHECK(registry.origin("loss", "a").empty());
}

TEST_CASE("a type without its function is refused") {
  Registry registry;
  LayerType no_build;
  no_build.name = "hollow";
  CHECK_THROWS_WITH(registry.add_layer(no_build),
                    ContainsSubstring("layer \"hollow\"") && ContainsSubstring("without a build function"));
  BackendType no_open;
  no_open.name = "hollow";
  CHECK_THROWS_WITH(registry.add_backend(no_open), ContainsSubstring("backend \"hollow\"") &&
                                                       ContainsSubstring("an open and a report function"));
}

TEST_CASE("a parameter that graph files use themselves, or that is declared twice, is refused") {
  Registry registry;
  CHECK_THROWS_WITH(registry.add_layer(layer("a", {key("inputs")})),
                    ContainsSubstring("\"inputs\"") && ContainsSubstring("another name"));
  CHECK_THROWS_WITH(registry.add_layer(layer("a", {key("units"), key("units")})),
                    ContainsSubstring("\"units\"") && ContainsSubstring("twice"));
  CHECK(registry.layer_names().empty());
}

TEST_CASE("what a plugin had added is taken back when it isn't kept, and nothing else") {
  Registry registry;
  registry.begin_plugin({"first", "1", "MIT", "/first.so", {}});
  registry.add_layer(layer("a"));
  registry.end_plugin(true);
  registry.begin_plugin({"second", "1", "MIT", "/second.so", {}});
  registry.add_layer(layer("b"));
  registry.end_plugin(false);
  CHECK(registry.layer_names() == std::vector<std::string>{"a"});
  CHECK(registry.plugins().size() == 1);
  CHECK(registry.origin("layer", "a") == "/first.so");
}

TEST_CASE("a plugin's own op is found by its name, and can't have a built-in one's") {
  static const OpDefinition swirl = [] {
    OpDefinition op;
    op.name = "swirl";
    op.infer = [](const OpSignature& signature) { return std::vector{signature.inputs[0]}; };
    op.reference = [](const KernelContext&) {};
    return op;
  }();
  Registry registry;
  registry.begin_plugin({"mine", "1", "MIT", "/mine.so", {}});
  registry.add_op(swirl);
  registry.end_plugin(true);
  CHECK(registry.find_op("swirl") == &swirl);
  CHECK(registry.origin("op", "swirl") == "/mine.so");
  CHECK(registry.plugins().front().provides == std::vector<std::string>{"op swirl"});
  static const OpDefinition relu = [] {
    OpDefinition op = swirl;
    op.name = "relu";
    return op;
  }();
  CHECK_THROWS_WITH(registry.add_op(relu), ContainsSubstring("\"relu\", which is the name of a built-in op"));
  static const OpDefinition hollow = [] {
    OpDefinition op;
    op.name = "hollow";
    return op;
  }();
  CHECK_THROWS_WITH(registry.add_op(hollow), ContainsSubstring("without an infer rule and a reference kernel"));
}
