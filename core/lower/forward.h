#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "generalizer/ops.h"
#include "lower/steps.h"

namespace generalizer {

enum class ForwardMode : std::uint8_t { training, evaluation };

/// A step program under construction: the forward passes of the network's players in one program, and the
/// declarations of its variables.
class Forward {
 public:
  /// `stepping` is the player whose step this is: its random streams and counter are used.
  Forward(const Graph& graph, std::string program_name, std::string stepping, ForwardMode mode,
          std::int64_t batch);

  const Graph& graph() const { return graph_; }
  const std::string& stepping() const { return stepping_; }
  std::int64_t batch() const { return batch_; }
  Program& program() { return program_; }
  TensorType scalar() const { return {floating_, {}}; }

  /// F[N×C×H×W], input 0.
  const Tensor& image() const { return image_; }
  /// i32[N], an input from the first call on.
  Tensor label();

  /// Builds the classifier's layers that these need. Once a program.
  void build_classifier(const std::vector<std::size_t>& wanted);
  void build_whole_classifier();
  /// Output of a classifier's layer that has been built.
  const Tensor& classifier_layer(std::size_t layer) const { return classifier_outputs_[layer]; }
  const Tensor& classifier_output() const { return classifier_outputs_[graph_.classifier().output]; }
  /// The classifier's own loss, F[]. Only where the spec has one.
  Tensor classifier_loss();

  /// Classifier layers that a decoder looks at: its tap, and its target where that is a layer.
  std::vector<std::size_t> looked_at_by(std::size_t decoder) const;
  /// Builds a decoder on its tap; the output of every layer, by the player's layers.
  std::vector<Tensor> build_decoder(std::size_t decoder);
  /// F[]: the loss of a decoder's output against its target.
  Tensor decoder_loss(std::size_t decoder, const Tensor& output);

  /// Adds a variable with its declaration; the same name gives the same one.
  Tensor declare(const VariableDeclaration& variable);
  /// The counter of the stepping player's updates.
  Tensor step_counter();

  struct StatisticUpdate {
    Tensor statistic;
    Tensor next;
  };
  /// Of every variable so far, in the order of asking: weights and statistics in layer order.
  const std::vector<VariableDeclaration>& declarations() const { return declarations_; }
  /// Next values of the stepping player's statistics.
  const std::vector<StatisticUpdate>& statistic_updates() const { return statistic_updates_; }

  /// The program optimised and verified, with the declarations of the variables that are left.
  StepProgram finish() &&;

 private:
  std::vector<Tensor> build_layers(const Player& player, const std::vector<bool>& needed,
                                   const Tensor& outside, const std::string& outside_name);
  std::string step_variable() const;
  Tensor build_loss(const LossSpec& loss, const Tensor& prediction, const Tensor& target);

  const Graph& graph_;
  std::string stepping_;
  bool training_;
  std::int64_t batch_;
  DType floating_;
  Program program_;
  Tensor image_;
  std::vector<Tensor> classifier_outputs_;
  std::vector<VariableDeclaration> declarations_;
  std::vector<StatisticUpdate> statistic_updates_;
};

}  // namespace generalizer
