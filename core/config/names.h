#pragma once

#include <string>

#include "config/document.h"

namespace generalizer {

/// True for a name that layers and decoders may have: letters, digits, "_" and "-", beginning with a letter or "_".
bool is_identifier(const std::string& text);

/// The same, or several of them with "/" between, those after the first also numbers: the name of a layer in a block, "res1/conv1", "res1/2/conv1".
bool is_path_of_identifiers(const std::string& text);

/// The name of layer `index` of a list of layers: the one it gives, or one made of its type and number among its type's: "dense2".
/// "" when it has neither.
std::string layer_name(const TomlNode& layers, std::size_t index);
/// The name of decoder `index`: the one it gives, or "decoder1", "decoder2", …
std::string decoder_name(const TomlNode& decoders, std::size_t index);

}  // namespace generalizer
