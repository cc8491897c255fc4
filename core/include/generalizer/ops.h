#pragma once

#include <span>
#include <vector>

#include "generalizer/op.h"

/// The closed set of primitives that every backend implements, as functions that append to the operands' program.
/// `F` is the program's floating type (f32 or f64). Every function throws `Error` when shapes or types don't fit.
/// Each op lives in one file under core/program/ops/ with its shape rule, gradient rule and reference kernel; the attribute names are
/// the field and parameter names used here.
namespace generalizer {

// ── elementwise, one operand: F[shape] → F[shape] ────────────────────────────────────────────────────────────────────────────────────
GENERALIZER_EXPORT Tensor relu(const Tensor& x);  ///< max(x, 0)
GENERALIZER_EXPORT Tensor leaky_relu(const Tensor& x,
                                     double slope);  ///< x > 0 ? x : slope·x; slope > 0. attr: slope
GENERALIZER_EXPORT Tensor sigmoid(const Tensor& x);  ///< 1 / (1 + e^−x)
GENERALIZER_EXPORT Tensor tanh(const Tensor& x);
GENERALIZER_EXPORT Tensor exp(const Tensor& x);
GENERALIZER_EXPORT Tensor log(const Tensor& x);
GENERALIZER_EXPORT Tensor sqrt(const Tensor& x);
GENERALIZER_EXPORT Tensor rsqrt(const Tensor& x);  ///< 1/√x
GENERALIZER_EXPORT Tensor square(const Tensor& x);
GENERALIZER_EXPORT Tensor abs(const Tensor& x);
GENERALIZER_EXPORT Tensor sign(const Tensor& x);  ///< −1, 0 or 1; its gradient is zero
GENERALIZER_EXPORT Tensor reciprocal(const Tensor& x);
GENERALIZER_EXPORT Tensor affine(const Tensor& x, double scale,
                                 double shift);     ///< scale·x + shift. attrs: scale, shift
GENERALIZER_EXPORT Tensor negate(const Tensor& x);  ///< affine(x, −1, 0)
GENERALIZER_EXPORT Tensor greater_equal(
    const Tensor& x, double threshold);  ///< 1 where x ≥ threshold, else 0; no gradient. attr: threshold
GENERALIZER_EXPORT Tensor
is_finite(const Tensor& x);  ///< 1 where x is neither NaN nor infinite, else 0; no gradient
GENERALIZER_EXPORT Tensor stop_gradient(const Tensor& x);  ///< x; a view through which no gradient passes
/// x; a view whose gradient is factor·dy (factor −1: Ganin, Lempitsky, 2015, "Unsupervised domain adaptation by backpropagation"). attr: factor
GENERALIZER_EXPORT Tensor scale_gradient(const Tensor& x, double factor);
GENERALIZER_EXPORT Tensor erf(const Tensor& x);  ///< 2/√π·∫₀ˣ e^−t² dt

// Their gradients from the output y: F[shape], F[shape] → F[shape]
GENERALIZER_EXPORT Tensor relu_backward(const Tensor& dy, const Tensor& y);  ///< y > 0 ? dy : 0
GENERALIZER_EXPORT Tensor leaky_relu_backward(const Tensor& dy, const Tensor& y,
                                              double slope);                    ///< y > 0 ? dy : slope·dy
GENERALIZER_EXPORT Tensor sigmoid_backward(const Tensor& dy, const Tensor& y);  ///< dy·y·(1 − y)
GENERALIZER_EXPORT Tensor tanh_backward(const Tensor& dy, const Tensor& y);     ///< dy·(1 − y²)

// ── elementwise, two operands, NumPy broadcasting (shapes aligned at the last axis, extent 1 stretches) ─────────────────────────────
GENERALIZER_EXPORT Tensor add(const Tensor& a, const Tensor& b);
GENERALIZER_EXPORT Tensor subtract(const Tensor& a, const Tensor& b);
GENERALIZER_EXPORT Tensor multiply(const Tensor& a, const Tensor& b);
GENERALIZER_EXPORT Tensor divide(const Tensor& a, const Tensor& b);
GENERALIZER_EXPORT Tensor maximum(const Tensor& a, const Tensor& b);  ///< where equal, the gradient goes to a
GENERALIZER_EXPORT Tensor minimum(const Tensor& a, const Tensor& b);

inline Tensor operator+(const Tensor& a, const Tensor& b) { return add(a, b); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return subtract(a, b); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return multiply(a, b); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return divide(a, b); }
inline Tensor operator-(const Tensor& a) { return negate(a); }
inline Tensor operator*(const Tensor& a, double s) { return affine(a, s, 0.0); }
inline Tensor operator*(double s, const Tensor& a) { return affine(a, s, 0.0); }
inline Tensor operator+(const Tensor& a, double s) { return affine(a, 1.0, s); }

// ── per channel (axis 1) ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
GENERALIZER_EXPORT Tensor bias_add(const Tensor& x, const Tensor& bias);  ///< F[N×C×…], F[C] → F[N×C×…]
GENERALIZER_EXPORT Tensor channel_sum(const Tensor& x);  ///< F[N×C×…] → F[C], the gradient of a bias

// ── reductions and broadcasting ──────────────────────────────────────────────────────────────────────────────────────────────────────
/// Over `axes` (each once; empty: all). attrs: axes, keep_dims (0/1).
GENERALIZER_EXPORT Tensor reduce_sum(const Tensor& x, std::vector<std::int64_t> axes, bool keep_dims = false);
GENERALIZER_EXPORT Tensor reduce_mean(const Tensor& x, std::vector<std::int64_t> axes,
                                      bool keep_dims = false);
/// The largest element; where several are, the gradient goes to the first. attrs: axes, keep_dims.
GENERALIZER_EXPORT Tensor reduce_max(const Tensor& x, std::vector<std::int64_t> axes, bool keep_dims = false);
GENERALIZER_EXPORT Tensor broadcast_to(const Tensor& x, const Shape& shape);  ///< NumPy rule. attr: shape

// ── linear algebra ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────
/// F[…×M×K]·F[…×K×N] → F[…×M×N], the leading extents (none or several) equal in both; a transposed operand is given as …×K×M or …×N×K. attrs:
/// transpose_a, transpose_b (0/1).
GENERALIZER_EXPORT Tensor matmul(const Tensor& a, const Tensor& b, bool transpose_a = false,
                                 bool transpose_b = false);

// ── convolution, NCHW ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
struct ConvolutionGeometry {
  std::vector<std::int64_t> strides = {1, 1};        ///< rows, columns
  std::vector<std::int64_t> padding = {0, 0, 0, 0};  ///< top, bottom, left, right; zeros
  std::vector<std::int64_t> dilations = {1, 1};      ///< 1: dense kernel
  std::int64_t groups = 1;
};
/// F[N×I×H×W], F[O×(I/groups)×KH×KW] → F[N×O×H'×W'], H' = (H + top + bottom − dilation·(KH−1) − 1)/stride + 1, rounded down.
GENERALIZER_EXPORT Tensor conv2d(const Tensor& x, const Tensor& weights,
                                 const ConvolutionGeometry& geometry = {});
/// Gradient by data, and so the transposed convolution: F[N×O×H'×W'], F[O×(I/groups)×KH×KW] → F[N×I×H×W].
/// attrs: those of conv2d, and input_size = {H, W}, which must be one that conv2d maps to H'×W'.
GENERALIZER_EXPORT Tensor conv2d_backward_data(const Tensor& dy, const Tensor& weights,
                                               const ConvolutionGeometry& geometry,
                                               std::vector<std::int64_t> input_size);
/// F[N×I×H×W], F[N×O×H'×W'] → F[O×(I/groups)×KH×KW]. attrs: those of conv2d, and kernel_size = {KH, KW}.
GENERALIZER_EXPORT Tensor conv2d_backward_weights(const Tensor& x, const Tensor& dy,
                                                  const ConvolutionGeometry& geometry,
                                                  std::vector<std::int64_t> kernel_size);

// ── pooling, NCHW ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
struct PoolingGeometry {
  std::vector<std::int64_t> kernel = {2, 2};
  std::vector<std::int64_t> strides = {2, 2};
  std::vector<std::int64_t> padding = {0, 0, 0,
                                       0};  ///< top, bottom, left, right; each smaller than the kernel
};
/// F[N×C×H×W] → y F[N×C×H'×W'], workspace i32 of the same shape (reference: index of the first largest element in its H×W plane).
/// Padding never wins. attrs: kernel, strides, padding.
GENERALIZER_EXPORT std::vector<Tensor> max_pool2d(const Tensor& x, const PoolingGeometry& geometry);
/// attrs: those of max_pool2d, and input_size = {H, W}.
GENERALIZER_EXPORT Tensor max_pool2d_backward(const Tensor& dy, const Tensor& workspace,
                                              const PoolingGeometry& geometry,
                                              std::vector<std::int64_t> input_size);
/// Mean over the window; padding counts only with `count_include_pad`. attrs: kernel, strides, padding, count_include_pad (0/1).
GENERALIZER_EXPORT Tensor avg_pool2d(const Tensor& x, const PoolingGeometry& geometry,
                                     bool count_include_pad);
GENERALIZER_EXPORT Tensor avg_pool2d_backward(const Tensor& dy, const PoolingGeometry& geometry,
                                              bool count_include_pad, std::vector<std::int64_t> input_size);

// ── normalisation ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
/// Batch normalisation in training (Ioffe, Szegedy, 2015): x F[N×C×…], scale F[C], shift F[C] → y F[N×C×…], mean F[C], variance F[C]
/// (of this batch, over all axes but 1, variance biased). y = scale·(x − mean)/√(variance + epsilon) + shift. attr: epsilon.
/// Gradients flow through y alone.
GENERALIZER_EXPORT std::vector<Tensor> batch_norm(const Tensor& x, const Tensor& scale, const Tensor& shift,
                                                  double epsilon);
/// → dx F[N×C×…], dscale F[C], dshift F[C]. attr: epsilon.
GENERALIZER_EXPORT std::vector<Tensor> batch_norm_backward(const Tensor& dy, const Tensor& x,
                                                           const Tensor& mean, const Tensor& variance,
                                                           const Tensor& scale, double epsilon);
/// With given statistics F[C], as in evaluation. Differentiable in x, scale and shift. attr: epsilon.
GENERALIZER_EXPORT Tensor batch_norm_inference(const Tensor& x, const Tensor& scale, const Tensor& shift,
                                               const Tensor& mean, const Tensor& variance, double epsilon);

/// Each row brought to mean 0 and variance 1 (Ba, Kiros, Hinton, 2016, "Layer normalization"; group normalisation on reshaped operands):
/// x F[R×K] → y F[R×K], mean F[R], inverse deviation F[R] = 1/√(variance + epsilon), variance biased. Gradients flow through y alone. attr: epsilon.
GENERALIZER_EXPORT std::vector<Tensor> normalize_rows(const Tensor& x, double epsilon);
/// dy F[R×K], y F[R×K], inverse deviation F[R] → dx F[R×K] = inverse·(dy − mean(dy) − y·mean(dy·y)), means over the row.
GENERALIZER_EXPORT Tensor normalize_rows_backward(const Tensor& dy, const Tensor& y,
                                                  const Tensor& inverse_deviation);

// ── resampling, NCHW ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────
/// F[N×C×H×W] → F[N×C×H'×W']. `mode` "nearest": the pixel at ⌊(i + ½)·H/H'⌋; "bilinear": half-pixel centres, edges repeated (PyTorch's interpolate with
/// align_corners = False; for "nearest" the same as its "nearest-exact"). attrs: mode, size = {H', W'}.
GENERALIZER_EXPORT Tensor resize2d(const Tensor& x, std::vector<std::int64_t> size, const std::string& mode);
/// F[N×C×H'×W'] → F[N×C×H×W]. attrs: mode, input_size = {H, W}.
GENERALIZER_EXPORT Tensor resize2d_backward(const Tensor& dy, std::vector<std::int64_t> input_size,
                                            const std::string& mode);

// ── softmax and losses ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
GENERALIZER_EXPORT Tensor softmax(const Tensor& x, std::int64_t axis = 1);  ///< attr: axis
GENERALIZER_EXPORT Tensor softmax_backward(const Tensor& dy, const Tensor& y, std::int64_t axis = 1);
/// logits F[N×K], labels i32[N] in [0, K) → loss F[] (mean over N), probabilities F[N×K]. Gradients flow through the loss alone.
GENERALIZER_EXPORT std::vector<Tensor> softmax_cross_entropy(const Tensor& logits, const Tensor& labels);
/// dloss F[], probabilities, labels → F[N×K]: dloss·(probabilities − onehot)/N
GENERALIZER_EXPORT Tensor softmax_cross_entropy_backward(const Tensor& dloss, const Tensor& probabilities,
                                                         const Tensor& labels);
/// F[shape], F[shape] → F[]: mean of (prediction − target)² over all elements
GENERALIZER_EXPORT Tensor mean_squared_error(const Tensor& prediction, const Tensor& target);
/// dloss F[], prediction, target → F[shape]: dloss·2·(prediction − target)/elements
GENERALIZER_EXPORT Tensor mean_squared_error_backward(const Tensor& dloss, const Tensor& prediction,
                                                      const Tensor& target);

// ── data movement ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
GENERALIZER_EXPORT Tensor reshape(const Tensor& x,
                                  const Shape& shape);  ///< row-major order kept; a view. attr: shape
GENERALIZER_EXPORT Tensor
transpose(const Tensor& x,
          std::vector<std::int64_t> permutation);  ///< out axis i is x's permutation[i]. attr: permutation
GENERALIZER_EXPORT Tensor concat(std::span<const Tensor> parts, std::int64_t axis);  ///< attr: axis
GENERALIZER_EXPORT Tensor slice(const Tensor& x, std::int64_t axis, std::int64_t begin,
                                std::int64_t end);  ///< [begin, end). attrs: axis, begin, end
/// Zeros before and after along one axis; the gradient of slice. attrs: axis, before, after.
GENERALIZER_EXPORT Tensor pad(const Tensor& x, std::int64_t axis, std::int64_t before, std::int64_t after);
GENERALIZER_EXPORT Tensor fill(Program& program, const TensorType& type,
                               double value);  ///< no operand. attrs: dtype (name), shape, value
/// These values, row-major, as many as the type has elements; no operand. attrs: dtype (name), shape, values.
GENERALIZER_EXPORT Tensor constant_values(Program& program, const TensorType& type,
                                          std::vector<double> values);
/// i32[…] → F[…×K]: 1 at the index, else 0; a row of zeros for an index outside [0, K). attrs: classes, dtype (name)
GENERALIZER_EXPORT Tensor one_hot(const Tensor& indices, std::int64_t classes, DType dtype);
/// table F[V×D], indices i32[…] → F[…×D]: the table's rows; zeros for an index outside [0, V).
GENERALIZER_EXPORT Tensor gather_rows(const Tensor& table, const Tensor& indices);
/// rows F[…×D], indices i32[…] → F[V×D]: each row added at its index, the gradient of gather_rows; the same order of sums in every run. attr: rows (V)
GENERALIZER_EXPORT Tensor scatter_add_rows(const Tensor& rows, const Tensor& indices, std::int64_t count);
GENERALIZER_EXPORT Tensor cast(const Tensor& x, DType dtype);  ///< between any two types. attr: dtype (name)

// ── random numbers ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────
/// step i64[] → F[shape] in [0, 1): element i is Philox(seed, mix_streams(stream, step)).uniform(i). attrs: shape, dtype (name), seed, stream.
GENERALIZER_EXPORT Tensor random_uniform(const Tensor& step, const TensorType& type, std::uint64_t seed,
                                         std::uint64_t stream);

/// step i64[] → F[shape], standard normal: element i is √(−2·ln(1 − u(2i)))·cos(2π·u(2i+1)) with u as in random_uniform (Box, Muller, 1958, "A note on
/// the generation of random normal deviates"). attrs: shape, dtype (name), seed, stream.
GENERALIZER_EXPORT Tensor random_normal(const Tensor& step, const TensorType& type, std::uint64_t seed,
                                        std::uint64_t stream);

// ── optimiser updates. `gate` F[]: where it is 0 the outputs are the old values, whatever the gradient ─────────────────────────────
/// w, g, learning_rate F[], gate F[] → w − learning_rate·g
GENERALIZER_EXPORT Tensor sgd_update(const Tensor& weight, const Tensor& gradient,
                                     const Tensor& learning_rate, const Tensor& gate);
/// → w', velocity' = momentum·velocity + g; w' = w − learning_rate·(nesterov ? g + momentum·velocity' : velocity'). attrs: momentum, nesterov.
/// (Polyak, 1964; Sutskever et al., 2013, "On the importance of initialization and momentum in deep learning"; the form of PyTorch)
GENERALIZER_EXPORT std::vector<Tensor> momentum_update(const Tensor& weight, const Tensor& gradient,
                                                       const Tensor& velocity, const Tensor& learning_rate,
                                                       const Tensor& gate, double momentum, bool nesterov);
/// → w', m', v'. `step` i64[] counts from 1. m' = β1·m + (1−β1)·g; v' = β2·v + (1−β2)·g²;
/// w' = w − learning_rate·((m'/(1−β1^step)) / (√(v'/(1−β2^step)) + epsilon) + weight_decay·w). attrs: beta1, beta2, epsilon, and weight_decay, absent
/// where it is 0. (Kingma, Ba, 2015, "Adam: a method for stochastic optimization", algorithm 1; with weight_decay Loshchilov, Hutter, 2019, "Decoupled
/// weight decay regularization")
GENERALIZER_EXPORT std::vector<Tensor> adam_update(const Tensor& weight, const Tensor& gradient,
                                                   const Tensor& m, const Tensor& v, const Tensor& step,
                                                   const Tensor& learning_rate, const Tensor& gate,
                                                   double beta1, double beta2, double epsilon,
                                                   double weight_decay = 0.0);
/// → w', s'. s' = decay·s + (1−decay)·g²; w' = w − learning_rate·g/(√s' + epsilon). attrs: decay, epsilon.
/// (Tieleman, Hinton, 2012, "Lecture 6.5: rmsprop"; the form of PyTorch)
GENERALIZER_EXPORT std::vector<Tensor> rmsprop_update(const Tensor& weight, const Tensor& gradient,
                                                      const Tensor& mean_square, const Tensor& learning_rate,
                                                      const Tensor& gate, double decay, double epsilon);

// ── book-keeping ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
GENERALIZER_EXPORT Tensor increment(const Tensor& counter,
                                    const Tensor& gate);  ///< i64[], F[] → counter + (gate ≠ 0)
GENERALIZER_EXPORT Tensor select(const Tensor& gate, const Tensor& chosen,
                                 const Tensor& otherwise);  ///< F[] or F[shape], T[shape], T[shape] → gate ≠ 0 ? chosen : otherwise
/// f64[] accumulator, F[] value → accumulator + weight·value. attr: weight
GENERALIZER_EXPORT Tensor accumulate(const Tensor& accumulator, const Tensor& value, double weight);
/// logits F[N×K], labels i32[N] → F[]: how many rows have their (first) largest logit at the label
GENERALIZER_EXPORT Tensor count_correct(const Tensor& logits, const Tensor& labels);

/// Every built-in op, by name; what a backend must cover.
GENERALIZER_EXPORT std::span<const OpDefinition* const> builtin_ops();
/// nullptr when there is none.
GENERALIZER_EXPORT const OpDefinition* find_builtin_op(const std::string& name);

}  // namespace generalizer
