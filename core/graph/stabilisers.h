#pragma once

#include <optional>
#include <vector>

#include "graph/connect.h"
#include "graph/fasten.h"

namespace generalizer {

/// Reports what a decoder's stabilising keys ask of the network around it and don't find: a loss of the classifier to compare a gradient with, labels for
/// class means, step counts of its own, a layer of the classifier to change, and one change for each such layer. Shapes are judged where `data` is known,
/// after they have been inferred.
void check_stabilisers(const GraphSpec& spec, const std::optional<DataShape>& data, const PlayerDraft& classifier,
                       const std::vector<FasteningDraft>& fastenings, const Registry& registry,
                       std::vector<Diagnostic>& found);

/// What decoders do to the output of each layer of the classifier, by layer.
std::vector<Treatment> treatments_of(const GraphSpec& spec, std::size_t classifier_layers,
                                     const std::vector<Fastening>& fastenings);

}  // namespace generalizer
