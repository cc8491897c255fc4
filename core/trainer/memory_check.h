#pragma once

#include "data/splits.h"
#include "trainer/network.h"

namespace generalizer {

/// Throws `TrainingError` when the device hasn't as much memory free as all programs of a training will take: the steps of every player at each batch size that
/// comes up, the measuring of the other images, and the pictures. Says how much that is, what is free, and the largest [train] batch that fits. Knows nothing of
/// a backend that can't say what is free.
void check_memory(const Network& network, const Splits& data);

/// Throws `Error` when the session has less free than these variables, which it doesn't have yet, will take.
void check_memory(const Session& session, const std::vector<VariableDeclaration>& variables);

}  // namespace generalizer
