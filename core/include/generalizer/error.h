#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "generalizer/export.h"

namespace generalizer {

/// A place in a text that somebody wrote: a graph file, or a `--set` on the command line.
/// `line` and `column` count from 1; 0 means that there is no such place (a default, a generated graph).
struct SourcePosition {
  std::string file;  ///< path as the user gave it, or "--set key=value"
  int line = 0;
  int column = 0;
  std::string text;  ///< the whole line, shown under the message; may be empty
  /// How the place came to count, shown as a line of its own: `in the block "residual", used at graph.toml:30:3`. Empty for a place that speaks
  /// for itself.
  std::string context = {};

  bool known() const { return line > 0; }
  bool operator==(const SourcePosition&) const = default;
};

/// One mistake in a graph: where, what was found and expected (`message`), and what to do about it (`hint`, may be empty).
struct Diagnostic {
  SourcePosition where;
  std::string message;
  std::string hint;
};

/// Base of everything this project throws. `what()` is one or more full sentences.
class GENERALIZER_EXPORT Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The graph (or the command line that overrides it) is wrong: exit code 2. Holds every mistake that was found, in file order.
/// `what()` renders each as `file:line:column: error: message` (`--set key=value: error: message`), the line, a caret, and the hint.
class GENERALIZER_EXPORT GraphError : public Error {
 public:
  explicit GraphError(std::vector<Diagnostic> diagnostics);
  GraphError(SourcePosition where, std::string message, std::string hint = {});

  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

/// A plugin could not be found, loaded or accepted: exit code 3.
class GENERALIZER_EXPORT PluginError : public Error {
 public:
  using Error::Error;
};

/// A data file is missing, damaged or not what the graph says: exit code 1.
class GENERALIZER_EXPORT DataError : public Error {
 public:
  using Error::Error;
};

/// A backend can't be had here, or refuses an op: exit code 3.
class GENERALIZER_EXPORT BackendError : public Error {
 public:
  using Error::Error;
};

/// The training itself failed (a loss that is no number, a folder that can't be written): exit code 1.
class GENERALIZER_EXPORT TrainingError : public Error {
 public:
  using Error::Error;
};

/// Renders diagnostics the way `GraphError::what()` shows them. `severity` is "error", or "warning" for what is no mistake for certain.
GENERALIZER_EXPORT std::string render(const std::vector<Diagnostic>& diagnostics,
                                      const std::string& severity = "error");

/// The name in `candidates` that is nearest to `name` (edit distance, case ignored), or "" when none is near enough to suggest.
GENERALIZER_EXPORT std::string nearest_name(const std::string& name,
                                            const std::vector<std::string>& candidates);

}  // namespace generalizer
