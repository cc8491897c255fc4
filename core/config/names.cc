#include "config/names.h"

#include <algorithm>
#include <cctype>

#include "config/nodes.h"

namespace generalizer {
namespace {

/// Of a copy of a block.
bool is_number(const std::string& text) {
  return !text.empty() && text[0] != '0' &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80 && std::isdigit(c) != 0; });
}

}  // namespace

bool is_identifier(const std::string& text) {
  const auto letter = [](unsigned char c) { return c < 0x80 && (std::isalpha(c) != 0 || c == '_'); };
  return !text.empty() && letter(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(), [&](unsigned char c) {
           return letter(c) || c == '-' || (c < 0x80 && std::isdigit(c) != 0);
         });
}

bool is_path_of_identifiers(const std::string& text) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    const std::string part = text.substr(begin, end - begin);
    if (!is_identifier(part) && (begin == 0 || !is_number(part))) return false;
    begin = end + 1;
  }
  return true;
}

std::string layer_name(const TomlNode& layers, std::size_t index) {
  const std::string given = text_of(layers.items[index], "name");
  if (!given.empty()) return given;
  const std::string type = text_of(layers.items[index], "type");
  if (type.empty()) return {};
  int number = 0;
  for (std::size_t i = 0; i <= index; ++i) number += text_of(layers.items[i], "type") == type ? 1 : 0;
  return type + std::to_string(number);
}

std::string decoder_name(const TomlNode& decoders, std::size_t index) {
  const std::string given = text_of(decoders.items[index], "name");
  return given.empty() ? "decoder" + std::to_string(index + 1) : given;
}

}  // namespace generalizer
