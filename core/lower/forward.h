#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "generalizer/ops.h"
#include "graph/layer_builder.h"
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

  /// Builds the whole classifier. Once a program.
  void build_whole_classifier();
  /// Builds what a decoder's loss needs of the network, and no more: classifier layers, decoders that it taps or has as
  /// target, and the decoder. Once a program, in place of the two others.
  void build_up_to(std::size_t decoder);
  /// Builds a decoder on the whole classifier, after those that it is fastened to; nothing when it is built already.
  void build_decoder(std::size_t decoder);

  /// The image, or the output of a layer that has been built.
  const Tensor& at(const Place& place) const;
  const Tensor& classifier_output() const { return classifier_outputs_[graph_.classifier().output]; }
  const Tensor& decoder_output(std::size_t decoder) const {
    return at({decoder, graph_.decoders()[decoder].output});
  }
  /// The classifier's own loss, F[]. Only where the spec has one.
  Tensor classifier_loss();
  /// F[]: the loss of a built decoder's output against its target. A target that is itself learnt gets no gradient: it must not move to meet
  /// the recreation.
  Tensor decoder_loss(std::size_t decoder);

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
  /// What a step may move: the stepping player's weights in layer order, but for frozen layers'.
  struct TrainedWeight {
    VariableDeclaration declaration;
    Tensor value;
    const LayerSpec* layer;
  };
  const std::vector<TrainedWeight>& trained_weights() const { return trained_weights_; }
  /// Next values of the stepping player's statistics, but for frozen layers'.
  const std::vector<StatisticUpdate>& statistic_updates() const { return statistic_updates_; }

  /// The program optimised and verified, with the declarations of the variables that are left.
  StepProgram finish() &&;

 private:
  void build_classifier(const std::vector<bool>& needed);
  /// Marks the classifier's layers that these places need, going through decoders by their taps.
  void mark_needed(const std::vector<Place>& places, std::vector<bool>& needed) const;
  std::vector<Tensor> build_layers(const Player& player, const std::vector<bool>& needed,
                                   const std::vector<LayerInput>& from_outside);
  void keep(const Player& player, const LayerSpec& layer, const BuiltLayer& built);
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
  std::vector<std::vector<Tensor>> decoder_outputs_;  ///< by decoder and layer; empty before it is built
  std::vector<VariableDeclaration> declarations_;
  std::vector<TrainedWeight> trained_weights_;
  std::vector<StatisticUpdate> statistic_updates_;
};

}  // namespace generalizer
