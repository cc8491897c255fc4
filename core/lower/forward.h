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
  /// `stepping` is the player whose step this is: its random streams and counter are used. `also` are those that learn in the same step.
  Forward(const Graph& graph, std::string program_name, std::string stepping, ForwardMode mode,
          std::int64_t batch, std::vector<std::string> also = {});
  /// Leaves the noise of taps out, whatever the graph says. To be called before anything is built.
  void without_noise() { noisy_ = false; }

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
  /// F[]: the decoder's loss function of `prediction` against `wanted`.
  Tensor decoder_loss_between(std::size_t decoder, const Tensor& prediction, const Tensor& wanted);
  /// F[N×C×H×W]: the mean training image for every image of the batch, from the variable "mean_image".
  Tensor mean_images();
  /// F[N×C×H×W]: for every image the mean training image of its label's class, from the variable "class_means".
  Tensor class_mean_images();

  /// Adds a variable with its declaration; the same name gives the same one.
  Tensor declare(const VariableDeclaration& variable);
  /// The counter of the player's updates.
  Tensor step_counter(const std::string& player);

  struct StatisticUpdate {
    Tensor statistic;
    Tensor next;
  };
  /// Of every variable so far, in the order of asking: weights and statistics in layer order.
  const std::vector<VariableDeclaration>& declarations() const { return declarations_; }
  /// What a step may move: the learning players' weights in layer order, but for frozen layers'.
  struct TrainedWeight {
    VariableDeclaration declaration;
    Tensor value;
    const LayerSpec* layer;
  };
  const std::vector<TrainedWeight>& trained_weights() const { return trained_weights_; }
  /// The part of one player.
  std::vector<TrainedWeight> trained_weights_of(const std::string& player) const;
  /// Next values of the learning players' statistics, but for frozen layers'.
  const std::vector<StatisticUpdate>& statistic_updates() const { return statistic_updates_; }
  /// What the learning players' layers add to their players' losses.
  struct Penalty {
    std::string player;
    Tensor value;  ///< F[]
  };
  const std::vector<Penalty>& penalties() const { return penalties_; }

  /// The program optimised and verified, with the declarations of the variables that are left.
  StepProgram finish() &&;

 private:
  void build_classifier(const std::vector<bool>& needed);
  /// Marks the classifier's layers that these places need, going through decoders by their taps.
  void mark_needed(const std::vector<Place>& places, std::vector<bool>& needed) const;
  std::vector<Tensor> build_layers(const Player& player, const std::vector<bool>& needed,
                                   const std::vector<LayerInput>& from_outside);
  bool learns(const std::string& player) const;
  /// The output of the classifier's layer as everything reads it: bound and noisy where decoders that tap it ask for that.
  Tensor treated(std::size_t layer, const Tensor& output);
  Tensor tap_noise(std::size_t layer, const TensorType& type);
  void keep(const Player& player, const LayerSpec& layer, const BuiltLayer& built);
  std::string step_variable(const std::string& player) const;
  Tensor build_loss(const LossSpec& loss, const Tensor& prediction, const Tensor& target);

  const Graph& graph_;
  std::string stepping_;
  std::vector<std::string> also_;
  bool training_;
  bool noisy_ = true;
  std::int64_t batch_;
  DType floating_;
  Program program_;
  Tensor image_;
  std::vector<Tensor> classifier_outputs_;
  std::vector<std::vector<Tensor>> decoder_outputs_;  ///< by decoder and layer; empty before it is built
  std::vector<VariableDeclaration> declarations_;
  std::vector<TrainedWeight> trained_weights_;
  std::vector<StatisticUpdate> statistic_updates_;
  std::vector<Penalty> penalties_;
  Tensor noise_draws_;  ///< undefined before it is asked for
};

}  // namespace generalizer
