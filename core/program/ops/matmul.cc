#include <algorithm>
#include <array>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/operand_checks.h"
#include "program/ops/rows.h"

namespace generalizer {
namespace {

struct Sizes {
  std::int64_t batch;  ///< products side by side
  std::int64_t m, n, k;
  bool transpose_a, transpose_b;
};

/// The extents before the last two, which must be equal in both operands.
std::vector<std::int64_t> leading_extents(const Shape& a, const Shape& b) {
  const std::vector<std::int64_t> left(a.begin(), a.end() - 2);
  const std::vector<std::int64_t> right(b.begin(), b.end() - 2);
  if (left != right) {
    throw Error("the left operand is " + a.to_string() + " and the right operand " + b.to_string() +
                "; all extents but the last two must be equal");
  }
  return left;
}

/// Also the check: the inner extents must be equal.
Sizes sizes_of(const Shape& a, const Shape& b, const Attributes& attributes) {
  const bool ta = attributes.integer("transpose_a") != 0;
  const bool tb = attributes.integer("transpose_b") != 0;
  const std::size_t row = a.rank() - 2;
  const std::int64_t a_inner = a[row + (ta ? 0 : 1)];
  const std::int64_t b_inner = b[row + (tb ? 1 : 0)];
  if (a_inner != b_inner) {
    throw Error("the left operand " + a.to_string() + (ta ? " transposed" : "") + " has " +
                std::to_string(a_inner) + " columns, and the right operand " + b.to_string() +
                (tb ? " transposed" : "") + " has " + std::to_string(b_inner) +
                " rows; the two must be equal");
  }
  const std::vector<std::int64_t> leading = leading_extents(a, b);
  return {Shape(leading).elements(), a[row + (ta ? 1 : 0)], b[row + (tb ? 0 : 1)], a_inner, ta, tb};
}

std::vector<TensorType> infer(const OpSignature& signature) {
  const DType dtype = ops::common_floating_type(signature, {"left operand", "right operand"});
  const Shape& a = signature.inputs[0].shape;
  const Shape& b = signature.inputs[1].shape;
  ops::require_rank_at_least(a, "left operand", 2, "rows×columns");
  ops::require_rank(b, "right operand", a.rank(), a.rank() == 2 ? "rows×columns" : "…×rows×columns");
  const Sizes s = sizes_of(a, b, signature.attributes);
  std::vector<std::int64_t> extents = leading_extents(a, b);
  extents.insert(extents.end(), {s.m, s.n});
  return {{dtype, Shape(extents)}};
}

// With A' and B' the operands as multiplied: dA' = dC·B'ᵀ and dB' = A'ᵀ·dC, each turned round where the
// operand was given transposed.
std::vector<Tensor> gradient(const GradientContext& context) {
  const Tensor& dc = context.output_gradients[0];
  const Tensor& a = context.inputs[0];
  const Tensor& b = context.inputs[1];
  const bool ta = context.node.attributes.integer("transpose_a") != 0;
  const bool tb = context.node.attributes.integer("transpose_b") != 0;
  std::vector<Tensor> gradients(2);
  if (context.wanted[0]) gradients[0] = ta ? matmul(b, dc, tb, true) : matmul(dc, b, false, !tb);
  if (context.wanted[1]) gradients[1] = tb ? matmul(dc, a, true, ta) : matmul(a, dc, !ta, false);
  return gradients;
}

// The inner extent goes in blocks, so that a block of B stays in the cache while all rows of A pass over it.
constexpr std::int64_t block = 128;

/// C += A'·B for B as K×N: rows of B, scaled, add up to a row of C.
template <class T>
void add_by_rows(const Sizes& s, const T* a, const T* b, T* c) {
  const std::int64_t row_step = s.transpose_a ? 1 : s.k;
  const std::int64_t column_step = s.transpose_a ? s.m : 1;
  for (std::int64_t begin = 0; begin < s.k; begin += block) {
    const std::int64_t end = std::min(begin + block, s.k);
    for (std::int64_t i = 0; i < s.m; ++i) {
      for (std::int64_t k = begin; k < end; ++k) {
        ops::add_scaled<T>(s.n, a[i * row_step + k * column_step], b + k * s.n, 1, c + i * s.n, 1);
      }
    }
  }
}

/// C += A'·Bᵀ for B as N×K: each element of C is a dot product with a row of B.
template <class T>
void add_by_dots(const Sizes& s, const T* a, const T* b, T* c) {
  const std::int64_t row_step = s.transpose_a ? 1 : s.k;
  const std::int64_t column_step = s.transpose_a ? s.m : 1;
  std::array<T, block> row;
  for (std::int64_t begin = 0; begin < s.k; begin += block) {
    const std::int64_t count = std::min(block, s.k - begin);
    for (std::int64_t i = 0; i < s.m; ++i) {
      for (std::int64_t k = 0; k < count; ++k) {
        row[static_cast<std::size_t>(k)] = a[i * row_step + (begin + k) * column_step];
      }
      for (std::int64_t j = 0; j < s.n; ++j) {
        c[i * s.n + j] += ops::dot<T>(count, row.data(), 1, b + j * s.k + begin);
      }
    }
  }
}

void reference(const KernelContext& context) {
  const HostTensor& a = context.inputs[0];
  const HostTensor& b = context.inputs[1];
  const Sizes s = sizes_of(a.type.shape, b.type.shape, context.attributes);
  dispatch_floating(a.type.dtype, [&]<class T>(T) {
    const T* left = a.as<const T>();
    const T* right = b.as<const T>();
    T* c = context.outputs[0].as<T>();
    std::fill_n(c, s.batch * s.m * s.n, T{});
    for (std::int64_t i = 0; i < s.batch; ++i, left += s.m * s.k, right += s.k * s.n, c += s.m * s.n) {
      if (s.transpose_b) {
        add_by_dots(s, left, right, c);
      } else {
        add_by_rows(s, left, right, c);
      }
    }
  });
}

double flops(const OpSignature& signature) {
  const Sizes s = sizes_of(signature.inputs[0].shape, signature.inputs[1].shape, signature.attributes);
  return 2.0 * static_cast<double>(s.batch) * static_cast<double>(s.m) * static_cast<double>(s.n) * static_cast<double>(s.k);
}

}  // namespace

const OpDefinition& ops::matmul() {
  static const OpDefinition definition{.name = "matmul",
                                       .summary = "Matrix product a·b, one for each of the leading extents; each operand "
                                                  "may be given transposed.",
                                       .input_names = {"a", "b"},
                                       .output_names = {"c"},
                                       .infer = infer,
                                       .gradient = gradient,
                                       .reference = reference,
                                       .flops = flops,
                                       .in_place = {},
                                       .view = false,
                                       .workspaces = {}};
  return definition;
}

Tensor matmul(const Tensor& a, const Tensor& b, bool transpose_a, bool transpose_b) {
  return apply(ops::matmul(), std::array{a, b},
               {{"transpose_a", std::int64_t{transpose_a}}, {"transpose_b", std::int64_t{transpose_b}}});
}

}  // namespace generalizer
