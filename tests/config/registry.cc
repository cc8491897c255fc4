#include "registry.h"

using namespace generalizer;
using Type = ParameterType;

namespace {

ParameterSpec activation() {
  return one_of(parameter("activation", {Type::string}, std::string("linear"), "Applied to the output."),
                {"linear", "relu", "sigmoid"});
}

ParameterSpec optional_spec(ParameterSpec spec) {
  spec.optional = true;
  return spec;
}

ParameterSpec with_length(ParameterSpec spec, std::size_t length) {
  spec.length = length;
  return spec;
}

LayerType layer(std::string name, std::vector<ParameterSpec> parameters) {
  LayerType type;
  type.name = std::move(name);
  type.parameters = std::move(parameters);
  type.build = [](LayerBuilder& builder) { return builder.input(); };
  return type;
}

LossType loss(std::string name, LossTarget target) {
  LossType type;
  type.name = std::move(name);
  type.target = target;
  type.build = [](const LossContext& context) { return context.prediction; };
  return type;
}

OptimizerType optimizer(std::string name, std::vector<ParameterSpec> parameters) {
  OptimizerType type;
  type.name = std::move(name);
  type.parameters = std::move(parameters);
  type.build = [](OptimizerBuilder& builder) { return builder.weight(); };
  return type;
}

/// Without types it is not available here.
BackendType backend(std::string name, std::vector<ParameterSpec> parameters, std::vector<DType> types) {
  BackendType type;
  type.name = std::move(name);
  type.parameters = std::move(parameters);
  type.report = [types] {
    BackendReport report;
    report.available = !types.empty();
    report.floating_types = types;
    return report;
  };
  type.open = [](const Parameters&) { return std::unique_ptr<Session>(); };
  return type;
}

ParameterSpec files(const char* name, const char* images, const char* labels) {
  ParameterSpec spec = required_parameter(name, {Type::table}, "The files of this split.");
  spec.fields = {parameter("images", {Type::string}, std::string(images), "File of the images."),
                 parameter("labels", {Type::string}, std::string(labels), "File of the labels."),
                 at_least(optional_spec(required_parameter("limit", {Type::integer}, "Take the first.")), 1)};
  return spec;
}

/// A layer with one parameter of every kind.
LayerType everything() {
  ParameterSpec table = optional_spec(required_parameter("table", {Type::table}, "A table."));
  table.fields = {required_parameter("depth", {Type::integer}, "How deep."),
                  parameter("note", {Type::string}, std::string("none"), "A remark.")};
  ParameterSpec tables = optional_spec(required_parameter("tables", {Type::tables}, "Tables."));
  tables.fields = table.fields;
  return layer(
      "everything",
      {
          parameter("flag", {Type::boolean}, false, "A switch."),
          at_most(at_least(parameter("count", {Type::integer}, std::int64_t{3}, "A count."), 1), 9),
          at_most(above(parameter("rate", {Type::number}, std::int64_t{1}, "A rate."), 0), 1),
          parameter("either", {Type::integer, Type::number}, 2.0, "An integer or a number."),
          parameter("path", {Type::path}, std::string("here/../there"), "A path."),
          with_length(
              parameter("triple", {Type::numbers}, std::vector<std::int64_t>{1, 2, 3}, "Three numbers."), 3),
          parameter("words", {Type::strings}, std::vector<std::string>{}, "Words."),
          parameter("empty", {Type::integers, Type::numbers}, std::vector<double>{}, "A list."),
          table,
          tables,
      });
}

void add_layers(Registry& registry) {
  ParameterSpec padding = at_least(one_of(parameter("padding", {Type::string, Type::integer, Type::integers},
                                                    std::string("valid"), "Zeros around the image."),
                                          {"valid", "same"}),
                                   0);
  registry.add_layer(layer(
      "conv2d",
      {at_least(required_parameter("filters", {Type::integer}, "Channels of the output."), 1),
       at_least(
           required_parameter("kernel", {Type::integer, Type::integers}, "Size of the window in pixels."), 1),
       padding,
       at_least(
           parameter("stride", {Type::integer, Type::integers}, std::int64_t{1}, "Pixels between windows."),
           1),
       parameter("bias", {Type::boolean}, true, "Whether a constant is added."), activation()}));
  registry.add_layer(layer(
      "dense", {at_least(required_parameter("units", {Type::integer}, "Numbers in the output."), 1),
                parameter("bias", {Type::boolean}, true, "Whether a constant is added."), activation()}));
  registry.add_layer(layer("flatten", {}));
  registry.add_layer(
      layer("reshape", {at_least(required_parameter("shape", {Type::integers}, "Extents."), -1)}));
  registry.add_layer(layer("add", {}));
  registry.add_layer(
      layer("batch_norm",
            {above(parameter("epsilon", {Type::number}, 1e-5, "Added to the variance."), 0), activation()}));
  registry.add_layer(layer(
      "max_pool2d",
      {at_least(parameter("kernel", {Type::integer, Type::integers}, std::int64_t{2}, "Window."), 1),
       optional_spec(at_least(required_parameter("stride", {Type::integer, Type::integers}, "Step."), 1))}));
  registry.add_layer(
      layer("conv2d_transpose",
            {at_least(required_parameter("filters", {Type::integer}, "Channels of the output."), 1),
             at_least(required_parameter("kernel", {Type::integer, Type::integers}, "Window."), 1),
             at_least(parameter("stride", {Type::integer, Type::integers}, std::int64_t{1}, "Step."), 1),
             padding, activation()}));
  registry.add_layer(everything());
}

}  // namespace

std::unique_ptr<Registry> make_registry() {
  auto made = std::make_unique<Registry>();
  Registry& registry = *made;
  registry.add_searched_folder("/opt/plugins");
  add_layers(registry);

  registry.add_loss(loss("cross_entropy", LossTarget::labels));
  registry.add_loss(loss("mse", LossTarget::values));
  registry.add_optimizer(
      optimizer("adam", {above(parameter("learning_rate", {Type::number}, 1e-3, "Size of a step."), 0),
                         above(parameter("epsilon", {Type::number}, 1e-7, "Keeps a root from zero."), 0)}));
  registry.add_optimizer(optimizer(
      "sgd", {above(parameter("learning_rate", {Type::number}, 1e-2, "Size of a step."), 0),
              at_least(parameter("momentum", {Type::number}, 0.0, "How much of the last step stays."), 0)}));

  DatasetType idx;
  idx.name = "idx";
  idx.parameters = {required_parameter("root", {Type::path}, "Folder of the files."),
                    files("train", "train-images", "train-labels"),
                    files("test", "test-images", "test-labels"),
                    at_least(optional_spec(required_parameter("classes", {Type::integer}, "How many.")), 1),
                    parameter("class_names", {Type::strings}, std::vector<std::string>{}, "One a class.")};
  idx.open = [](const Parameters&, Split) { return std::unique_ptr<Dataset>(); };
  registry.add_dataset(idx);

  registry.add_backend(backend("reference", {}, {DType::f32, DType::f64}));
  registry.add_backend(backend(
      "onednn",
      {at_least(parameter("threads", {Type::integer}, std::int64_t{0}, "Threads; 0 for one a core."), 0)},
      {DType::f32}));
  registry.add_backend(backend(
      "cuda", {at_least(parameter("device", {Type::integer}, std::int64_t{0}, "Which card."), 0)}, {}));
  return made;
}
