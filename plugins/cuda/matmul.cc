#include <fmt/format.h>

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

/// cuBLASLt thinks in columns: a row-major matrix is its transpose there, so that C = A·B is computed as Cᵀ = Bᵀ·Aᵀ, with nothing moved.
class Matmul final : public LibraryCall {
 public:
  Matmul(cublasLtHandle_t handle, const Program& program, const Node& node) : handle_(handle) {
    const TensorType a = program.value(node.inputs[0]).type, b = program.value(node.inputs[1]).type, c = program.value(node.outputs[0]).type;
    const bool transpose_a = node.attributes.integer("transpose_a") != 0, transpose_b = node.attributes.integer("transpose_b") != 0;
    const std::size_t rank = c.shape.rank();
    const std::int64_t m = c.shape[rank - 2], n = c.shape[rank - 1], k = a.shape[transpose_a ? rank - 2 : rank - 1];
    std::int64_t batch = 1;
    for (std::size_t axis = 0; axis + 2 < rank; ++axis) batch *= c.shape[axis];
    f64_ = c.dtype == DType::f64;
    const cudaDataType_t type = f64_ ? CUDA_R_64F : CUDA_R_32F;

    cublasLtMatmulDesc_t description = nullptr;
    check(cublasLtMatmulDescCreate(&description, f64_ ? CUBLAS_COMPUTE_64F : CUBLAS_COMPUTE_32F, type), "describe a matmul");
    description_.reset(description);
    set_operation(CUBLASLT_MATMUL_DESC_TRANSA, transpose_b);
    set_operation(CUBLASLT_MATMUL_DESC_TRANSB, transpose_a);
    left_ = layout(type, transpose_b ? k : n, transpose_b ? n : k, batch);
    right_ = layout(type, transpose_a ? m : k, transpose_a ? k : m, batch);
    result_ = layout(type, n, m, batch);
    choose(fmt::format("{}·{}", to_string(a), to_string(b)));
  }
  std::int64_t workspace() const override { return static_cast<std::int64_t>(chosen_.workspaceSize); }

  void run(const std::vector<Address>& operands, const std::vector<Address>& results, Address workspace, cudaStream_t stream) override {
    const double one = 1.0, zero = 0.0;
    const float one_f = 1.0F, zero_f = 0.0F;
    const void* alpha = f64_ ? static_cast<const void*>(&one) : &one_f;
    const void* beta = f64_ ? static_cast<const void*>(&zero) : &zero_f;
    void* c = reinterpret_cast<void*>(results[0]);
    check(cublasLtMatmul(handle_, description_.get(), alpha, reinterpret_cast<const void*>(operands[1]), left_.get(), reinterpret_cast<const void*>(operands[0]),
                         right_.get(), beta, c, result_.get(), c, result_.get(), &chosen_.algo, reinterpret_cast<void*>(workspace), chosen_.workspaceSize, stream),
          "launch a matmul");
  }

 private:
  void set_operation(cublasLtMatmulDescAttributes_t which, bool transposed) {
    const cublasOperation_t operation = transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
    check(cublasLtMatmulDescSetAttribute(description_.get(), which, &operation, sizeof operation), "describe a matmul");
  }

  /// A column-major matrix without gaps, and as many more behind it as the batch has.
  static Layout layout(cudaDataType_t type, std::int64_t rows, std::int64_t columns, std::int64_t batch) {
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

  void choose(const std::string& what) {
    cublasLtMatmulPreference_t bare = nullptr;
    check(cublasLtMatmulPreferenceCreate(&bare), "choose a matmul");
    const Preference preference(bare);
    const std::uint64_t most = kWorkspace;
    check(cublasLtMatmulPreferenceSetAttribute(bare, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &most, sizeof most), "choose a matmul");
    int found = 0;
    check(cublasLtMatmulAlgoGetHeuristic(handle_, description_.get(), left_.get(), right_.get(), result_.get(), result_.get(), bare, 1, &chosen_, &found),
          "choose an algorithm for " + what);
    if (found == 0) throw BackendError("cuBLASLt has no algorithm for the matmul " + what + ".");
  }

  cublasLtHandle_t handle_;
  bool f64_ = false;
  Description description_;
  Layout left_, right_, result_;
  cublasLtMatmulHeuristicResult_t chosen_{};
};

}  // namespace

std::unique_ptr<LibraryCall> matmul_call(cublasLtHandle_t handle, const Program& program, const LibraryStep& step) {
  return std::make_unique<Matmul>(handle, program, step.product());
}

}  // namespace generalizer::cuda
