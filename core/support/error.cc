#include "generalizer/error.h"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace generalizer {
namespace {

std::string lower(const std::string& text) {
  std::string result = text;
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return result;
}

/// Edit distance in which a swap of neighbours counts once (optimal string alignment).
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> previous(b.size() + 1);
  std::vector<std::size_t> current(b.size() + 1);
  std::iota(previous.begin(), previous.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitute = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, substitute});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        current[j] = std::min(current[j], before[j - 2] + 1);
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

void render_one(const Diagnostic& diagnostic, std::string& out) {
  const SourcePosition& where = diagnostic.where;
  if (!where.file.empty()) {
    out += where.file;
    if (where.known()) out += ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
    out += ": ";
  }
  out += "error: " + diagnostic.message;
  if (where.known() && !where.text.empty()) {
    const std::string number = std::to_string(where.line);
    out += "\n  " + number + " | " + where.text;
    // A tab stays a tab, so that the caret stands below its column.
    std::string lead;
    for (int i = 0; i + 1 < where.column && i < static_cast<int>(where.text.size()); ++i)
      lead += where.text[i] == '\t' ? '\t' : ' ';
    out += "\n  " + std::string(number.size(), ' ') + " | " + lead + "^";
  }
  if (!diagnostic.hint.empty()) out += "\n  hint: " + diagnostic.hint;
}

}  // namespace

std::string render(const std::vector<Diagnostic>& diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!out.empty()) out += "\n";
    render_one(diagnostic, out);
  }
  return out;
}

std::string nearest_name(const std::string& name, const std::vector<std::string>& candidates) {
  std::string best;
  // A third of the letters may be wrong: further away a suggestion misleads.
  std::size_t limit = std::max<std::size_t>(1, name.size() / 3 + 1);
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(lower(name), lower(candidate));
    if (distance < limit || (distance == limit && best.empty())) {
      limit = distance;
      best = candidate;
    }
  }
  return best;
}

GraphError::GraphError(std::vector<Diagnostic> diagnostics)
    : Error(render(diagnostics)), diagnostics_(std::move(diagnostics)) {}

GraphError::GraphError(SourcePosition where, std::string message, std::string hint)
    : GraphError(std::vector<Diagnostic>{{std::move(where), std::move(message), std::move(hint)}}) {}

}  // namespace generalizer
