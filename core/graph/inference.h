#pragma once

#include <optional>
#include <string>
#include <vector>

#include "generalizer/ops.h"
#include "graph/connect.h"
#include "graph/fasten.h"
#include "graph/layer_builder.h"

namespace generalizer {

/// Builds a network once into a program that is thrown away, to learn its shapes and whether layers, losses and
/// data fit together. Mistakes go to `found`; what comes after a layer that doesn't fit is not judged, nor without `data` what the image reaches.
class Inference {
 public:
  Inference(const GraphSpec& spec, const std::optional<DataShape>& data, const Registry& registry,
            std::vector<Diagnostic>& found);

  /// Whether each loss compares with what its player gives it. To be called first.
  void losses();

  /// Shapes, weights and FLOPs of the classifier's layers; its loss against the labels.
  void classifier(PlayerDraft& draft);
  /// The same of the spec's decoder `index`, after those that it is fastened to: its output against its target.
  void decoder(std::size_t index, PlayerDraft& draft, const FasteningDraft& fastening);

 private:
  /// Every layer's output, called as messages about `player`'s readers call it; undefined where one doesn't fit.
  std::vector<LayerInput> build_layers(PlayerDraft& draft, const std::vector<LayerInput>& from_outside);
  /// An undefined value where the place is unknown or the layer doesn't fit.
  LayerInput at(const std::optional<Place>& place) const;
  /// Undefined when the layer doesn't fit.
  Tensor build_one(GraphLayer& layer, const std::string& player, const std::vector<LayerInput>& inputs);
  const LossType* find_loss(const TypedSpec& loss, LossTarget wanted, const std::string& whose,
                            const std::string& why);
  /// Whether every term's type is there and compares with what is wanted; reports those that aren't.
  bool losses_known(const LossSpec& loss, LossTarget wanted, const std::string& whose, const std::string& why);
  bool logits_fit(const TypedSpec& loss, const GraphLayer& output);
  bool recreation_fits(const DecoderSpec& spec, const GraphLayer& output, const Tensor& target,
                       const std::string& target_name);
  void build_losses(const LossSpec& loss, const std::string& whose, const Tensor& prediction,
                    const Tensor& target);
  void build_loss(const TypedSpec& spec, const LossType& type, const std::string& whose,
                  const Tensor& prediction, const Tensor& target);
  void report(const SourcePosition& where, std::string message, std::string hint = {});

  const GraphSpec& spec_;
  const std::optional<DataShape>& data_;
  const Registry& registry_;
  std::vector<Diagnostic>& found_;
  DType floating_;
  Program scratch_;
  Tensor image_;                                          ///< undefined without data
  bool classifier_loss_known_ = false;
  std::vector<bool> decoder_losses_known_;
  std::vector<LayerInput> classifier_outputs_;             ///< by the classifier's layers
  std::vector<std::vector<LayerInput>> decoder_outputs_;  ///< by decoder and layer; empty before it was built
};

/// The type of the graph's numbers.
DType floating_of(const GraphSpec& spec);

}  // namespace generalizer
