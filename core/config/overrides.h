#pragma once

#include "config/diagnostics.h"
#include "config/document.h"
#include "config/graph_spec.h"

namespace generalizer {

/// The key path of an override before its first `.` or `=`: "train" of "train.epochs=2".
std::string first_key(const Override& override);

/// Puts an override's value into a graph file's tree, making the tables on its way there. Values and new keys get positions in the file
/// `--set TEXT`, so that a later check shows them as it shows those of the graph file; environment variables are expanded. A path that leads
/// nowhere is added to `found`.
void apply_override(TomlNode& root, const Override& override, Diagnostics& found);

}  // namespace generalizer
