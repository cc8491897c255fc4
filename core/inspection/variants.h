#pragma once

#include "inspection/use.h"

namespace generalizer {

/// The value of one key in TOML.
struct TriedValue {
  std::string key;
  std::string value;
  bool end_of_range = false;  ///< within the declared range, at one of its ends: a choice, a switch, a bound
};

/// Values for every parameter, one at a time: ends of ranges and beyond them, each choice, both switches, lists of several lengths, numbers that are none.
std::vector<TriedValue> values_to_try(const std::vector<ParameterSpec>& parameters);

/// The table with one key's value replaced or added.
TomlNode with_key(TomlNode table, const TriedValue& tried);

/// The use with each choice and each switch of its parameters in turn, as far as the type takes them.
std::vector<Use> variants_of(const std::vector<ParameterSpec>& parameters, const Use& use);

}  // namespace generalizer
