#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"

namespace generalizer {

/// What a player's layers can take from outside.
struct OutsideSources {
  std::string word;                ///< how `inputs` calls the only one: "image", or "tap" in a decoder
  std::vector<std::string> names;  ///< of a decoder, how `inputs` calls each of its taps; "" for one whose name is wrong
  bool known() const;              ///< false: a tap's name is wrong
  std::size_t count() const { return names.empty() ? 1 : names.size(); }
};

/// A player while it is checked.
struct PlayerDraft {
  Player player;
  /// Of each layer whether nothing is wrong with it or with a layer that it needs: what comes after a mistake
  /// is not judged.
  std::vector<bool> sound;
  bool layers_known = true;  ///< as of ClassifierSpec
  bool output_sound() const { return layers_known && !sound.empty() && sound[player.output]; }
  bool whole() const;  ///< everything is sound
  /// Whether a name that none of its layers has may be meant for one whose own name, or whose block, is wrong.
  bool may_hold(const std::string& name) const;
};

/// Finds every layer's type and operands and puts the layers in an order in which they can run: the file's, as
/// far as possible. Mistakes go to `found`: unknown types and input names, too few or too many inputs, circles. A
/// first layer that names no inputs takes all that comes from outside. `layers_known` is the player's spec's.
PlayerDraft connect(const std::string& name, const std::vector<LayerSpec>& layers, bool layers_known,
                    const OutsideSources& source, const Registry& registry, std::vector<Diagnostic>& found);

/// For each layer whether `wanted` layers need it (they do need themselves).
std::vector<bool> needed_for(const Player& player, const std::vector<std::size_t>& wanted);

}  // namespace generalizer
