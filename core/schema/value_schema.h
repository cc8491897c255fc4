#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "generalizer/parameter.h"

namespace generalizer {

using Json = nlohmann::ordered_json;

/// A string that stands for something that a schema can't know: "${NAME}", or "$parameter" within a block. For a `pattern` of strings.
inline constexpr const char* kStandsForAnother = "\\$";

/// A string that is one of `names`, or stands for another. Refused with the names, and editors offer them.
Json one_of_names(const std::vector<std::string>& names);

/// What a key's value may be: its types, range, choices, length and fields, with its help as description and its default. Keywords stand side by side
/// as far as each looks at one type of value only (`minimum` at numbers, `pattern` at strings), so that a mistake is told by the keyword it offends.
Json value_schema(const ParameterSpec& spec);

/// A table with these keys and no other. `required`: whether those without a default must be there.
Json table_schema(const std::vector<ParameterSpec>& keys, bool required);

/// The keys that have no default and are not optional; empty for none.
Json required_keys(const std::vector<ParameterSpec>& keys);

/// Refuses tables that have two keys of which one says in another way what the other says (`epochs` and `steps`).
void refuse_alternatives(Json& table, const std::vector<ParameterSpec>& keys);

}  // namespace generalizer
