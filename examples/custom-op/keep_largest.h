#pragma once

#include <generalizer/op.h>

/// The op of this example, told apart by where it runs. F[N×K] → F[N×K]: of each row the `count` largest elements, and 0 in place of the others; of
/// equal ones the first stay.

/// Launches on the context's stream; defined in keep_largest.cu, where there is a CUDA compiler.
void keep_largest_cuda(const generalizer::DeviceKernelContext& context);
