#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "generalizer/backend.h"
#include "generalizer/dataset.h"
#include "lower/steps.h"
#include "trainer/metrics.h"

namespace generalizer {

/// A graph with a session: its variables live on the device, its step programs are compiled when first asked for.
class Network {
 public:
  /// Opens the graph's backend and declares every variable (zeros: call `initialize` or restore a checkpoint). Throws `GraphError`, `BackendError`.
  Network(GraphSpec spec, DataShape data, const Registry& registry);

  const Graph& graph() const { return graph_; }
  Session& session() const { return *session_; }
  const std::vector<VariableDeclaration>& variables() const { return variables_; }
  DType floating() const { return floating_type(graph_.spec().precision); }

  /// Writes every variable's initial value, from the graph's seed.
  void initialize();
  /// One number from a scalar variable, whatever its type.
  double scalar(const std::string& variable) const;
  void set_scalar(const std::string& variable, double value);
  /// All of a variable's values, row-major.
  void set_values(const std::string& variable, const std::vector<double>& values);
  /// Writes what a player's weights, statistics, moments and step count begin with, from this seed.
  void begin_anew(const std::string& player, std::uint64_t seed);
  /// A variable's values, row-major, as bytes of its type.
  std::vector<std::byte> read(const std::string& variable) const;

 private:
  Graph graph_;
  std::unique_ptr<Session> session_;
  std::vector<VariableDeclaration> variables_;
};

/// Gives a step its batch: "image" and, where the step reads it, "label".
void set_batch(Executable& step, std::span<const std::byte> images, std::span<const std::byte> labels);

/// Runs the network over a whole dataset in evaluation mode, drops nothing and counts nothing twice.
class Evaluator {
 public:
  static constexpr std::int64_t kBatch = 256;
  explicit Evaluator(Network& network, std::int64_t batch = kBatch) : network_(network), batch_(batch) {}

  struct Result {
    ClassifierMetrics classifier;
    std::map<std::string, double> decoder_losses;
  };
  Result run(const Dataset& data);

 private:
  Executable& executable(std::int64_t batch);

  Network& network_;
  std::int64_t batch_;
  std::map<std::int64_t, std::unique_ptr<Executable>> executables_;
};

/// Answers for given images (each C×H×W in [0, 1], row-major).
struct Prediction {
  std::vector<double> probabilities;  ///< one a class; empty without a classifier loss
  std::map<std::string, std::vector<float>> decoder_outputs;  ///< by decoder, row-major in its target's shape
};
class Predictor {
 public:
  Predictor(Network& network, std::int64_t batch);
  /// As many images as the batch.
  std::vector<Prediction> run(std::span<const float> images);
  std::int64_t batch() const { return batch_; }

 private:
  Network& network_;
  std::int64_t batch_;
  std::unique_ptr<Executable> executable_;
};

/// Mean over the dataset `over` of the mean squared difference to the mean image of `known`.
double mean_image_mse(const Dataset& known, const Dataset& over);

}  // namespace generalizer
