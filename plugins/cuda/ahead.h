#pragma once

#include "generalizer/backend.h"

namespace generalizer::cuda {

/// What a program's kernels are compiled for where no device says what it is: the oldest and a newer architecture, and PTX for all that come after.
constexpr const char* kAheadTargets[] = {"sm_75", "sm_90", "compute_90"};

/// Lowers a program to kernels and library calls, plans its memory, and compiles its kernels by NVRTC for `kAheadTargets`; needs no device. What work space
/// libraries will want isn't known without one. Throws `BackendError` as the session's `compile` does.
CompileReport compile_ahead(const Program& program);

}  // namespace generalizer::cuda
