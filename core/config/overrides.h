#pragma once

#include "config/diagnostics.h"
#include "config/document.h"
#include "config/graph_spec.h"

namespace generalizer {

/// KEY=VALUE and where it is written: the string in a file's `set`; nowhere for the command line's --set.
struct SetText {
  std::string text;
  SourcePosition where;
};

/// The key path of an override before its first `.` or `=`: "train" of "train.epochs=2".
std::string first_key(const Override& override);

/// Puts an override's value into a graph file's tree, making the tables on its way there. Values and new keys get positions in the file
/// `--set TEXT`, so that a later check shows them as it shows those of the graph file; environment variables are expanded. A path that leads
/// nowhere is added to `found`.
void apply_override(TomlNode& root, const Override& override, Diagnostics& found);
/// The same of an override in a file's `set`, with positions in that file.
void apply_set(TomlNode& root, const SetText& override, Diagnostics& found);

}  // namespace generalizer
