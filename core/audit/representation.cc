#include "audit/representation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "lower/forward.h"
#include "trainer/batcher.h"

namespace generalizer {
namespace {

constexpr std::int64_t kBatch = 256;
constexpr std::int64_t kMostBytes = std::int64_t{8} << 30;

/// An output's numbers in single precision, whatever its floating type.
void read_output(Executable& executable, std::size_t index, std::vector<float>& values) {
  const TensorType& type = executable.program().value(executable.program().outputs()[index].value).type;
  const auto count = static_cast<std::size_t>(type.shape.elements());
  const std::size_t before = values.size();
  values.resize(before + count);
  if (type.dtype == DType::f32) {
    executable.get_output(index, std::as_writable_bytes(std::span(values).subspan(before)));
    return;
  }
  std::vector<double> wide(count);
  executable.get_output(index, std::as_writable_bytes(std::span(wide)));
  std::copy(wide.begin(), wide.end(), values.begin() + static_cast<std::ptrdiff_t>(before));
}

Shape without_batch(const Shape& shape) { return Shape(std::vector<std::int64_t>(shape.begin() + 1, shape.end())); }

void check_memory(const Shape& shape, std::int64_t images) {
  const std::int64_t bytes = shape.elements() * images * static_cast<std::int64_t>(sizeof(float));
  if (bytes <= kMostBytes) return;
  throw DataError(fmt::format("The representation has {} numbers an image, which for {} images take {:.1f} GiB of memory. Audit fewer images with "
                              "--images {}, or a smaller layer.",
                              shape.elements(), images, static_cast<double>(bytes) / static_cast<double>(1 << 30),
                              kMostBytes / 4 / shape.elements()));
}

/// A graph's spec holds the members of its ensembles, which a graph made of it would add once more.
GraphSpec frozen(GraphSpec spec) {
  std::erase_if(spec.decoders, [](const DecoderSpec& decoder) { return !decoder.member_of.empty(); });
  for (LayerSpec& layer : spec.classifier.layers) layer.freeze = true;
  for (DecoderSpec& decoder : spec.decoders) {
    for (LayerSpec& layer : decoder.layers) layer.freeze = true;
  }
  return spec;
}

/// Where a decoder's `tap` would lead.
Place place_of(const Graph& graph, const std::string& name) {
  if (const std::size_t layer = graph.classifier().find(name); layer != GraphLayer::from_outside)
    return {Place::classifier, layer};
  std::vector<std::string> names;
  for (const GraphLayer& layer : graph.classifier().layers) names.push_back(layer.spec->name.text);
  for (std::size_t i = 0; i < graph.decoders().size(); ++i) {
    const Player& decoder = graph.decoders()[i];
    if (decoder.name == name) return {i, decoder.output};
    for (std::size_t k = 0; k < decoder.layers.size(); ++k) {
      names.push_back(decoder.name + "/" + decoder.layers[k].spec->name.text);
      if (names.back() == name) return {i, k};
    }
  }
  const std::string near = nearest_name(name, names);
  std::string all;
  for (const std::string& known : names) all += (all.empty() ? "\"" : ", \"") + known + "\"";
  throw GraphError({"--tap " + name, 0, 0, {}}, "\"" + name + "\" is no layer of the network",
                   near.empty() ? "there are " + all : "did you mean \"" + near + "\"?");
}

bool has_random(const Program& program) {
  return std::any_of(program.nodes().begin(), program.nodes().end(),
                     [](const Node& node) { return std::string(node.op->name).starts_with("random_"); });
}

}  // namespace

Representation output_over(Network& network, const ProgramOf& program_of, const std::string& output, const Dataset& data,
                           const StopRequested& stop, const std::function<void(std::int64_t)>& before) {
  std::map<std::int64_t, std::unique_ptr<Executable>> executables;
  std::vector<std::int64_t> order(static_cast<std::size_t>(data.size()));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  Batcher batcher(data, network.session(), network.floating(), std::min(kBatch, data.size()), std::move(order), 0, 0,
                  network.graph().spec().data.prefetch);
  Representation result;
  std::int64_t number = 0;
  for (Batch batch = batcher.next(); batch.count > 0; batch = batcher.next()) {
    if (stop && stop()) throw AuditStopped();
    std::unique_ptr<Executable>& executable = executables[batch.count];
    if (!executable) executable = network.session().compile(program_of(batch.count).program);
    const std::size_t index = executable->program().find_output(output).value();
    if (number == 0) {
      result.shape = without_batch(executable->program().value(executable->program().outputs()[index].value).type.shape);
      check_memory(result.shape, data.size());
      result.values.reserve(result.elements() * static_cast<std::size_t>(data.size()));
    }
    if (before) before(number);
    set_batch(*executable, batch.images, batch.labels);
    executable->run();
    read_output(*executable, index, result.values);
    ++number;
  }
  return result;
}

Tap::Tap(Network& network, std::vector<std::string> names, const Registry& registry)
    : network_(network),
      names_(std::move(names)),
      frozen_(std::make_unique<Graph>(frozen(network.graph().spec()), network.graph().data(), registry)) {
  for (const std::string& name : names_) places_.push_back(place_of(*frozen_, name));
}

std::string Tap::name() const {
  std::string text;
  for (const std::string& name : names_) text += (text.empty() ? "" : " + ") + name;
  return text;
}

Shape Tap::shape() const {
  const Program made = program({}, 1).program;
  return without_batch(made.value(made.outputs()[made.find_output("representation").value()].value).type.shape);
}

bool Tap::random(const HandOut& how) const { return has_random(program(how, 2).program); }

/// Output "representation": of one tap as it is, of several their numbers in a row.
StepProgram Tap::program(const HandOut& how, std::int64_t batch) const {
  Forward forward(*frozen_, "hand out", "classifier", how.training ? ForwardMode::training : ForwardMode::evaluation, batch);
  if (!how.tap_noise) forward.without_noise();
  forward.build_whole_classifier();
  std::vector<Tensor> parts;
  for (const Place& place : places_) {
    if (place.of_decoder()) forward.build_decoder(place.player);
    const Tensor& value = forward.at(place);
    parts.push_back(places_.size() == 1 ? value : reshape(value, {batch, value.shape().elements() / batch}));
  }
  forward.program().add_output("representation", (parts.size() == 1 ? parts[0] : concat(parts, 1)).id());
  return std::move(forward).finish();
}

Representation Tap::hand_out(const Dataset& data, const HandOut& how, std::int64_t stream, const StopRequested& stop) const {
  // What is random depends on a counter, of the classifier's steps or of what was drawn in use.
  std::map<std::string, double> counters;
  for (const char* name : {"classifier/step", "shared/step", "noise_draws"}) {
    if (network_.session().variables().contains(name)) counters[name] = network_.scalar(name);
  }
  Representation sum;
  for (std::int64_t draw = 0; draw < how.draws; ++draw) {
    // One of its own for every batch of every draw, far from those of the training.
    const std::int64_t first = (std::int64_t{1} << 40) + ((stream << 10) + draw) * (std::int64_t{1} << 20);
    const Representation drawn = output_over(
        network_, [&](std::int64_t batch) { return program(how, batch); }, "representation", data, stop, [&](std::int64_t batch) {
          for (const auto& [name, trained] : counters) network_.set_scalar(name, static_cast<double>(first + batch));
        });
    if (draw == 0) {
      sum = drawn;
    } else {
      for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += drawn.values[i];
    }
  }
  for (const auto& [name, trained] : counters) network_.set_scalar(name, trained);
  if (how.draws > 1) {
    for (float& value : sum.values) value /= static_cast<float>(how.draws);
  }
  return sum;
}

Standardization::Standardization(const Representation& data, const std::vector<std::int64_t>& images)
    : mean_(data.elements(), 0.0), factor_(data.elements(), 0.0) {
  const std::size_t units = data.elements();
  const auto row = [&](std::int64_t image) { return data.values.data() + static_cast<std::size_t>(image) * units; };
  std::vector<float> least(row(images.front()), row(images.front()) + units);
  std::vector<float> most = least;
  for (const std::int64_t image : images) {
    const float* values = row(image);
    for (std::size_t k = 0; k < units; ++k) {
      mean_[k] += values[k];
      least[k] = std::min(least[k], values[k]);
      most[k] = std::max(most[k], values[k]);
    }
  }
  const auto count = static_cast<double>(images.size());
  for (double& mean : mean_) mean /= count;
  for (const std::int64_t image : images) {
    const float* values = row(image);
    for (std::size_t k = 0; k < units; ++k) factor_[k] += (values[k] - mean_[k]) * (values[k] - mean_[k]);
  }
  for (std::size_t k = 0; k < units; ++k)
    factor_[k] = least[k] < most[k] ? 1.0 / std::sqrt(factor_[k] / count) : 0.0;
}

void Standardization::apply(Representation& data) const {
  const std::size_t units = data.elements();
  for (std::size_t i = 0; i < data.values.size(); ++i) {
    const std::size_t k = i % units;
    data.values[i] = static_cast<float>((static_cast<double>(data.values[i]) - mean_[k]) * factor_[k]);
  }
}

std::int64_t Standardization::constant_units() const { return std::count(factor_.begin(), factor_.end(), 0.0); }

}  // namespace generalizer
