// Kernels with a thread for each element of the result.
#include <fmt/format.h>

#include "writer.h"

namespace generalizer::cuda {
namespace {

/// `r0[i] = f(x)`, and with two operands `f(x, y)`; both of the result's shape.
void map(const Writer& w, const std::string& expression) {
  std::string body = "    const T x = a0[i];\n";
  if (w.operands() > 1) body += "    const T y = a1[i];\n";
  return w.threads(w.result().shape.elements(), body + "    r0[i] = " + expression + ";\n");
}

/// The same with operands that are broadcast.
void pair(const Writer& w, const std::string& expression) {
  const Shape& shape = w.result().shape;
  const auto at = [&](std::size_t k) { return position("i", shape, broadcast_strides(w.operand(k).shape, shape)); };
  return w.threads(shape.elements(), fmt::format("    const T x = a0[{}], y = a1[{}];\n    r0[i] = {};\n", at(0), at(1), expression));
}

/// Elements of one channel of N×C×….
std::int64_t inner_of(const Shape& shape) {
  std::int64_t inner = 1;
  for (std::size_t axis = 2; axis < shape.rank(); ++axis) inner *= shape[axis];
  return inner;
}

std::string channel(const Shape& shape) {
  return fmt::format("(i / {}) % {}", literal(inner_of(shape)), literal(shape[1]));
}

void bias_add(const Writer& w) {
  return w.threads(w.result().shape.elements(), fmt::format("    r0[i] = a0[i] + a1[{}];\n", channel(w.result().shape)));
}

void batch_norm_inference(const Writer& w) {
  return w.threads(w.result().shape.elements(),
                   fmt::format("    const I c = {};\n    const double factor = (double)a1[c] / sqrt((double)a4[c] + {});\n"
                               "    r0[i] = (T)(((double)a0[i] - (double)a3[c]) * factor + (double)a2[c]);\n",
                               channel(w.result().shape), w.number("epsilon")));
}

void softmax_cross_entropy_backward(const Writer& w) {
  const Shape& shape = w.result().shape;
  return w.threads(shape.elements(), fmt::format("    const T scale = a0[0] / (T){};\n    r0[i] = scale * (a1[i] - (i % {} == a2[i / {}] ? (T)1 : (T)0));\n",
                                                 literal(shape[0]), literal(shape[1]), literal(shape[1])));
}

void mean_squared_error_backward(const Writer& w) {
  const std::int64_t elements = w.result().shape.elements();
  return w.threads(elements, fmt::format("    const T scale = a0[0] * (T)2 / (T){};\n    r0[i] = scale * (a1[i] - a2[i]);\n", literal(elements)));
}

void select(const Writer& w) {
  const char* gate = w.operand(0).shape.rank() == 0 ? "a0[0]" : "a0[i]";
  return w.threads(w.result().shape.elements(), fmt::format("    r0[i] = {} != 0 ? a1[i] : a2[i];\n", gate));
}

/// The least and the largest of an integer type, and the first number beyond it.
void cast(const Writer& w) {
  const DType from = w.operand(0).dtype, to = w.result().dtype;
  std::string value = fmt::format("({})a0[i]", device_type(to));
  if (is_floating(from) && !is_floating(to)) {
    const char* bounds = to == DType::i32   ? "-2147483648.0, 2147483648.0, -2147483648LL, 2147483647LL"
                         : to == DType::i64 ? "-0x1p63, 0x1p63, (-9223372036854775807LL - 1), 9223372036854775807LL"
                                            : "0.0, 256.0, 0, 255";
    value = fmt::format("({})whole((double)a0[i], {})", device_type(to), bounds);
  }
  return w.threads(w.result().shape.elements(), "    r0[i] = " + value + ";\n");
}

void fill(const Writer& w) {
  return w.threads(w.result().shape.elements(), fmt::format("    r0[i] = (T){};\n", w.number("value")));
}

std::string random_stream(const Writer& w) {
  return fmt::format("    const unsigned long long seed = {}ULL, stream = mix_streams({}ULL, (unsigned long long)a0[0]);\n",
                     static_cast<std::uint64_t>(w.integer("seed")), static_cast<std::uint64_t>(w.integer("stream")));
}

void random_uniform(const Writer& w) {
  return w.threads(w.result().shape.elements(), random_stream(w) + "    r0[i] = (T)uniform(seed, stream, i);\n");
}

void random_normal(const Writer& w) {
  return w.threads(w.result().shape.elements(),
                   random_stream(w) + "    const double radius = sqrt(-2.0 * log(1.0 - uniform(seed, stream, 2ULL * i)));\n"
                                      "    r0[i] = (T)(radius * cos(6.283185307179586 * uniform(seed, stream, 2ULL * i + 1)));\n");
}

void increment(const Writer& w) { return w.threads(1, "    r0[0] = a0[0] + (a1[0] != 0 ? 1 : 0);\n"); }

void accumulate(const Writer& w) {
  return w.threads(1, fmt::format("    r0[0] = a0[0] + {} * (double)a1[0];\n", w.number("weight")));
}

}  // namespace

const std::map<std::string, Emit>& elementwise_kernels() {
  static const std::map<std::string, Emit> kernels = {
      {"relu", [](const Writer& w) { return map(w, "x < (T)0 ? (T)0 : x"); }},
      {"leaky_relu", [](const Writer& w) { return map(w, "x > (T)0 ? x : (T)" + w.number("slope") + " * x"); }},
      {"sigmoid", [](const Writer& w) { return map(w, "(T)1 / ((T)1 + exp(-x))"); }},
      {"tanh", [](const Writer& w) { return map(w, "tanh(x)"); }},
      {"exp", [](const Writer& w) { return map(w, "exp(x)"); }},
      {"log", [](const Writer& w) { return map(w, "log(x)"); }},
      {"sqrt", [](const Writer& w) { return map(w, "sqrt(x)"); }},
      {"rsqrt", [](const Writer& w) { return map(w, "(T)1 / sqrt(x)"); }},
      {"square", [](const Writer& w) { return map(w, "x * x"); }},
      {"abs", [](const Writer& w) { return map(w, "fabs(x)"); }},
      {"sign", [](const Writer& w) { return map(w, "(T)((x > (T)0) - (x < (T)0))"); }},
      {"reciprocal", [](const Writer& w) { return map(w, "(T)1 / x"); }},
      {"affine", [](const Writer& w) { return map(w, "(T)" + w.number("scale") + " * x + (T)" + w.number("shift")); }},
      {"greater_equal", [](const Writer& w) { return map(w, "x >= (T)" + w.number("threshold") + " ? (T)1 : (T)0"); }},
      {"is_finite", [](const Writer& w) { return map(w, "x - x == (T)0 ? (T)1 : (T)0"); }},
      {"erf", [](const Writer& w) { return map(w, "erf(x)"); }},
      {"round_to_bf16", [](const Writer& w) { return map(w, "from_bf16(to_bf16(x))"); }},
      // x is dy and y the output
      {"relu_backward", [](const Writer& w) { return map(w, "y > (T)0 ? x : (T)0"); }},
      {"leaky_relu_backward", [](const Writer& w) { return map(w, "y > (T)0 ? x : (T)" + w.number("slope") + " * x"); }},
      {"sigmoid_backward", [](const Writer& w) { return map(w, "x * y * ((T)1 - y)"); }},
      {"tanh_backward", [](const Writer& w) { return map(w, "x * ((T)1 - y * y)"); }},
      {"add", [](const Writer& w) { return pair(w, "x + y"); }},
      {"subtract", [](const Writer& w) { return pair(w, "x - y"); }},
      {"multiply", [](const Writer& w) { return pair(w, "x * y"); }},
      {"divide", [](const Writer& w) { return pair(w, "x / y"); }},
      {"maximum", [](const Writer& w) { return pair(w, "x >= y || x != x ? x : y"); }},
      {"minimum", [](const Writer& w) { return pair(w, "x <= y || x != x ? x : y"); }},
      {"bias_add", bias_add},
      {"batch_norm_inference", batch_norm_inference},
      {"softmax_cross_entropy_backward", softmax_cross_entropy_backward},
      {"mean_squared_error_backward", mean_squared_error_backward},
      {"select", select},
      {"cast", cast},
      {"fill", fill},
      {"random_uniform", random_uniform},
      {"random_normal", random_normal},
      {"increment", increment},
      {"accumulate", accumulate},
  };
  return kernels;
}

}  // namespace generalizer::cuda
