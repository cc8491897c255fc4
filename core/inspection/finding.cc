#include "inspection/finding.h"

#include <exception>

namespace generalizer {

Finding judged(const std::vector<std::string>& problems, std::string detail) {
  if (problems.empty()) return passed(std::move(detail));
  std::string text;
  for (const std::string& problem : problems) text += (text.empty() ? "" : " ") + problem;
  return failed(std::move(text));
}

Finding run_check(const Check& check, const Tell& tell) {
  try {
    return check.run(tell);
  } catch (const std::exception& error) {
    return failed(error.what());
  } catch (...) {
    return failed("It threw something that is no std::exception.");
  }
}

}  // namespace generalizer
