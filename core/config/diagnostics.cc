#include "config/diagnostics.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <tuple>

namespace generalizer {
namespace {

void sort_by_place(std::vector<Diagnostic>& found, const std::string& file) {
  // The graph file, then the files that it extends as they turn up, then what was typed.
  std::vector<std::string> files{file};
  for (const Diagnostic& diagnostic : found) {
    if (std::find(files.begin(), files.end(), diagnostic.where.file) == files.end())
      files.push_back(diagnostic.where.file);
  }
  const auto rank = [&](const Diagnostic& diagnostic) {
    const bool typed = diagnostic.where.file.starts_with("--");
    const auto at = std::find(files.begin(), files.end(), diagnostic.where.file) - files.begin();
    // What was typed stays in the order of typing.
    return typed ? std::tuple(files.end() - files.begin(), 0, 0)
                 : std::tuple(at, diagnostic.where.line, diagnostic.where.column);
  };
  std::stable_sort(found.begin(), found.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return rank(a) < rank(b); });
}

/// A text without names in quotes and numbers: what two uses of a block have in common.
std::string wording(const std::string& text) {
  std::string words;
  bool inside = false;
  for (const char c : text) {
    if (c == '"') inside = !inside;
    if (!inside && std::isdigit(static_cast<unsigned char>(c)) == 0) words += c;
  }
  return words;
}

bool at_one_place(const Diagnostic& a, const Diagnostic& b) {
  return std::tie(a.where.file, a.where.line, a.where.column) == std::tie(b.where.file, b.where.line, b.where.column);
}

/// Whether both say the same of a block's layer, each in a use of its own.
bool alike_in_a_block(const Diagnostic& a, const Diagnostic& b) {
  return !a.where.context.empty() && !b.where.context.empty() && at_one_place(a, b) &&
         wording(a.message) == wording(b.message) && wording(a.hint) == wording(b.hint);
}

bool told_already(const Diagnostic& a, const Diagnostic& b) { return a.where == b.where && a.message == b.message; }

}  // namespace

std::vector<Diagnostic> as_told(std::vector<Diagnostic> found, const std::string& file) {
  sort_by_place(found, file);
  std::vector<Diagnostic> told;
  std::vector<int> uses;  // of each, how many more uses of its block say it
  for (Diagnostic& diagnostic : found) {
    const auto same = std::find_if(told.begin(), told.end(), [&](const Diagnostic& before) {
      return told_already(before, diagnostic) || alike_in_a_block(before, diagnostic);
    });
    if (same == told.end()) {
      told.push_back(std::move(diagnostic));
      uses.push_back(0);
    } else if (!told_already(*same, diagnostic)) {
      ++uses[static_cast<std::size_t>(std::distance(told.begin(), same))];
    }
  }
  for (std::size_t i = 0; i < told.size(); ++i) {
    if (uses[i] > 0)
      told[i].where.context += "; the same in " + std::to_string(uses[i]) + (uses[i] == 1 ? " more use" : " more uses");
  }
  return told;
}

void Diagnostics::throw_if_any(const std::string& file) const {
  if (!found_.empty()) throw GraphError(as_told(found_, file));
}

}  // namespace generalizer
