#pragma once

#include "context.h"

namespace generalizer {

/// Says on the terminal what the exception that is being handled says, and gives the exit code for it. Where the command was asked for JSON, standard
/// output gets it too, so that a program has one thing to read whatever happens. To be called in a handler.
ExitCode report_failure(const Context& context);

/// `{"errors": [{"file", "line", "column", "message", "hint"}]}` to standard output: a graph's mistakes one by one; of anything else one entry, whose
/// place is null, as is a hint that there is not. Never throws: when standard output can't be written, the terminal says so.
void print_errors(const Context& context, const std::vector<Diagnostic>& errors);

}  // namespace generalizer
