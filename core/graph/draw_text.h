#pragma once

#include <cstdint>
#include <string>

#include "config/graph_spec.h"

namespace generalizer {

/// The colours of one player: of its layers with weights, and of its frames, borders and lines.
struct PlayerColours {
  const char* fill;
  const char* line;
};

/// Blue for the classifier (0), then one a decoder, again from green after the fourth. They stay apart in grey print and for the colour-blind
/// by their frames.
PlayerColours colours_of(std::size_t player);

/// A string of DOT.
std::string dot_string(const std::string& text);
/// Text within a label of DOT's HTML.
std::string html_text(const std::string& text);
/// "1 234 567"
std::string grouped(std::int64_t number);

/// "mse", or "0.7 mse + 0.3 ssim"
std::string terms_of(const LossSpec& loss);
/// What the classifier minimises: "cross_entropy − 2·mse(late)", "mse(copy)" for an encoder.
std::string classifier_sum(const GraphSpec& spec);
/// "−2·", "+0.5·", "+": how a decoder's loss enters the classifier's; "" for a mere observer.
std::string signed_weight(const DecoderSpec& decoder);

/// What stands under the drawing, as a label of DOT's HTML: the graph's name and, with the legend, which step trains which colour by what, and what the
/// lines mean.
std::string caption(const GraphSpec& spec, bool with_legend);

}  // namespace generalizer
