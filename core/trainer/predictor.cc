#include "trainer/network.h"

namespace generalizer {
namespace {

/// An output's values as doubles, whatever its floating type.
std::vector<double> read_output(Executable& executable, std::size_t index) {
  const TensorType& type = executable.program().value(executable.program().outputs()[index].value).type;
  std::vector<double> values(static_cast<std::size_t>(type.shape.elements()));
  if (type.dtype == DType::f64) {
    executable.get_output(index, std::as_writable_bytes(std::span(values)));
    return values;
  }
  std::vector<float> narrow(values.size());
  executable.get_output(index, std::as_writable_bytes(std::span(narrow)));
  values.assign(narrow.begin(), narrow.end());
  return values;
}

}  // namespace

Predictor::Predictor(Network& network, std::int64_t batch) : network_(network), batch_(batch) {
  executable_ = network.session().compile(prediction(network.graph(), batch).program);
}

std::vector<Prediction> Predictor::run(std::span<const float> images) {
  if (network_.floating() == DType::f64) {
    const std::vector<double> wide(images.begin(), images.end());
    executable_->set_input(0, std::as_bytes(std::span(wide)));
  } else {
    executable_->set_input(0, std::as_bytes(images));
  }
  executable_->run();

  const auto count = static_cast<std::size_t>(batch_);
  std::vector<Prediction> answers(count);
  const auto part = [&](const std::vector<double>& all, std::size_t i) {
    const std::size_t size = all.size() / count;
    return std::span(all).subspan(i * size, size);
  };
  if (const auto index = executable_->program().find_output("probabilities")) {
    const std::vector<double> all = read_output(*executable_, *index);
    for (std::size_t i = 0; i < count; ++i)
      answers[i].probabilities.assign(part(all, i).begin(), part(all, i).end());
  }
  for (const DecoderSpec& decoder : network_.graph().spec().decoders) {
    const std::string& name = decoder.name.text;
    const auto index = executable_->program().find_output(name + "/output");
    if (!index) continue;
    const std::vector<double> all = read_output(*executable_, *index);
    for (std::size_t i = 0; i < count; ++i)
      answers[i].decoder_outputs[name].assign(part(all, i).begin(), part(all, i).end());
  }
  return answers;
}

}  // namespace generalizer
