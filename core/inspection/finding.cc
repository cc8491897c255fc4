#include "inspection/finding.h"

#include <exception>

namespace generalizer {

Finding judged(const std::vector<std::string>& problems, std::string detail) {
  if (problems.empty()) return passed(std::move(detail));
  std::string text;
  for (const std::string& problem : problems) text += (text.empty() ? "" : " ") + problem;
  return failed(std::move(text));
}

std::string text_of(const Error& error) {
  const auto* graph = dynamic_cast<const GraphError*>(&error);
  if (graph == nullptr || graph->diagnostics().empty()) return error.what();
  const Diagnostic& first = graph->diagnostics().front();
  const bool whole = first.message.ends_with('.');
  std::string text = first.message + (whole ? "" : ".");
  // "Report this to whoever made the layer type" is said to those who made it.
  if (!first.hint.empty() && !first.hint.starts_with("report this")) text += " Hint: " + first.hint + ".";
  return text;
}

Finding run_check(const Check& check, const Tell& tell) {
  try {
    return check.run(tell);
  } catch (const Error& error) {
    return failed(text_of(error));
  } catch (const std::exception& error) {
    return failed(error.what());
  } catch (...) {
    return failed("It threw something that is no std::exception.");
  }
}

}  // namespace generalizer
