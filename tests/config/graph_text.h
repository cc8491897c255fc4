#pragma once

#include <string>
#include <vector>

#include "config/graph_spec.h"

/// A small graph file with everything in it that has to be there, and a decoder.
extern const std::string kGraph;

/// `text` with the one place where it has `from` changed to `to`; fails the test when there is no such place, or more than one.
std::string with(const std::string& text, const std::string& from, const std::string& to);

/// Reads a text as the file "graph.toml" in the folder "/work" against the registry of `make_registry`.
generalizer::GraphSpec read(const std::string& text,
                            const std::vector<generalizer::Override>& overrides = {});

/// The mistakes that reading the text finds; fails the test when there are none.
std::vector<generalizer::Diagnostic> mistakes(const std::string& text,
                                              const std::vector<generalizer::Override>& overrides = {});

/// Checks that the text has one mistake: at the first character of its first `at`, with this message, and a hint that holds `hint`.
void check_mistake(const std::string& text, const std::string& at, const std::string& message,
                   const std::string& hint);

/// Checks that the sound graph and `--set TEXT` have one mistake: at the first character of the first `at` of TEXT.
void check_override_mistake(const std::string& set, const std::string& at, const std::string& message,
                            const std::string& hint);
