#include "trainer/checkpoint.h"
#include "trainer/measurement.h"
#include "trainer/record.h"
#include "trainer/run_folder.h"
#include "trainer/trainer.h"

namespace generalizer {
namespace {

RestoredCheckpoint restore(const RunFolder& folder, const std::string& checkpoint, LoadedRun& loaded) {
  if (checkpoint == "newest") {
    return restore_newest(folder.checkpoints(), *loaded.network,
                          [&](const std::string& message) { loaded.warnings.push_back(message); });
  }
  if (checkpoint != "best") return restore_checkpoint(checkpoint, *loaded.network);
  const std::filesystem::path best = folder.best();
  if (!std::filesystem::exists(best)) {
    throw DataError("the run " + folder.path().string() +
                    " has kept no best checkpoint. Train with [train] best_by = \"validation/loss\", or another figure.");
  }
  return restore_checkpoint(best, *loaded.network);
}

}  // namespace

LoadedRun load_run(const std::string& run, const Registry& registry, const std::string& backend,
                   const std::string& checkpoint) {
  const RunFolder folder = RunFolder::open(run);
  std::vector<Override> overrides;
  if (!backend.empty()) overrides.push_back({"backend=" + backend});
  const GraphSpec spec = read_graph(folder.graph().string(), registry, overrides);
  LoadedRun loaded;
  const nlohmann::json record = folder.read_record();
  loaded.network = std::make_unique<Network>(spec, data_shape_of(record), registry);
  const RestoredCheckpoint restored = restore(folder, checkpoint, loaded);
  loaded.checkpoint = restored.file.string();
  loaded.epoch = restored.state.epoch;
  loaded.step = restored.state.step;
  loaded.class_names = class_names_of(record);
  if (loaded.class_names.empty() && spec.data.parameters.has("class_names"))
    loaded.class_names = spec.data.parameters.strings("class_names");
  return loaded;
}

std::vector<std::string> plugins_of_run(const std::string& run) {
  return plugins_named_by(RunFolder::open(run).graph().string());
}

EpochMetrics evaluate_run(LoadedRun& run, const Registry& registry) {
  const GraphSpec& spec = run.network->graph().spec();
  const std::unique_ptr<Dataset> test = open_dataset(spec, registry, Split::test);
  if (test->image_shape() != run.network->graph().data().image) {
    throw DataError("the run was trained on images of " + run.network->graph().data().image.to_string() +
                    " and the test images are " + test->image_shape().to_string() + ".");
  }
  check_class_names(run.class_names, *test);
  const Evaluator::Result result = Evaluator(*run.network).run(*test);
  EpochMetrics metrics;
  metrics.epoch = run.epoch;
  metrics.step = run.step;
  metrics.test = result.classifier;
  std::optional<double> mean_image;
  for (const DecoderSpec& decoder : spec.decoders) {
    DecoderMetrics& m = metrics.decoders[decoder.name.text];
    const auto loss = result.decoder_losses.find(decoder.name.text);
    if (loss != result.decoder_losses.end()) m.test_loss = loss->second;
    m.never_trained = never_trained(*run.network, decoder, run.step);
    if (!compares_with_mean_image(decoder)) continue;
    if (!mean_image) mean_image = mean_image_mse(*open_dataset(spec, registry, Split::train), *test);
    m.mean_image_loss = mean_image;
  }
  return metrics;
}

}  // namespace generalizer
