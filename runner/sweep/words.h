#pragma once

#include <string>
#include <vector>

namespace generalizer {

/// The words of a text as a shell would take it apart: at spaces, but not within quotes, and a backslash takes what follows as it is. Throws `UsageError`
/// naming the option `of` for a quote that is not closed.
std::vector<std::string> words_of(const std::string& text, const std::string& of);

}  // namespace generalizer
