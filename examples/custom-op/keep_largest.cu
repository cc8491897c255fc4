// The kernel for CUDA devices. It gets device pointers and a stream, launches, and returns: it neither waits nor allocates, so that it can be part of a
// CUDA graph.
#include <cuda_runtime.h>

#include "keep_largest.h"

namespace {

/// One block a row. An element stays when fewer than `count` of its row come before it: larger ones, and equal ones to the left. Counting them takes
/// K² comparisons a row, from shared memory in tiles, and gives the same answer in whatever order threads run.
template <class T>
__global__ void keep_row(const T* x, T* y, int columns, int count) {
  constexpr int tile_size = 1024;
  __shared__ T tile[tile_size];
  const T* row = x + static_cast<long long>(blockIdx.x) * columns;
  T* result = y + static_cast<long long>(blockIdx.x) * columns;
  // Every thread goes through all rounds, with or without an element of its own: all must reach the barriers.
  for (int first = 0; first < columns; first += blockDim.x) {
    const int i = first + threadIdx.x;
    const T own = i < columns ? row[i] : T(0);
    int before = 0;
    for (int base = 0; base < columns; base += tile_size) {
      const int here = min(tile_size, columns - base);
      __syncthreads();
      for (int k = threadIdx.x; k < here; k += blockDim.x) tile[k] = row[base + k];
      __syncthreads();
      for (int k = 0; k < here; ++k) before += tile[k] > own || (tile[k] == own && base + k < i);
    }
    if (i < columns) result[i] = before < count ? own : T(0);
  }
}

}  // namespace

void keep_largest_cuda(const generalizer::DeviceKernelContext& context) {
  const generalizer::Shape& shape = context.inputs[0].type.shape;
  const auto rows = static_cast<unsigned>(shape[0]);
  const int columns = static_cast<int>(shape[1]);
  const int count = static_cast<int>(context.attributes.integer("count"));
  const auto stream = static_cast<cudaStream_t>(context.stream);
  generalizer::dispatch_floating(context.inputs[0].type.dtype, [&]<class T>(T) {
    keep_row<T><<<rows, 256, 0, stream>>>(context.inputs[0].as<const T>(), context.outputs[0].as<T>(), columns, count);
  });
}
