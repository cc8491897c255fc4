#include "trainer/failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

namespace generalizer {
namespace {

template <class T>
std::optional<double> first_bad(std::span<const std::byte> bytes) {
  for (std::size_t at = 0; at + sizeof(T) <= bytes.size(); at += sizeof(T)) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    if (!std::isfinite(value)) return static_cast<double>(value);
  }
  return std::nullopt;
}

std::optional<double> first_bad(DType dtype, std::span<const std::byte> bytes) {
  if (dtype == DType::f32) return first_bad<float>(bytes);
  if (dtype == DType::f64) return first_bad<double>(bytes);
  return std::nullopt;
}

bool is_model_state(VariableRole role) {
  return role == VariableRole::weight || role == VariableRole::statistic || role == VariableRole::moment;
}

/// "classifier/embedding" → `layer "embedding" of "classifier"`
std::string layer_text(const std::string& output) {
  const std::size_t slash = output.find('/');
  return fmt::format("layer \"{}\" of \"{}\"", output.substr(slash + 1), output.substr(0, slash));
}

}  // namespace

FailedUpdate find_failed_update(const Network& network, const std::vector<std::int64_t>& begun) {
  const std::vector<DecoderSpec>& decoders = network.graph().spec().decoders;
  if (network.graph().spec().train.shared_step_count) {
    // One counter for all: walk the schedule until as many updates are done.
    auto left = static_cast<std::int64_t>(network.scalar("shared/step"));
    for (std::int64_t step = 1;; ++step) {
      if (left-- == 0) return {step, "classifier"};
      for (const DecoderSpec& decoder : decoders) {
        if (step % decoder.every != 0) continue;
        left -= decoder.steps;
        if (left < 0) return {step, decoder.name.text};
      }
    }
  }
  const auto done = static_cast<std::int64_t>(network.scalar("classifier/step"));
  for (std::size_t i = 0; i < decoders.size(); ++i) {
    const DecoderSpec& decoder = decoders[i];
    const auto updates = static_cast<std::int64_t>(network.scalar(decoder.name.text + "/step"));
    const std::int64_t turns = done / decoder.every - begun[i] / decoder.every;
    if (updates < turns * decoder.steps) return {done, decoder.name.text};
  }
  return {done + 1, "classifier"};
}

std::string find_bad_number(Network& network, const Batch& batch) {
  if (const auto variable = find_bad_variable(take_snapshot(network, {}), network)) return *variable;
  if (const auto bad = first_bad(network.floating(), batch.images))
    return fmt::format("an image of the batch holds {}", *bad);
  const auto executable = network.session().compile(probe(network.graph(), batch.count).program);
  set_batch(*executable, batch.images, batch.labels);
  executable->run();
  const Program& program = executable->program();
  for (std::size_t i = 0; i < program.outputs().size(); ++i) {
    const TensorType& type = program.value(program.outputs()[i].value).type;
    std::vector<std::byte> bytes(static_cast<std::size_t>(type.bytes()));
    executable->get_output(i, bytes);
    if (const auto bad = first_bad(type.dtype, bytes))
      return fmt::format("{} gives {}", layer_text(program.outputs()[i].name), *bad);
  }
  return "every layer's output is finite, so it is the loss itself";
}

std::optional<std::string> find_bad_variable(const Snapshot& snapshot, const Network& network) {
  for (const VariableDeclaration& variable : network.variables()) {
    if (!is_model_state(variable.role)) continue;
    const auto held = std::find_if(snapshot.variables.begin(), snapshot.variables.end(),
                                   [&](const NamedTensor& tensor) { return tensor.name == variable.name; });
    if (const auto bad = first_bad(held->type.dtype, held->bytes))
      return fmt::format("\"{}\" holds {}", variable.name, *bad);
  }
  return std::nullopt;
}

}  // namespace generalizer
