#include "trainer/restarts.h"

#include "generalizer/random.h"

namespace generalizer {

void Restarts::epoch_begins(const TrainingState& state) {
  const GraphSpec& spec = network_.graph().spec();
  for (const DecoderSpec& decoder : spec.decoders) {
    if (decoder.restarts == 0 || state.epoch == 0 || state.epoch % decoder.restarts != 0) continue;
    const auto restart = static_cast<std::uint64_t>(state.epoch / decoder.restarts);
    network_.begin_anew(decoder.name.text, mix_streams(spec.seed, stream_of("restart") + restart));
  }
}

std::vector<std::int64_t> Restarts::begun(const TrainingState& state) const {
  std::vector<std::int64_t> steps;
  for (const DecoderSpec& decoder : network_.graph().spec().decoders) {
    const std::int64_t epochs = decoder.restarts == 0 ? 0 : state.epoch / decoder.restarts * decoder.restarts;
    steps.push_back(epochs * steps_per_epoch_);
  }
  return steps;
}

}  // namespace generalizer
