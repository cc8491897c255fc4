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

/// The characters of a UTF-8 text, those that would disturb a terminal replaced.
std::vector<std::string> characters(const std::string& text) {
  std::vector<std::string> result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) == 0x80U && !result.empty()) {
      result.back() += c;
    } else {
      const bool control = (byte < 0x20 && c != '\t') || byte == 0x7F;
      result.push_back(control ? "\uFFFD" : std::string(1, c));
    }
  }
  return result;
}

/// A line with a caret below its column, each behind its margin. Of a long line what is around the column.
std::string show_line(const SourcePosition& where, const std::string& margin,
                      const std::string& blank_margin) {
  constexpr std::size_t longest = 120;
  constexpr std::size_t window = 100;
  const std::vector<std::string> line = characters(where.text);
  const std::size_t column = std::min(static_cast<std::size_t>(std::max(where.column, 1)) - 1, line.size());
  std::size_t begin = 0;
  std::size_t end = line.size();
  if (line.size() > longest) {
    begin = std::min(column - std::min(column, window / 2), line.size() - window);
    end = begin + window;
  }
  std::string shown = begin > 0 ? "…" : "";
  std::string lead = begin > 0 ? " " : "";
  for (std::size_t i = begin; i < end; ++i) {
    shown += line[i];
    // A tab stays a tab, so that the caret stands below its column.
    if (i < column) lead += line[i] == "\t" ? '\t' : ' ';
  }
  if (end < line.size()) shown += "…";
  return "\n  " + margin + " | " + shown + "\n  " + blank_margin + " | " + lead + "^";
}

void render_one(const Diagnostic& diagnostic, const std::string& severity, std::string& out) {
  const SourcePosition& where = diagnostic.where;
  // What was typed on the command line has one line, which the name shows: numbers would say nothing.
  const bool typed = where.file.starts_with("--");
  if (!where.file.empty()) {
    out += where.file;
    if (where.known() && !typed) out += ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
    out += ": ";
  }
  out += severity + ": " + diagnostic.message;
  if (where.known() && !where.text.empty()) {
    const std::string number = typed ? "" : std::to_string(where.line);
    out += show_line(where, number, std::string(number.size(), ' '));
  }
  if (!where.context.empty()) out += "\n  " + where.context;
  if (!diagnostic.hint.empty()) out += "\n  hint: " + diagnostic.hint;
}

}  // namespace

std::string render(const std::vector<Diagnostic>& diagnostics, const std::string& severity) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!out.empty()) out += "\n";
    render_one(diagnostic, severity, out);
  }
  return out;
}

std::string nearest_name(const std::string& name, const std::vector<std::string>& candidates) {
  std::string best;
  // A third of the letters may be wrong: further away a suggestion misleads.
  std::size_t limit = name.size() < 4 ? 1 + name.size() / 3 : (name.size() + 2) / 3;
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
