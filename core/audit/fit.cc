#include "audit/fit.h"

#include <algorithm>
#include <map>

#include "data/permutation.h"
#include "data/subset.h"
#include "trainer/batcher.h"
#include "trainer/checkpoint.h"
#include "trainer/order.h"
#include "trainer/rates.h"

namespace generalizer {
namespace {

/// Of an epoch: few images are gone through several times, so that epochs and patience mean as much as with many.
constexpr std::int64_t kLeastSteps = 100;

class Fit {
 public:
  Fit(Network& network, const std::vector<std::shared_ptr<const Dataset>>& draws, const FitParts& parts, const FitSettings& settings)
      : network_(network),
        settings_(settings),
        held_out_(draws.front(), parts.held_out),
        evaluator_(network),
        batch_(std::min(network.graph().spec().train.batch, static_cast<std::int64_t>(parts.fitted.size()))),
        passes_(passes_of(static_cast<std::int64_t>(parts.fitted.size()), batch_)),
        steps_(passes_ * steps_of(static_cast<std::int64_t>(parts.fitted.size()), batch_)),
        rates_(network, settings.epochs * steps_, steps_) {
    for (const auto& draw : draws) fitted_.push_back(std::make_unique<Subset>(draw, parts.fitted));
  }

  FitResult run() {
    network_.initialize();
    Snapshot best;
    for (std::int64_t epoch = 1; epoch <= settings_.epochs; ++epoch) {
      train(epoch);
      const double loss = measure(epoch);
      result_.epochs = epoch;
      if (epoch == 1 || loss < result_.held_out_loss) {
        result_.held_out_loss = loss;
        result_.best_epoch = epoch;
        best = take_snapshot(network_, state_);
      }
      if (settings_.epoch_done) settings_.epoch_done(epoch);
      if (epoch - result_.best_epoch >= settings_.patience) break;
    }
    for (const NamedTensor& variable : best.variables) network_.session().write_variable(variable.name, variable.bytes);
    return result_;
  }

 private:
  static std::int64_t steps_of(std::int64_t images, std::int64_t batch) { return (images + batch - 1) / batch; }
  static std::int64_t passes_of(std::int64_t images, std::int64_t batch) {
    return (kLeastSteps + steps_of(images, batch) - 1) / steps_of(images, batch);
  }

  bool is_probe() const { return network_.graph().decoders().empty(); }

  Executable& step(std::int64_t batch) {
    std::unique_ptr<Executable>& executable = executables_[batch];
    if (!executable) {
      const Graph& graph = network_.graph();
      executable = network_.session().compile(
          (is_probe() ? classifier_step(graph, batch) : decoder_step(graph, 0, batch)).program);
    }
    return *executable;
  }

  void train(std::int64_t epoch) {
    for (std::int64_t pass = 1; pass <= passes_; ++pass) go_through((epoch - 1) * passes_ + pass);
    state_.epoch = epoch;
  }

  /// `pass` counts from 1.
  void go_through(std::int64_t pass) {
    const Dataset& data = *fitted_[static_cast<std::size_t>(pass - 1) % fitted_.size()];
    const GraphSpec& spec = network_.graph().spec();
    Batcher batcher(data, network_.session(), network_.floating(), batch_, epoch_order(data.size(), spec.seed, pass, true), 0, 0,
                    spec.data.prefetch);
    for (Batch batch = batcher.next(); batch.count > 0; batch = batcher.next()) {
      if (settings_.stop && settings_.stop()) throw AuditStopped();
      rates_.set(state_);
      Executable& executable = step(batch.count);
      set_batch(executable, batch.images, batch.labels);
      executable.run();
      ++state_.step;
    }
  }

  /// The loss on the held-out images, by which a learning rate may fall.
  double measure(std::int64_t epoch) {
    if (network_.scalar("health") == 0.0) {
      throw TrainingError("the attacker \"" + network_.graph().spec().name + "\" has diverged: its loss is no number in epoch " +
                          std::to_string(epoch) + ". Give it a smaller learning_rate, or an optimizer with clip_norm.");
    }
    const Evaluator::Result measured = evaluator_.run(held_out_);
    EpochMetrics metrics;
    metrics.epoch = epoch;
    metrics.validation = measured.classifier;
    for (const auto& [name, loss] : measured.decoder_losses) metrics.decoders[name].validation_loss = loss;
    rates_.epoch_done(metrics, state_);
    return is_probe() ? measured.classifier.loss.value() : measured.decoder_losses.begin()->second;
  }

  Network& network_;
  const FitSettings& settings_;
  std::vector<std::unique_ptr<Dataset>> fitted_;  ///< by draw
  Subset held_out_;
  Evaluator evaluator_;
  std::int64_t batch_;
  std::int64_t passes_;  ///< through the images, of an epoch
  std::int64_t steps_;   ///< of an epoch
  LearningRates rates_;
  std::map<std::int64_t, std::unique_ptr<Executable>> executables_;
  TrainingState state_;
  FitResult result_;
};

}  // namespace

FitParts fit_parts(std::int64_t images, std::uint64_t seed) {
  if (images < 2) throw DataError("An attack needs at least two training images, one to learn from and one held out; there are " + std::to_string(images) + ".");
  std::vector<std::int64_t> order = permutation(images, Philox(seed, stream_of("held out")));
  const auto border = order.begin() + std::max<std::int64_t>(1, images / 10);
  FitParts parts{{border, order.end()}, {order.begin(), border}};
  std::sort(parts.fitted.begin(), parts.fitted.end());
  std::sort(parts.held_out.begin(), parts.held_out.end());
  return parts;
}

FitResult fit(Network& network, const std::vector<std::shared_ptr<const Dataset>>& draws, const FitParts& parts, const FitSettings& settings) {
  return Fit(network, draws, parts, settings).run();
}

}  // namespace generalizer
