#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>

#include "config/quote.h"
#include "generalizer/random.h"
#include "inspection/checks.h"
#include "inspection/derivative.h"
#include "trainer/trainer.h"

namespace generalizer {
namespace fs = std::filesystem;
namespace {

constexpr const char* kDataset = "made_up_images";
constexpr std::int64_t kImages = 8;

/// Images of random numbers in two classes, the second one's brighter.
class MadeUpImages final : public Dataset {
 public:
  explicit MadeUpImages(Shape shape) : shape_(std::move(shape)) {}
  std::int64_t size() const override { return kImages; }
  Shape image_shape() const override { return shape_; }
  std::int64_t classes() const override { return 2; }
  std::int32_t label(std::int64_t index) const override { return static_cast<std::int32_t>(index % 2); }
  void read_image(std::int64_t index, std::span<float> image) const override {
    const Philox random(11, static_cast<std::uint64_t>(index));
    for (std::size_t i = 0; i < image.size(); ++i)
      image[i] = static_cast<float>(0.6 * random.uniform(i) + 0.4 * static_cast<double>(label(index)));
  }

 private:
  Shape shape_;
};

void add_images(Registry& registry) {
  if (registry.find_dataset(kDataset) != nullptr) return;
  DatasetType type;
  type.name = kDataset;
  type.summary = "Random numbers as images in two classes.";
  type.parameters = {required_parameter("shape", {ParameterType::integers}, "C, H, W")};
  type.open = [](const Parameters& parameters, Split) -> std::unique_ptr<Dataset> {
    return std::make_unique<MadeUpImages>(Shape(parameters.integers("shape")));
  };
  registry.add_dataset(std::move(type));
}

/// A folder for the runs, gone at the end.
class RunsFolder {
 public:
  RunsFolder() {
    std::string pattern = (fs::temp_directory_path() / "generalizer-test-plugin-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      throw TrainingError("No folder for the runs can be made in " + fs::temp_directory_path().string() + ": set TMPDIR to a folder that can be written.");
    path_ = pattern;
  }
  ~RunsFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  RunsFolder(const RunsFolder&) = delete;
  RunsFolder& operator=(const RunsFolder&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

std::string list_text(const Shape& shape) {
  std::string text;
  for (const std::int64_t extent : shape) text += (text.empty() ? "" : ", ") + std::to_string(extent);
  return "[" + text + "]";
}

/// What makes the layer's inputs of an image, the layer's place (called "tested"), and a short code behind it for logits and decoder.
std::string graph_text(const std::vector<Shape>& inputs, const std::string& backend) {
  const bool image = inputs.front().rank() == 3;
  const Shape data = image ? inputs.front() : Shape{1, 1, inputs.front().elements()};
  std::string layers, names;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::string name = "in" + std::to_string(i);
    names += (i == 0 ? "" : ", ") + quoted(name);
    if (inputs[i].elements() == data.elements()) {
      layers += "{ name = " + quoted(name) + ", type = \"reshape\", inputs = [\"image\"], shape = " + list_text(inputs[i]) + " },\n";
    } else {
      const std::string made = "made" + std::to_string(i);
      layers += "{ name = " + quoted("flat" + made) + ", type = \"flatten\", inputs = [\"image\"] },\n{ name = " + quoted(made) +
                ", type = \"dense\", units = " + std::to_string(inputs[i].elements()) + " },\n{ name = " + quoted(name) +
                ", type = \"reshape\", shape = " + list_text(inputs[i]) + " },\n";
    }
  }
  return "name = \"test\"\nbackend = " + quoted(backend) + "\nseed = 5\n[data]\ntype = " + quoted(kDataset) +
         "\nshape = " + list_text(data) + "\n[train]\nepochs = 2\nbatch = 4\npictures = 0\n[classifier]\nloss = \"cross_entropy\"\n" +
         "optimizer = { type = \"adam\", learning_rate = 0.001 }\nlayers = [\n" + layers +
         "{ name = \"tested\", type = \"flatten\", inputs = [" + names + "] },\n{ name = \"row\", type = \"flatten\" },\n" +
         "{ name = \"code\", type = \"dense\", units = 8 },\n{ name = \"logits\", type = \"dense\", units = 2 },\n]\n" +
         "[[decoder]]\nname = \"decoder\"\ntap = \"code\"\nloss = \"mse\"\nweight = 0.5\n" +
         "optimizer = { type = \"adam\", learning_rate = 0.001 }\nlayers = [\n" +
         "{ name = \"pixels\", type = \"dense\", units = " + std::to_string(data.elements()) +
         ", activation = \"sigmoid\" },\n{ name = \"picture\", type = \"reshape\", shape = " + list_text(data) + " },\n]\n";
}

/// The layer in its place of a graph that was checked with one of another type standing there.
GraphSpec graph_of(const LayerType& type, const Use& use, const std::vector<Shape>& inputs, const std::string& backend,
                   const Registry& registry) {
  std::string text = graph_text(inputs, backend);
  const std::string place = "type = \"flatten\", inputs = [\"in0\"";
  text.replace(text.find(place) + 8, 7, inputs.size() > 1 ? "concat" : "flatten");
  GraphSpec spec = parse_graph(text, "test.toml", ".", registry);
  for (LayerSpec& layer : spec.classifier.layers) {
    if (layer.name.text != "tested") continue;
    layer.type.text = type.name;
    layer.parameters = use.parameters;
  }
  return spec;
}

std::string bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Numbers in the weights that the graph needs around the layer.
std::int64_t weights_around(const std::vector<Shape>& inputs, std::int64_t output) {
  const std::int64_t data = inputs.front().elements();
  std::int64_t count = 8 * (output + data);
  for (const Shape& shape : inputs) count += shape.elements() == data ? 0 : shape.elements() * data;
  return count;
}

std::vector<Shape> shapes_of(const Built& built) {
  std::vector<Shape> shapes;
  for (const ValueId id : built.program->inputs()) {
    const Shape& shape = built.program->value(id).type.shape;
    shapes.emplace_back(std::vector<std::int64_t>(shape.begin() + 1, shape.end()));
  }
  return shapes;
}

std::string missing_part(const Registry& registry) {
  for (const char* layer : {"reshape", "flatten", "dense", "concat"}) {
    if (registry.find_layer(layer) == nullptr) return std::string("layer ") + layer;
  }
  if (registry.find_loss("cross_entropy") == nullptr || registry.find_loss("mse") == nullptr) return "loss mse";
  return registry.find_optimizer("adam") == nullptr ? "optimizer adam" : "";
}

double largest_output(const Use& use, const BackendType& reference) {
  Built built = use.built();
  built.differentiable.clear();
  const Derivative forward = derivative_of(std::move(built));
  double largest = 0.0;
  for (const double x : ProgramRunner(reference, *forward.program).run(forward.values).at("y0"))
    largest = std::isfinite(x) ? std::max(largest, std::abs(x)) : largest;
  return largest;
}

/// Trains without a stop, and with one that is resumed.
Finding compare_trainings(const GraphSpec& spec, Registry& registry, const RunsFolder& runs, const Use& use) {
  TrainingObserver quiet;
  TrainingOptions whole;
  whole.out = runs / "whole";
  const TrainingResult straight = train(spec, registry, whole, quiet);

  TrainingOptions half;
  half.out = runs / "half";
  half.stop_requested = [left = 3]() mutable { return --left == 0; };
  (void)train(spec, registry, half, quiet);
  const TrainingResult resumed = resume(half.out, 0, registry, {}, quiet);

  const std::string name = fs::path(straight.checkpoint).filename();
  if (fs::path(resumed.checkpoint).filename() != name || bytes_of(straight.checkpoint) != bytes_of(resumed.checkpoint)) {
    return failed("On " + use.text() +
                  ": stopped after three steps and resumed, the training ends with other weights than without a stop. What a layer keeps "
                  "from step to step must be a weight or a statistic.");
  }
  return passed(fmt::format("4 steps, stopped after 3 and resumed, to the bit; loss {:.4f}", straight.epochs.back().train.loss.value_or(0.0)));
}

}  // namespace

Finding check_training(const LayerType& type, const std::vector<Use>& uses, const std::string& backend, Registry& registry) {
  const BackendReport report = registry.find_backend(backend)->report();
  if (!report.available) return skipped("The backend can't be had here: " + report.reason);
  if (const std::string missing = missing_part(registry); !missing.empty())
    return skipped("The network around it needs the " + missing + ", which no loaded plugin has.");
  const Use& use = smallest(uses);
  const Built built = use.built();
  const std::vector<Shape> inputs = shapes_of(built);
  const std::int64_t output = built.outputs.front().shape().elements() / 2;
  if (weights_around(inputs, output) > (std::int64_t{1} << 23))
    return skipped("Its smallest use, " + use.text() + ", is too large for a test's network: write a smaller case.");
  add_images(registry);
  const GraphSpec spec = graph_of(type, use, inputs, backend, registry);

  const RunsFolder runs;
  try {
    return compare_trainings(spec, registry, runs, use);
  } catch (const TrainingError& error) {
    const double largest = largest_output(use, *registry.find_backend("reference"));
    if (largest > 1e12)
      return skipped(fmt::format("On {} its outputs go up to {:.1g}, too large for gradients in f32.", use.text(), largest));
    // The folder is gone when this is read, and so is its place in the message.
    const std::string text = error.what();
    return failed("On " + use.text() + ", in a small network on made-up images: " + text.substr(0, text.find(" The training was stopped.")));
  }
}

}  // namespace generalizer
