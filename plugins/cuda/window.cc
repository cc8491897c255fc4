// Kernels over windows of images: pooling and resampling. Their gradients gather, each thread going through the windows that its pixel lies in, so that no
// two threads add to one element.
#include <fmt/format.h>

#include "writer.h"

namespace generalizer::cuda {
namespace {

struct Pool {
  Shape input, output;
  std::vector<std::int64_t> kernel, strides, padding;
};

Pool pool_of(const Writer& w, const Shape& input, const Shape& output) {
  return {input, output, w.attributes().integers("kernel"), w.attributes().integers("strides"), w.attributes().integers("padding")};
}

/// Of the window of output (oh, ow) the rows [top, bottom) and columns [left, right) that lie in the image.
std::string window(const Pool& p) {
  return fmt::format(
      "    const I y0 = oh * {0} - {2}, x0 = ow * {1} - {3};\n"
      "    const I top = y0 < 0 ? 0 : y0, bottom = y0 + {4} < {6} ? y0 + {4} : {6};\n"
      "    const I left = x0 < 0 ? 0 : x0, right = x0 + {5} < {7} ? x0 + {5} : {7};\n",
      literal(p.strides[0]), literal(p.strides[1]), literal(p.padding[0]), literal(p.padding[2]), literal(p.kernel[0]), literal(p.kernel[1]),
      literal(p.input[2]), literal(p.input[3]));
}

std::string of_output(const Pool& p) {
  return fmt::format("    const I ow = i % {0}, oh = i / {0} % {1}, plane = i / {2};\n", literal(p.output[3]), literal(p.output[2]),
                     literal(p.output[2] * p.output[3]));
}

std::string of_input(const Shape& input) {
  return fmt::format("    const I x = i % {0}, y = i / {0} % {1}, plane = i / {2};\n", literal(input[3]), literal(input[2]), literal(input[2] * input[3]));
}

/// A loop over the outputs (oh, ow) whose windows hold the pixel (y, x).
std::string covering(const Pool& p, const std::string& body) {
  return fmt::format(
      "    for (I oh = (y + {0} - {2} + {4}) > 0 ? (y + {0} - {2} + {4}) / {4} : 0; oh < {6} && oh * {4} - {0} <= y; ++oh) {{\n"
      "      for (I ow = (x + {1} - {3} + {5}) > 0 ? (x + {1} - {3} + {5}) / {5} : 0; ow < {7} && ow * {5} - {1} <= x; ++ow) {{\n"
      "{8}      }}\n    }}\n",
      literal(p.padding[0]), literal(p.padding[2]), literal(p.kernel[0]), literal(p.kernel[1]), literal(p.strides[0]), literal(p.strides[1]),
      literal(p.output[2]), literal(p.output[3]), body);
}

void max_pool2d(const Writer& w) {
  const Pool p = pool_of(w, w.operand(0).shape, w.result().shape);
  const std::string columns = literal(p.input[3]);
  return w.threads(p.output.elements(),
                   of_output(p) + window(p) +
                       fmt::format("    const T* from = a0 + plane * {1};\n    I best = top * {0} + left;\n"
                                   "    for (I y = top; y < bottom; ++y) for (I x = left; x < right; ++x) {{\n"
                                   "      const T v = from[y * {0} + x], b = from[best];\n      if (v > b || (v != v && b == b)) best = y * {0} + x;\n    }}\n"
                                   "    r0[i] = from[best];\n    r1[i] = (int)best;\n",
                                   columns, literal(p.input[2] * p.input[3])));
}

void max_pool2d_backward(const Writer& w) {
  const Pool p = pool_of(w, w.result().shape, w.operand(0).shape);
  const std::string body = fmt::format("        const I o = plane * {} + oh * {} + ow;\n        if (a1[o] == y * {} + x) sum += a0[o];\n",
                                       literal(p.output[2] * p.output[3]), literal(p.output[3]), literal(p.input[3]));
  return w.threads(p.input.elements(), of_input(p.input) + "    T sum = (T)0;\n" + covering(p, body) + "    r0[i] = sum;\n");
}

std::string divisor(const Writer& w, const Pool& p) {
  if (w.integer("count_include_pad") != 0) return literal(p.kernel[0] * p.kernel[1]);
  return "((bottom - top) * (right - left))";
}

void avg_pool2d(const Writer& w) {
  const Pool p = pool_of(w, w.operand(0).shape, w.result().shape);
  return w.threads(p.output.elements(),
                   of_output(p) + window(p) +
                       fmt::format("    const T* from = a0 + plane * {};\n    const T divisor = (T){};\n    T sum = (T)0;\n"
                                   "    for (I y = top; y < bottom; ++y) for (I x = left; x < right; ++x) sum += from[y * {} + x] / divisor;\n"
                                   "    r0[i] = sum;\n",
                                   literal(p.input[2] * p.input[3]), divisor(w, p), literal(p.input[3])));
}

void avg_pool2d_backward(const Writer& w) {
  const Pool p = pool_of(w, w.result().shape, w.operand(0).shape);
  const std::string body = "    " + window(p) + fmt::format("        sum += a0[plane * {} + oh * {} + ow] / (T){};\n", literal(p.output[2] * p.output[3]),
                                                            literal(p.output[3]), divisor(w, p));
  return w.threads(p.input.elements(), of_input(p.input) + "    T sum = (T)0;\n" + covering(p, body) + "    r0[i] = sum;\n");
}

/// Where output `at` of an axis reads: `first`, `second` and the second's weight, as resize2d's taps.
std::string taps(const std::string& axis, const std::string& at, std::int64_t before, std::int64_t after, bool nearest) {
  if (nearest) {
    return fmt::format("    const I {0}1 = (2 * {1} + 1) * {2} / (2 * {3}), {0}2 = {0}1;\n    const double w{0} = 0.0;\n", axis, at, literal(before),
                       literal(after));
  }
  return fmt::format(
      "    double s{0} = ((double){1} + 0.5) * ({2} / {3}) - 0.5;\n    s{0} = s{0} < 0.0 ? 0.0 : s{0};\n"
      "    const I {0}1 = (I)s{0} < {4} - 1 ? (I)s{0} : {4} - 1, {0}2 = {0}1 + 1 < {4} ? {0}1 + 1 : {0}1;\n    const double w{0} = s{0} - (double){0}1;\n",
      axis, at, literal(static_cast<double>(before)), literal(static_cast<double>(after)), literal(before));
}

void resize2d(const Writer& w) {
  const Shape &in = w.operand(0).shape, &out = w.result().shape;
  const bool nearest = w.attributes().string("mode") == "nearest";
  return w.threads(out.elements(),
                   fmt::format("    const I ow = i % {0}, oh = i / {0} % {1};\n    const T* from = a0 + i / {2} * {3};\n", literal(out[3]), literal(out[2]),
                               literal(out[2] * out[3]), literal(in[2] * in[3])) +
                       taps("y", "oh", in[2], out[2], nearest) + taps("x", "ow", in[3], out[3], nearest) +
                       fmt::format("    T sum = (T)((1.0 - wy) * (1.0 - wx)) * from[y1 * {0} + x1];\n"
                                   "    if (wx != 0.0) sum += (T)((1.0 - wy) * wx) * from[y1 * {0} + x2];\n"
                                   "    if (wy != 0.0) sum += (T)(wy * (1.0 - wx)) * from[y2 * {0} + x1];\n"
                                   "    if (wy != 0.0 && wx != 0.0) sum += (T)(wy * wx) * from[y2 * {0} + x2];\n    r0[i] = sum;\n",
                                   literal(in[3])));
}

/// A span of outputs that holds all that read the pixel `at` of an axis; those within that don't are told by their taps.
std::string readers(const std::string& name, const std::string& at, std::int64_t before, std::int64_t after) {
  return fmt::format(
      "    const double f{0} = {2} / {3};\n    I {0}a = (I)floor(((double){1} - 1.0) * f{0}) - 1, {0}b = (I)ceil(((double){1} + 2.0) * f{0}) + 1;\n"
      "    {0}a = {0}a < 0 ? 0 : {0}a;\n    {0}b = {0}b > {4} ? {4} : {0}b;\n",
      name, at, literal(static_cast<double>(after)), literal(static_cast<double>(before)), literal(after));
}

void resize2d_backward(const Writer& w) {
  const Shape &in = w.result().shape, &out = w.operand(0).shape;
  const bool nearest = w.attributes().string("mode") == "nearest";
  return w.threads(in.elements(),
                   of_input(in) + readers("h", "y", in[2], out[2]) + readers("v", "x", in[3], out[3]) +
                       fmt::format("    const T* from = a0 + plane * {};\n    T sum = (T)0;\n    for (I oh = ha; oh < hb; ++oh) {{\n", literal(out[2] * out[3])) +
                       taps("y", "oh", in[2], out[2], nearest) +
                       "    const double by = (y1 == y ? 1.0 - wy : 0.0) + (y2 == y ? wy : 0.0);\n    if (by == 0.0) continue;\n    for (I ow = va; ow < vb; ++ow) {\n" +
                       taps("x", "ow", in[3], out[3], nearest) +
                       fmt::format("    const double bx = (x1 == x ? 1.0 - wx : 0.0) + (x2 == x ? wx : 0.0);\n    if (bx != 0.0) sum += (T)(by * bx) * from[oh * {} + ow];\n    }}\n    }}\n    r0[i] = sum;\n",
                                   literal(out[3])));
}

struct Convolution {
  Shape x, weights, y;
  std::vector<std::int64_t> strides, padding, dilations;
  std::int64_t groups, inputs_a_group, outputs_a_group;
};

Convolution convolution_of(const Writer& w, const Shape& x, const Shape& weights, const Shape& y) {
  const Attributes& a = w.attributes();
  const std::int64_t groups = a.integer("groups");
  return {x, weights, y, a.integers("strides"), a.integers("padding"), a.integers("dilations"), groups, x[1] / groups, y[1] / groups};
}

/// For what cuDNN's convolution can't say: padding that differs on two sides. A thread for each element of the result.
void conv2d(const Writer& w) {
  const Convolution c = convolution_of(w, w.operand(0).shape, w.operand(1).shape, w.result().shape);
  return w.threads(c.y.elements(),
                   fmt::format("    const I ow = i % {0}, oh = i / {0} % {1}, o = i / {2} % {3}, n = i / {4};\n    double sum = 0.0;\n", literal(c.y[3]),
                               literal(c.y[2]), literal(c.y[2] * c.y[3]), literal(c.y[1]), literal(c.y[1] * c.y[2] * c.y[3])) +
                       fmt::format("    for (int q = 0; q < {0}; ++q) for (int kh = 0; kh < {1}; ++kh) for (int kw = 0; kw < {2}; ++kw) {{\n"
                                   "      const I y = oh * {3} - {5} + kh * {7}, x = ow * {4} - {6} + kw * {8};\n"
                                   "      if (y < 0 || y >= {9} || x < 0 || x >= {10}) continue;\n",
                                   c.inputs_a_group, c.weights[2], c.weights[3], literal(c.strides[0]), literal(c.strides[1]), literal(c.padding[0]),
                                   literal(c.padding[2]), literal(c.dilations[0]), literal(c.dilations[1]), literal(c.x[2]), literal(c.x[3])) +
                       fmt::format("      sum += (double)a0[((n * {0} + o / {1} * {2} + q) * {3} + y) * {4} + x] * (double)a1[((o * {2} + q) * {5} + kh) * {6} + kw];\n    }}\n"
                                   "    r0[i] = (T)sum;\n",
                                   literal(c.x[1]), literal(c.outputs_a_group), literal(c.inputs_a_group), literal(c.x[2]), literal(c.x[3]), c.weights[2], c.weights[3]));
}

void conv2d_backward_data(const Writer& w) {
  const Convolution c = convolution_of(w, w.result().shape, w.operand(1).shape, w.operand(0).shape);
  return w.threads(c.x.elements(),
                   fmt::format("    const I x = i % {0}, y = i / {0} % {1}, ci = i / {2} % {3}, n = i / {4}, group = ci / {5};\n    double sum = 0.0;\n",
                               literal(c.x[3]), literal(c.x[2]), literal(c.x[2] * c.x[3]), literal(c.x[1]), literal(c.x[1] * c.x[2] * c.x[3]),
                               literal(c.inputs_a_group)) +
                       fmt::format("    for (int q = 0; q < {0}; ++q) for (int kh = 0; kh < {1}; ++kh) for (int kw = 0; kw < {2}; ++kw) {{\n"
                                   "      const I ys = y + {5} - kh * {7}, xs = x + {6} - kw * {8};\n"
                                   "      if (ys < 0 || xs < 0 || ys % {3} != 0 || xs % {4} != 0 || ys / {3} >= {9} || xs / {4} >= {10}) continue;\n",
                                   c.outputs_a_group, c.weights[2], c.weights[3], literal(c.strides[0]), literal(c.strides[1]), literal(c.padding[0]),
                                   literal(c.padding[2]), literal(c.dilations[0]), literal(c.dilations[1]), literal(c.y[2]), literal(c.y[3])) +
                       fmt::format("      const I o = group * {0} + q;\n"
                                   "      sum += (double)a0[((n * {1} + o) * {2} + ys / {3}) * {4} + xs / {5}] * (double)a1[((o * {6} + ci % {6}) * {7} + kh) * {8} + kw];\n    }}\n"
                                   "    r0[i] = (T)sum;\n",
                                   literal(c.outputs_a_group), literal(c.y[1]), literal(c.y[2]), literal(c.strides[0]), literal(c.y[3]), literal(c.strides[1]),
                                   literal(c.inputs_a_group), c.weights[2], c.weights[3]));
}

/// A block for each weight.
void conv2d_backward_weights(const Writer& w) {
  const Convolution c = convolution_of(w, w.operand(0).shape, w.result().shape, w.operand(1).shape);
  const std::int64_t plane = c.y[2] * c.y[3];
  return w.blocks(c.weights.elements(),
                  fmt::format("    const I kw = g % {0}, kh = g / {0} % {1}, q = g / {2} % {3}, o = g / {4};\n    double own = 0.0;\n", literal(c.weights[3]),
                              literal(c.weights[2]), literal(c.weights[2] * c.weights[3]), literal(c.inputs_a_group),
                              literal(c.weights[1] * c.weights[2] * c.weights[3])) +
                      fmt::format("    for (I k = threadIdx.x; k < {0}; k += blockDim.x) {{\n      const I n = k / {1}, oh = k % {1} / {2}, ow = k % {2};\n",
                                  literal(c.y[0] * plane), literal(plane), literal(c.y[3])) +
                      fmt::format("      const I y = oh * {0} - {2} + kh * {4}, x = ow * {1} - {3} + kw * {5};\n      if (y < 0 || y >= {6} || x < 0 || x >= {7}) continue;\n",
                                  literal(c.strides[0]), literal(c.strides[1]), literal(c.padding[0]), literal(c.padding[2]), literal(c.dilations[0]),
                                  literal(c.dilations[1]), literal(c.x[2]), literal(c.x[3])) +
                      fmt::format("      own += (double)a0[((n * {0} + o / {1} * {2} + q) * {3} + y) * {4} + x] * (double)a1[((n * {5} + o) * {6} + oh) * {7} + ow];\n    }}\n",
                                  literal(c.x[1]), literal(c.outputs_a_group), literal(c.inputs_a_group), literal(c.x[2]), literal(c.x[3]), literal(c.y[1]),
                                  literal(c.y[2]), literal(c.y[3])) +
                      "    const double whole = block_sum(own, shared);\n    if (threadIdx.x == 0) r0[g] = (T)whole;\n");
}

}  // namespace

const std::map<std::string, Emit>& window_kernels() {
  static const std::map<std::string, Emit> kernels = {
      {"max_pool2d", max_pool2d}, {"max_pool2d_backward", max_pool2d_backward}, {"avg_pool2d", avg_pool2d},
      {"avg_pool2d_backward", avg_pool2d_backward}, {"resize2d", resize2d}, {"resize2d_backward", resize2d_backward},
      {"conv2d", conv2d}, {"conv2d_backward_data", conv2d_backward_data}, {"conv2d_backward_weights", conv2d_backward_weights},
  };
  return kernels;
}

}  // namespace generalizer::cuda
