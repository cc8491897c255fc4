#include "kernel.h"

namespace generalizer::cuda {

const std::string& prelude() {
  static const std::string text = R"CUDA(
// Blocks of 256 threads, four of which a processor has room for: 64 registers for each.
#define KERNEL __global__ __launch_bounds__(256, 4)

// The sum over a block's threads, in an order that hangs on nothing but their number: the same bytes in every run.
__device__ inline double block_sum(double value, double* shared) {
  shared[threadIdx.x] = value;
  __syncthreads();
  for (unsigned step = blockDim.x / 2; step > 0; step /= 2) {
    if (threadIdx.x < step) shared[threadIdx.x] += shared[threadIdx.x + step];
    __syncthreads();
  }
  const double sum = shared[0];
  __syncthreads();
  return sum;
}

__device__ inline double squared(double x) { return x * x; }
__device__ inline double not_below_0(double x) { return x < 0.0 ? 0.0 : x; }
// The larger; a NaN wins over everything.
__device__ inline double larger(double a, double b) { return b > a || b != b ? b : a; }

// The same for each group of `lanes` threads, `stride` apart. All of the block's threads come here.
__device__ inline double lanes_sum(double value, double* shared, int lane, int lanes, int stride) {
  shared[threadIdx.x] = value;
  __syncthreads();
  for (int step = lanes / 2; step > 0; step /= 2) {
    if (lane < step) shared[threadIdx.x] += shared[threadIdx.x + step * stride];
    __syncthreads();
  }
  const double sum = shared[threadIdx.x - lane * stride];
  __syncthreads();
  return sum;
}
__device__ inline double lanes_max(double value, double* shared, int lane, int lanes, int stride) {
  shared[threadIdx.x] = value;
  __syncthreads();
  for (int step = lanes / 2; step > 0; step /= 2) {
    if (lane < step) shared[threadIdx.x] = larger(shared[threadIdx.x], shared[threadIdx.x + step * stride]);
    __syncthreads();
  }
  const double result = shared[threadIdx.x - lane * stride];
  __syncthreads();
  return result;
}

// Elements that lie side by side and are read or written at once.
template <class T, int N>
struct __align__(sizeof(T) * N) Pack {
  T at[N];
};

// Philox4x32-10 (Salmon, Moraes, Dror, Shaw, 2011), element i of the stream; as generalizer/random.h has it.
__device__ inline unsigned philox(unsigned long long seed, unsigned long long stream, unsigned long long i) {
  unsigned long long block = i / 4;
  unsigned c[4] = {(unsigned)block, (unsigned)(block >> 32), (unsigned)stream, (unsigned)(stream >> 32)};
  unsigned k0 = (unsigned)seed, k1 = (unsigned)(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    const unsigned long long p0 = 0xD2511F53ULL * c[0];
    const unsigned long long p1 = 0xCD9E8D57ULL * c[2];
    const unsigned n0 = (unsigned)(p1 >> 32) ^ c[1] ^ k0, n2 = (unsigned)(p0 >> 32) ^ c[3] ^ k1;
    c[0] = n0;
    c[1] = (unsigned)p1;
    c[2] = n2;
    c[3] = (unsigned)p0;
    k0 += 0x9E3779B9U;
    k1 += 0xBB67AE85U;
  }
  return c[i % 4];
}
__device__ inline double uniform(unsigned long long seed, unsigned long long stream, unsigned long long i) {
  return (double)(philox(seed, stream, i) >> 8) * 0x1p-24;
}
__device__ inline unsigned long long mix_streams(unsigned long long stream, unsigned long long step) {
  unsigned long long z = stream + 0x9E3779B97F4A7C15ULL * (step + 1);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

// The nearest number of 8 significant bits, of two equally near ones the even one, as the upper half of f32's pattern; what is no number stays none.
__device__ inline unsigned short to_bf16(float x) {
  unsigned bits;
  memcpy(&bits, &x, sizeof bits);
  if ((bits & 0x7FFFFFFFU) > 0x7F800000U) return (unsigned short)((bits | 0x400000U) >> 16);
  return (unsigned short)((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}
__device__ inline float from_bf16(unsigned short half) {
  const unsigned bits = (unsigned)half << 16;
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

// A number as an integer type: towards zero, its ends where it lies outside, 0 for NaN.
__device__ inline long long whole(double x, double below, double beyond, long long least, long long largest) {
  if (x != x) return 0;
  if (x >= beyond) return largest;
  if (x < below) return least;
  return (long long)x;
}
)CUDA";
  return text;
}

}  // namespace generalizer::cuda
