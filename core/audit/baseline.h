#pragma once

#include <string>

#include "trainer/trainer.h"

namespace generalizer {

/// A run's graph without its negative term: every decoder whose sign is "negative" has weight 0.
GraphSpec without_negative_term(GraphSpec spec);
/// Whether a graph has one.
bool has_negative_term(const GraphSpec& spec);

/// Trains the graph without its negative term for as many epochs as the run has trained, in RUN/audit/baseline, or goes on with what is there; a finished one
/// is used as it is. Returns the folder. Throws `TrainingError` when the folder holds the run of another graph, and `AuditStopped` when the user asks to
/// stop: what is trained by then is kept.
std::string train_baseline(const std::string& run, const GraphSpec& spec, std::int64_t epochs, const Registry& registry,
                           const TrainingOptions& options, TrainingObserver& observer);

/// Throws `DataError` when two runs have not been trained on the same data: their gap would say nothing.
void check_same_data(const std::string& run, const GraphSpec& spec, const std::string& baseline, const GraphSpec& other);

}  // namespace generalizer
