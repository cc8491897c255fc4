#include "audit/baseline.h"

#include <algorithm>
#include <filesystem>

#include "audit/representation.h"
#include "trainer/run_folder.h"

namespace generalizer {
namespace {

bool is_negative(const DecoderSpec& decoder) { return decoder.sign == Sign::negative && decoder.weight != 0.0; }

/// Equal but for where it is computed and how long.
bool same_training(GraphSpec a, const GraphSpec& b) {
  a.backend = b.backend;
  a.plugins = b.plugins;
  a.train.epochs = b.train.epochs;
  return a == b;
}

}  // namespace

GraphSpec without_negative_term(GraphSpec spec) {
  for (DecoderSpec& decoder : spec.decoders) {
    if (decoder.sign != Sign::negative) continue;
    decoder.weight = 0.0;
    // With a weight of 0 nothing of these is left, but for a decoder that would learn in the classifier's step.
    decoder.objective = Objective::negative_loss;
    decoder.ceiling.reset();
    decoder.clip.reset();
    decoder.warmup = 0.0;
    decoder.schedule = {};
  }
  return spec;
}

bool has_negative_term(const GraphSpec& spec) { return std::any_of(spec.decoders.begin(), spec.decoders.end(), is_negative); }

std::string train_baseline(const std::string& run, const GraphSpec& spec, std::int64_t epochs, const Registry& registry,
                           const TrainingOptions& options, TrainingObserver& observer) {
  const std::filesystem::path folder = std::filesystem::path(run) / "audit" / "baseline";
  GraphSpec wanted = without_negative_term(spec);
  if (wanted.train.steps == 0) wanted.train.epochs = epochs;
  TrainingOptions training = options;
  training.out = folder.string();
  TrainingResult result;
  if (std::filesystem::exists(folder / "graph.toml")) {
    const GraphSpec there = read_graph((folder / "graph.toml").string(), registry);
    if (!same_training(there, wanted) || there.train.epochs > wanted.train.epochs) {
      throw TrainingError(folder.string() + " holds a baseline of another graph, or of a longer training, than the run's. Remove that folder to have it "
                          "trained anew, or name a baseline with --baseline RUN.");
    }
    const bool longer = there.train.epochs < wanted.train.epochs;
    result = resume(folder.string(), longer ? wanted.train.epochs : 0, registry, training, observer);
  } else {
    std::filesystem::remove_all(folder);  // a training that was killed before its graph was written
    result = train(wanted, registry, training, observer);
  }
  if (result.end == TrainingEnd::interrupted) throw AuditStopped();
  return folder.string();
}

void check_same_data(const std::string& run, const GraphSpec& spec, const std::string& baseline, const GraphSpec& other) {
  DataSpec ours = spec.data;
  ours.prefetch = other.data.prefetch;
  if (ours == other.data) return;
  throw DataError("The baseline " + baseline + " was trained on other data than " + run +
                  ": [data] of their graph.toml differs. A gap between the two would say nothing; give a baseline of the same [data].");
}

}  // namespace generalizer
