#include <fmt/format.h>

#include <algorithm>

#include "choices.h"
#include "generalizer/error.h"
#include "libraries.h"

namespace generalizer::cuda {
namespace {

constexpr std::int64_t kWorkspace = std::int64_t{32} << 20;

struct Destroy {
  void operator()(cublasLtMatrixLayoutOpaque_t* layout) const { cublasLtMatrixLayoutDestroy(layout); }
  void operator()(cublasLtMatmulDescOpaque_t* description) const { cublasLtMatmulDescDestroy(description); }
  void operator()(cublasLtMatmulPreferenceOpaque_t* preference) const { cublasLtMatmulPreferenceDestroy(preference); }
};
using Layout = std::unique_ptr<cublasLtMatrixLayoutOpaque_t, Destroy>;
using Description = std::unique_ptr<cublasLtMatmulDescOpaque_t, Destroy>;
using Preference = std::unique_ptr<cublasLtMatmulPreferenceOpaque_t, Destroy>;

/// Pedantic: without it, cuBLAS may put f32 together of several products in bf16, where the environment says so.
cublasComputeType_t compute_type(Multiply multiply) {
  switch (multiply) {
    case Multiply::f64:
      return CUBLAS_COMPUTE_64F;
    case Multiply::f32:
      return CUBLAS_COMPUTE_32F_PEDANTIC;
    case Multiply::tf32:
      return CUBLAS_COMPUTE_32F_FAST_TF32;
    case Multiply::bf16:
      return CUBLAS_COMPUTE_32F;
  }
  return CUBLAS_COMPUTE_32F_PEDANTIC;
}
cudaDataType_t operand_type(Multiply multiply) { return multiply == Multiply::f64 ? CUDA_R_64F : multiply == Multiply::bf16 ? CUDA_R_16BF : CUDA_R_32F; }
cudaDataType_t result_type(Multiply multiply) { return multiply == Multiply::f64 ? CUDA_R_64F : CUDA_R_32F; }

/// The right operand is cuBLASLt's A, whose sums over the inner extent are as many as its rows of D: our columns.
cublasLtEpilogue_t epilogue(Epilogue wanted) {
  switch (wanted) {
    case Epilogue::none:
      return CUBLASLT_EPILOGUE_DEFAULT;
    case Epilogue::bias:
      return CUBLASLT_EPILOGUE_BIAS;
    case Epilogue::bias_relu:
      return CUBLASLT_EPILOGUE_RELU_BIAS;
    case Epilogue::relu:
      return CUBLASLT_EPILOGUE_RELU;
    case Epilogue::bias_gradient:
      return CUBLASLT_EPILOGUE_BGRADA;
  }
  return CUBLASLT_EPILOGUE_DEFAULT;
}

Description describe(const MatmulChoice& choice, cublasComputeType_t compute) {
  cublasLtMatmulDesc_t bare = nullptr;
  check(cublasLtMatmulDescCreate(&bare, compute, result_type(choice.multiply)), "describe a matmul");
  Description made(bare);
  const auto set = [&](cublasLtMatmulDescAttributes_t which, const auto& value) {
    check(cublasLtMatmulDescSetAttribute(bare, which, &value, sizeof value), "describe a matmul");
  };
  set(CUBLASLT_MATMUL_DESC_TRANSA, choice.right_transposed ? CUBLAS_OP_T : CUBLAS_OP_N);
  set(CUBLASLT_MATMUL_DESC_TRANSB, choice.left_transposed ? CUBLAS_OP_T : CUBLAS_OP_N);
  set(CUBLASLT_MATMUL_DESC_EPILOGUE, epilogue(choice.epilogue));
  return made;
}

/// A column-major matrix without gaps, and as many more behind it as the batch has.
Layout layout(cudaDataType_t type, std::int64_t rows, std::int64_t columns, std::int64_t batch) {
  cublasLtMatrixLayout_t bare = nullptr;
  check(cublasLtMatrixLayoutCreate(&bare, type, static_cast<std::uint64_t>(rows), static_cast<std::uint64_t>(columns), rows), "describe a matrix");
  Layout made(bare);
  if (batch > 1) {
    const auto count = static_cast<std::int32_t>(batch);
    const std::int64_t stride = rows * columns;
    check(cublasLtMatrixLayoutSetAttribute(made.get(), CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count, sizeof count), "describe a batch");
    check(cublasLtMatrixLayoutSetAttribute(made.get(), CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &stride, sizeof stride), "describe a batch");
  }
  return made;
}

/// A row of ones on the device.
class Ones {
 public:
  explicit Ones(std::int64_t count) {
    const std::vector<float> ones(static_cast<std::size_t>(count), 1.0F);
    check(cudaMalloc(&memory_, ones.size() * sizeof(float)), "take memory");
    check(cudaMemcpy(memory_, ones.data(), ones.size() * sizeof(float), cudaMemcpyHostToDevice), "copy to the device");
  }
  ~Ones() { (void)cudaFree(memory_); }
  Ones(const Ones&) = delete;
  Ones& operator=(const Ones&) = delete;
  Address address() const { return reinterpret_cast<Address>(memory_); }

 private:
  void* memory_ = nullptr;
};

/// cuBLASLt thinks in columns: a row-major matrix is its transpose there, so that C = A·B is computed as Cᵀ = Bᵀ·Aᵀ, with nothing moved.
class Matmul final : public LibraryCall {
 public:
  Matmul(cublasLtHandle_t handle, const MatmulChoice& choice) : handle_(handle), choice_(choice) {
    const MatmulChoice& c = choice_;
    const cudaDataType_t type = operand_type(c.multiply);
    left_ = layout(type, c.right_transposed ? c.depth : c.columns, c.right_transposed ? c.columns : c.depth, c.batch);
    right_ = layout(type, c.left_transposed ? c.rows : c.depth, c.left_transposed ? c.depth : c.rows, c.batch);
    result_ = layout(result_type(c.multiply), c.columns, c.rows, c.batch);
    if (choose()) return;
    if (c.epilogue != Epilogue::bias_gradient || (choice_.epilogue = Epilogue::none, !choose())) {
      throw BackendError(fmt::format("cuBLASLt has no algorithm for the matmul of {}×{} and {}×{} (compute type {}, epilogue {}).", c.rows, c.depth, c.depth, c.columns,
                                     static_cast<int>(compute_type(c.multiply)), static_cast<int>(epilogue(c.epilogue))));
    }
    ones_ = std::make_unique<Ones>(c.depth);
    sums_ = std::make_unique<Matmul>(handle, MatmulChoice{.multiply = c.multiply, .rows = 1, .columns = c.columns, .depth = c.depth});
  }
  std::int64_t workspace() const override {
    const auto own = static_cast<std::int64_t>(chosen_.workspaceSize);
    return sums_ == nullptr ? own : std::max(own, sums_->workspace());
  }

  void run(const std::vector<Address>& operands, const std::vector<Address>& results, Address workspace, cudaStream_t stream) override {
    const double one = 1.0, zero = 0.0;
    const float one_f = 1.0F, zero_f = 0.0F;
    const bool f64 = choice_.multiply == Multiply::f64;
    const void* alpha = f64 ? static_cast<const void*>(&one) : &one_f;
    const void* beta = f64 ? static_cast<const void*>(&zero) : &zero_f;
    if (choice_.bias) point_to(operands[*choice_.bias]);
    if (sums_ != nullptr) {
      sums_->run({ones_->address(), operands[1]}, {results[*choice_.bias_gradient]}, workspace, stream);
    } else if (choice_.bias_gradient) {
      point_to(results[*choice_.bias_gradient]);
    }
    void* c = reinterpret_cast<void*>(results[0]);
    check(cublasLtMatmul(handle_, description_.get(), alpha, reinterpret_cast<const void*>(operands[1]), left_.get(), reinterpret_cast<const void*>(operands[0]),
                         right_.get(), beta, c, result_.get(), c, result_.get(), &chosen_.algo, reinterpret_cast<void*>(workspace), chosen_.workspaceSize, stream),
          "launch a matmul");
  }

 private:
  /// The bias, or where its gradient goes.
  void point_to(Address memory) {
    const void* pointer = reinterpret_cast<const void*>(memory);
    check(cublasLtMatmulDescSetAttribute(description_.get(), CUBLASLT_MATMUL_DESC_BIAS_POINTER, &pointer, sizeof pointer), "give a matmul its bias");
  }

  bool choose() { return choose(compute_type(choice_.multiply)) || (choice_.multiply == Multiply::f32 && choose(CUBLAS_COMPUTE_32F)); }

  /// The first by cuBLASLt's own forecast. All its algorithms give the same bytes each time: splits of the inner extent are added up in order.
  bool choose(cublasComputeType_t compute) {
    description_ = describe(choice_, compute);
    cublasLtMatmulPreference_t bare = nullptr;
    check(cublasLtMatmulPreferenceCreate(&bare), "choose a matmul");
    const Preference preference(bare);
    const std::uint64_t most = kWorkspace;
    check(cublasLtMatmulPreferenceSetAttribute(bare, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &most, sizeof most), "choose a matmul");
    int found = 0;
    const cublasStatus_t result = cublasLtMatmulAlgoGetHeuristic(handle_, description_.get(), left_.get(), right_.get(), result_.get(), result_.get(), bare, 1,
                                                                 &chosen_, &found);
    if (result == CUBLAS_STATUS_NOT_SUPPORTED) return false;
    check(result, "choose an algorithm for a matmul");
    return found > 0;
  }

  cublasLtHandle_t handle_;
  MatmulChoice choice_;
  Description description_;
  Layout left_, right_, result_;
  cublasLtMatmulHeuristicResult_t chosen_{};
  // Where no algorithm sums a bias' gradient along the way: a row of ones times the right operand.
  std::unique_ptr<Ones> ones_;
  std::unique_ptr<Matmul> sums_;
};

}  // namespace

std::unique_ptr<LibraryCall> matmul_call(cublasLtHandle_t handle, const Program& program, const LibraryStep& step) {
  return std::make_unique<Matmul>(handle, matmul_choice(program, step));
}

}  // namespace generalizer::cuda
