#include <algorithm>
#include <numeric>

#include "trainer/batcher.h"
#include "trainer/network.h"

namespace generalizer {

Executable& Evaluator::executable(std::int64_t batch) {
  std::unique_ptr<Executable>& slot = executables_[batch];
  if (!slot) {
    const StepProgram step = evaluation(network_.graph(), batch);
    slot = network_.session().compile(step.program);
  }
  return *slot;
}

Evaluator::Result Evaluator::run(const Dataset& data) {
  const std::string prefix = "metrics/test/";
  for (const VariableDeclaration& variable : network_.variables()) {
    if (variable.role == VariableRole::metric && variable.name.starts_with(prefix))
      network_.set_scalar(variable.name, 0.0);
  }
  std::vector<std::int64_t> order(static_cast<std::size_t>(data.size()));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  Batcher batcher(data, network_.session(), network_.floating(), std::min(batch_, data.size()),
                  std::move(order), 0, 0, network_.graph().spec().data.prefetch);
  for (Batch batch = batcher.next(); batch.count > 0; batch = batcher.next()) {
    Executable& step = executable(batch.count);
    set_batch(step, batch.images, batch.labels);
    step.run();
  }

  const auto known = [&](const std::string& name) {
    return network_.session().variables().contains(prefix + name);
  };
  const auto images = static_cast<double>(data.size());
  Result result;
  if (known("loss")) result.classifier.loss = network_.scalar(prefix + "loss") / images;
  if (known("correct")) result.classifier.accuracy = network_.scalar(prefix + "correct") / images;
  for (const DecoderSpec& decoder : network_.graph().spec().decoders) {
    const std::string& name = decoder.name.text;
    if (known(name + "/loss"))
      result.decoder_losses[name] = network_.scalar(prefix + name + "/loss") / images;
  }
  return result;
}

}  // namespace generalizer
