#pragma once

#include "config/diagnostics.h"
#include "config/document.h"

namespace generalizer {

/// Replaces, in every string under `node`, `${NAME}` by the environment's NAME, `${NAME:-default}` by NAME or, when NAME is unset or empty, by
/// the default (which may hold `${…}` itself), and `$$` by `$`. A `$` before anything else stands for itself. A name that is unset and has no
/// default, or an unfinished `${`, is added to `found` and its string marked broken. A string that has been expanded stays as it is.
void expand_environment(TomlNode& node, Diagnostics& found);

/// The text that expands to `text`.
std::string escape_environment(const std::string& text);

}  // namespace generalizer
