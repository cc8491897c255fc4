#pragma once

#include <functional>

#include "context.h"

namespace generalizer {

/// A command's work, once its options are known; returns the exit code.
using Action = std::function<ExitCode(Context&)>;

// Each declares one command under the program; being chosen on the command line, it sets `chosen`.
void add_train(CLI::App& program, Action& chosen);
void add_check(CLI::App& program, Action& chosen);
void add_eval(CLI::App& program, Action& chosen);
void add_predict(CLI::App& program, Action& chosen);
void add_audit(CLI::App& program, Action& chosen);
void add_sweep(CLI::App& program, Action& chosen);
void add_report(CLI::App& program, Action& chosen);
void add_draw(CLI::App& program, Action& chosen);
void add_plugins(CLI::App& program, Action& chosen);
void add_schema(CLI::App& program, Action& chosen);
void add_new_layer(CLI::App& program, Action& chosen);
void add_test_plugin(CLI::App& program, Action& chosen);

}  // namespace generalizer
