#include "graph/ensemble.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>

namespace generalizer {
namespace {

std::string member_name(const DecoderSpec& decoder, std::int64_t member) {
  return decoder.name.text + "-" + std::to_string(member + 1);
}

/// Of member k: 1, 2, 1/2, 3, 1/3, …
double width_factor(std::int64_t member) {
  const auto step = static_cast<double>((member + 1) / 2 + 1);
  return member == 0 ? 1.0 : member % 2 == 1 ? step : 1.0 / step;
}

/// The key that says how wide the layer's output is; none for one that is as wide as its input.
std::optional<std::string> width_key(const LayerSpec& layer) {
  for (const char* key : {"units", "filters"}) {
    if ((layer.type.text == "dense" || layer.type.text.starts_with("conv2d")) && layer.parameters.has(key)) return key;
  }
  return std::nullopt;
}

bool takes_any_width(const LayerSpec& layer) {
  const bool one_group = !layer.parameters.has("groups") || layer.parameters.integer("groups") == 1;
  return width_key(layer).has_value() && one_group;
}

/// Its output is as wide as its input, whatever that is.
bool passes_width_on(const LayerSpec& layer) {
  static constexpr std::array<std::string_view, 12> types = {
      "activation", "batch_norm", "layer_norm", "dropout", "spatial_dropout", "gaussian_noise",
      "flatten",    "max_pool2d", "avg_pool2d", "upsample", "global_avg_pool2d", "l2_normalize"};
  return std::find(types.begin(), types.end(), layer.type.text) != types.end();
}

bool begins_from_a_file(const LayerSpec& layer) {
  const auto from_file = [&](const char* key) {
    if (!layer.parameters.has(key) || layer.parameters.is_string(key)) return false;
    return layer.parameters.table(key).string("type") == "file";
  };
  return from_file("kernel_initializer") || from_file("bias_initializer");
}

/// Whether every way from the layer's output ends at a layer that takes any width.
bool is_hidden(const Player& player, std::size_t layer) {
  if (layer == player.output) return false;
  for (std::size_t reader = 0; reader < player.layers.size(); ++reader) {
    const std::vector<std::size_t>& inputs = player.layers[reader].inputs;
    if (std::find(inputs.begin(), inputs.end(), layer) == inputs.end()) continue;
    const LayerSpec& spec = *player.layers[reader].spec;
    if (begins_from_a_file(spec)) return false;
    if (takes_any_width(spec)) continue;
    if (inputs.size() != 1 || !passes_width_on(spec) || !is_hidden(player, reader)) return false;
  }
  return true;
}

DecoderSpec member_of(const DecoderSpec& first, const Player& player, std::int64_t member) {
  DecoderSpec decoder = first;
  decoder.member_of = first.name.text;
  decoder.name.text = member_name(first, member);
  decoder.ensemble = 1;
  for (std::size_t i = 0; i < player.layers.size(); ++i) {
    const LayerSpec& layer = *player.layers[i].spec;
    const auto key = width_key(layer);
    if (!key || begins_from_a_file(layer) || !is_hidden(player, i)) continue;
    const auto own = std::find_if(decoder.layers.begin(), decoder.layers.end(),
                                  [&](const LayerSpec& l) { return l.name == layer.name; });
    const double width = width_factor(member) * static_cast<double>(layer.parameters.integer(*key));
    own->parameters.set(*key, std::max<std::int64_t>(1, std::llround(width)), layer.parameters.where(*key));
  }
  return decoder;
}

}  // namespace

std::vector<DecoderSpec> with_members(const std::vector<DecoderSpec>& decoders, const std::vector<Player>& players) {
  std::vector<DecoderSpec> all;
  for (std::size_t i = 0; i < decoders.size(); ++i) {
    all.push_back(decoders[i]);
    for (std::int64_t member = 1; member < decoders[i].ensemble; ++member)
      all.push_back(member_of(decoders[i], players[i], member));
  }
  return all;
}

void check_member_names(const std::vector<DecoderSpec>& decoders, std::vector<Diagnostic>& found) {
  for (const DecoderSpec& decoder : decoders) {
    for (std::int64_t member = 1; member < decoder.ensemble; ++member) {
      for (const DecoderSpec& other : decoders) {
        if (other.name.text != member_name(decoder, member) || other.member_of == decoder.name.text) continue;
        found.push_back({other.name.where,
                         "the decoder \"" + other.name.text + "\" is called as a member of the ensemble of \"" + decoder.name.text + "\" will be",
                         "give one of the two another name"});
      }
    }
  }
}

}  // namespace generalizer
