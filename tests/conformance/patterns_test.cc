#include "cases.h"
#include "catch.h"
#include "program/ops/definitions.h"

using namespace generalizer;
using namespace generalizer::test;

/// Programs of several ops: what backends fuse, where layouts meet, and where a fusion would lose something that somebody reads.
namespace {

void check(const Case& c) {
  const std::unique_ptr<Session> session = open_session();
  if (session != nullptr) check_case(*session, c);
}

using Activation = std::function<Tensor(const Tensor&)>;

const std::vector<std::pair<const char*, Activation>> activations = {
    {"no activation", [](const Tensor& x) { return x; }},
    {"relu", [](const Tensor& x) { return relu(x); }},
    {"leaky_relu", [](const Tensor& x) { return leaky_relu(x, 0.1); }},
    {"sigmoid", [](const Tensor& x) { return sigmoid(x); }},
    {"tanh", [](const Tensor& x) { return tanh(x); }},
};

const ConvolutionGeometry same{{1, 1}, {1, 1, 1, 1}, {1, 1}, 1};
const ConvolutionGeometry halving{{2, 2}, {1, 1, 1, 1}, {1, 1}, 1};

}  // namespace

TEST_CASE("A dense layer with bias and activation, and its gradients") {
  for (const auto& [name, activation] : activations) {
    for (const std::int64_t batch : {1, 5, 32}) {
      check({name + (", batch " + std::to_string(batch)), [&, batch](CaseBuilder& b) {
               const Tensor x = b.uniform({batch, 17});
               const Tensor weights = b.uniform({17, 10});
               const Tensor bias = b.uniform({10});
               const Tensor y = activation(bias_add(matmul(x, weights), bias));
               const Tensor loss = b.loss(y);
               b.output(y);
               b.output(loss);
               b.output_gradients(loss, {x, weights, bias});
             }});
    }
  }
}

TEST_CASE("A convolution with bias and activation, and its gradients") {
  for (const auto& [name, activation] : activations) {
    for (const std::int64_t channels : {1, 3, 32}) {
      check({name + (", channels " + std::to_string(channels)), [&, channels](CaseBuilder& b) {
               const Tensor x = b.uniform({2, channels, 7, 6});
               const Tensor weights = b.uniform({17, channels, 3, 3});
               const Tensor bias = b.uniform({17});
               const Tensor y = activation(bias_add(conv2d(x, weights, same), bias));
               const Tensor loss = b.loss(y);
               b.output(y);
               b.output(loss);
               b.output_gradients(loss, {x, weights, bias});
             }});
    }
  }
}

TEST_CASE("A transposed convolution with bias and activation, and its gradients") {
  for (const auto& [name, activation] : activations) {
    check({name, [&](CaseBuilder& b) {
             const Tensor x = b.uniform({2, 8, 5, 5});
             const Tensor weights = b.uniform({8, 3, 4, 4});
             const Tensor bias = b.uniform({3});
             const Tensor y = activation(bias_add(conv2d_backward_data(x, weights, halving, {10, 10}), bias));
             const Tensor loss = b.loss(y);
             b.output(y);
             b.output_gradients(loss, {x, weights, bias});
           }});
  }
}

TEST_CASE("What stands between fused ops is still there for whoever reads it") {
  check({"outputs of a convolution, its bias and its activation", [](CaseBuilder& b) {
           const Tensor convolved = conv2d(b.uniform({2, 3, 6, 5}), b.uniform({9, 3, 3, 3}), same);
           const Tensor biased = bias_add(convolved, b.uniform({9}));
           const Tensor active = relu(biased);
           for (const Tensor& t : {convolved, biased, active}) b.output(t);
         }});
  check({"outputs of a product, its bias and its activation", [](CaseBuilder& b) {
           const Tensor product = matmul(b.uniform({4, 7}), b.uniform({7, 5}));
           const Tensor biased = bias_add(product, b.uniform({5}));
           for (const Tensor& t : {product, biased, relu(biased)}) b.output(t);
         }});
  check({"one convolution under two activations", [](CaseBuilder& b) {
           const Tensor biased =
               bias_add(conv2d(b.uniform({2, 3, 6, 5}), b.uniform({9, 3, 3, 3}), same), b.uniform({9}));
           b.output(relu(biased));
           b.output(sigmoid(biased));
         }});
  check({"one convolution under two biases", [](CaseBuilder& b) {
           const Tensor convolved = conv2d(b.uniform({2, 3, 6, 5}), b.uniform({9, 3, 3, 3}), same);
           b.output(relu(bias_add(convolved, b.uniform({9}))));
           b.output(relu(bias_add(convolved, b.uniform({9}))));
         }});
  check({"a bias that another op makes", [](CaseBuilder& b) {
           const Tensor x = b.uniform({2, 3, 6, 5});
           const Tensor convolved = conv2d(x, b.uniform({9, 3, 3, 3}), same);
           b.output(bias_add(convolved, channel_sum(convolved)));
         }});
  check({"bias and activation of a program's input", [](CaseBuilder& b) {
           b.output(relu(bias_add(b.uniform({2, 17, 3, 3}), b.uniform({17}))));
           b.output(relu(b.uniform({2, 17, 3, 3})));
         }});
}

TEST_CASE("A value with several readers keeps what each of them needs") {
  check({"an activation that is overwritten nowhere", [](CaseBuilder& b) {
           const Tensor x = b.uniform({3, 17});
           const Tensor y = relu(x);
           b.output(y + x);
           b.output(x * y);
           b.output(exp(y));
         }});
  check({"a tap with two heads", [](CaseBuilder& b) {
           const Tensor x = b.uniform({4, 12});
           const Tensor weights = b.uniform({12, 9});
           const Tensor tap = relu(matmul(x, weights));
           const Tensor logits = matmul(tap, b.uniform({9, 3}));
           const Tensor pixels = sigmoid(matmul(tap, b.uniform({9, 12})));
           const Tensor loss =
               softmax_cross_entropy(logits, b.labels(4, 3))[0] - 2.0 * mean_squared_error(pixels, x);
           b.output(loss);
           b.output_gradients(loss, {weights, tap});
         }});
  check({"a skip connection around two convolutions", [](CaseBuilder& b) {
           const Tensor x = b.uniform({2, 8, 5, 7});
           const Tensor w1 = b.uniform({8, 8, 3, 3}, -0.3, 0.3);
           const Tensor w2 = b.uniform({8, 8, 3, 3}, -0.3, 0.3);
           const Tensor y = relu(conv2d(relu(conv2d(x, w1, same)), w2, same) + x);
           b.output(y);
           b.output_gradients(b.loss(y), {x, w1, w2});
         }});
  check({"weights that two convolutions of different sizes share", [](CaseBuilder& b) {
           const Tensor weights = b.uniform({5, 3, 3, 3});
           const Tensor a = conv2d(b.uniform({2, 3, 8, 8}), weights, same);
           const Tensor c = conv2d(b.uniform({2, 3, 9, 9}), weights, halving);
           const Tensor loss = b.loss(a) + b.loss(c);
           b.output(loss);
           b.output_gradients(loss, {weights});
         }});
  check({"a chain that may be computed in place throughout", [](CaseBuilder& b) {
           Tensor x = b.uniform({5, 31}, 0.25, 1.0);
           for (int i = 0; i < 3; ++i) x = sqrt(affine(square(relu(x)), 0.5, 0.25));
           b.output(x);
         }});
}

TEST_CASE("What a fused op reads stays until it is read") {
  for (const bool tanh_first : {false, true}) {
    check({"a tanh between a batch normalisation and its relu", [=](CaseBuilder& b) {
             const Tensor kernel = b.variable("kernel", {16, 3, 3, 3});
             const Tensor scale = b.variable("scale", {16}, 0.5, 1.5);
             const Tensor shift = b.variable("shift", {16});
             const Tensor convolved = conv2d(b.uniform({2, 3, 6, 6}), kernel, same);
             const Tensor normal = batch_norm(convolved, scale, shift, 1e-3)[0];
             const Tensor side = tanh(convolved);
             const Tensor main = relu(normal);
             const Tensor sum = tanh_first ? side + main : main + side;
             const Tensor loss = b.loss(reshape(sum, {2, 16 * 36}));
             b.output(loss);
             b.output_gradients(loss, {kernel, scale, shift});
           }});
  }
  check({"the gradient of a relu that waits for its batch normalisation", [](CaseBuilder& b) {
           const Tensor x = b.uniform({4, 9});
           const Tensor scale = b.uniform({9}, 0.5, 1.5);
           const std::vector<Tensor> normal = batch_norm(x, scale, b.uniform({9}), 1e-3);
           const Tensor y = relu(normal[0]);
           const Tensor dy = affine(b.uniform({4, 9}), 2.0, 0.5);
           const Tensor masked = relu_backward(dy, y);
           b.output(square(dy));  // may take the place of dy only if nobody reads it later
           b.output(exp(y));
           for (const Tensor& made : batch_norm_backward(masked, x, normal[1], normal[2], scale, 1e-3))
             b.output(made);
         }});
  check({"a relu's gradient of variables that get new values meanwhile", [](CaseBuilder& b) {
           const Tensor x = b.uniform({4, 9});
           const Tensor scale = b.uniform({9}, 0.5, 1.5);
           const std::vector<Tensor> normal = batch_norm(x, scale, b.uniform({9}), 1e-3);
           const Tensor dy = b.variable("dy", {4, 9});
           const Tensor y = b.variable("y", {4, 9});
           const Tensor masked = relu_backward(dy, y);
           b.program().assign(dy.id(), affine(dy, 3.0, 1.0).id());
           b.program().assign(y.id(), affine(y, -1.0, 0.0).id());
           for (const Tensor& made : batch_norm_backward(masked, x, normal[1], normal[2], scale, 1e-3))
             b.output(made);
         }});
  check({"a bias gradient that is itself the bias of an earlier convolution", [](CaseBuilder& b) {
           const Tensor x = b.uniform({2, 3, 5, 5});
           const Tensor dy = b.uniform({2, 4, 5, 5});
           const Tensor sum = channel_sum(dy);
           const Tensor convolved = conv2d(x, b.uniform({4, 3, 3, 3}), same);
           b.output(conv2d_backward_weights(x, dy, same, {3, 3}));
           b.output(relu(bias_add(convolved, sum)));
           b.output(sum);
         }});
}

TEST_CASE("Images become rows and rows images, whatever layout an image has") {
  check({"a convolution, flattened, into a dense layer", [](CaseBuilder& b) {
           const Tensor x = b.uniform({3, 3, 5, 4});
           const Tensor kernel = b.uniform({17, 3, 3, 3});
           const Tensor weights = b.uniform({17 * 3 * 2, 5}, -0.2, 0.2);
           const Tensor y = matmul(reshape(relu(conv2d(x, kernel)), {3, 17 * 3 * 2}), weights);
           b.output(y);
           b.output_gradients(b.loss(y), {x, kernel, weights});
         }});
  check({"a dense layer, folded, into a transposed convolution", [](CaseBuilder& b) {
           const Tensor x = b.uniform({3, 6});
           const Tensor weights = b.uniform({6, 16 * 3 * 3});
           const Tensor kernel = b.uniform({16, 2, 4, 4}, -0.3, 0.3);
           const Tensor y = conv2d_backward_data(reshape(relu(matmul(x, weights)), {3, 16, 3, 3}), kernel,
                                                 halving, {6, 6});
           b.output(y);
           b.output_gradients(b.loss(y), {x, weights, kernel});
         }});
  check({"a convolution to a product and back to a convolution", [](CaseBuilder& b) {
           const Tensor x = b.uniform({2, 3, 4, 4});
           const Tensor first = b.uniform({8, 3, 3, 3});
           const Tensor middle = b.uniform({128, 128}, -0.1, 0.1);
           const Tensor second = b.uniform({5, 8, 3, 3});
           const Tensor rows = matmul(reshape(conv2d(x, first, same), {2, 128}), middle);
           const Tensor y = conv2d(reshape(rows, {2, 8, 4, 4}), second, same);
           b.output(y);
           b.output_gradients(b.loss(y), {x, first, middle, second});
         }});
  check({"slices, concatenation, padding and transposition of convolutions", [](CaseBuilder& b) {
           const Tensor x = b.uniform({2, 3, 5, 5});
           const Tensor left = conv2d(x, b.uniform({8, 3, 3, 3}), same);
           const Tensor right = conv2d(x, b.uniform({5, 3, 1, 1}));
           const Tensor both = concat(std::vector{left, right}, 1);
           const Tensor kernel = b.uniform({4, 7, 3, 3});
           const Tensor y = conv2d(pad(slice(both, 1, 3, 10), 2, 1, 1), kernel);
           b.output(transpose(y, {0, 2, 3, 1}));
           b.output(reduce_mean(both, {2, 3}));
           b.output_gradients(b.loss(y), {x, left, kernel});
         }});
  check({"a view of an input, of a variable and of a view", [](CaseBuilder& b) {
           b.output(reshape(b.uniform({2, 6}), {3, 4}));
           b.output(reshape(reshape(b.variable("a variable that is viewed", {4, 3}), {12}), {2, 6}));
           b.output(relu(reshape(stop_gradient(b.uniform({2, 2})), {4})));
         }});
}

TEST_CASE("A pool's gradient reads the workspace that its forward pass wrote") {
  for (const PoolingGeometry& geometry : {PoolingGeometry{}, PoolingGeometry{{3, 3}, {2, 2}, {1, 1, 1, 1}}}) {
    check({"after a convolution", [&](CaseBuilder& b) {
             const Tensor x = b.uniform({2, 3, 8, 8});
             const Tensor kernel = b.uniform({17, 3, 3, 3});
             const Tensor y = max_pool2d(relu(conv2d(x, kernel, same)), geometry)[0];
             b.output(y);
             b.output_gradients(b.loss(y), {x, kernel});
           }});
    check({"two pools one after the other", [&](CaseBuilder& b) {
             const Tensor x = b.uniform({2, 5, 13, 12});
             const Tensor y = max_pool2d(max_pool2d(x, geometry)[0], geometry)[0];
             b.output(y);
             b.output_gradients(b.loss(y), {x});
           }});
  }
  check({"mean pools", [](CaseBuilder& b) {
           const Tensor x = b.uniform({2, 3, 8, 8});
           const Tensor kernel = b.uniform({17, 3, 3, 3});
           const Tensor y = avg_pool2d(conv2d(x, kernel, same), {}, false);
           b.output(y);
           b.output_gradients(b.loss(y), {x, kernel});
         }});
}

TEST_CASE("A block of convolution, batch normalisation, activation and pool, and its gradients") {
  check({"two blocks and a classifier", [](CaseBuilder& b) {
           const Tensor x = b.uniform({4, 1, 12, 12}, 0.0, 1.0);
           std::vector<Tensor> weights = {x};
           const auto weight = [&](Shape shape, double low, double high) {
             weights.push_back(b.uniform(std::move(shape), low, high));
             return weights.back();
           };
           const auto block = [&](const Tensor& in, std::int64_t channels) {
             const Tensor convolved = conv2d(in, weight({channels, in.dim(1), 3, 3}, -0.4, 0.4), same);
             const Tensor scale = weight({channels}, 0.5, 1.5);
             const std::vector<Tensor> normal =
                 batch_norm(convolved, scale, weight({channels}, -0.5, 0.5), 1e-3);
             b.output(normal[1]);
             b.output(normal[2]);
             return max_pool2d(relu(normal[0]), {})[0];
           };
           const Tensor features = block(block(x, 8), 16);  // 4×16×3×3
           const Tensor rows = reshape(features, {4, 144});
           const Tensor logits = bias_add(matmul(rows, weight({144, 5}, -0.2, 0.2)), weight({5}, -0.1, 0.1));
           const Tensor loss = softmax_cross_entropy(logits, b.labels(4, 5))[0];
           b.output(loss);
           b.output_gradients(loss, weights);
         }});
  check({"in evaluation, with given statistics", [](CaseBuilder& b) {
           const Tensor x = b.uniform({2, 3, 6, 6});
           const Tensor kernel = b.uniform({17, 3, 3, 3});
           const Tensor scale = b.uniform({17}, 0.5, 1.5);
           const Tensor shift = b.uniform({17});
           const Tensor mean = b.uniform({17});
           const Tensor y = relu(batch_norm_inference(conv2d(x, kernel, same), scale, shift, mean,
                                                      b.uniform({17}, 0.5, 2.0), 1e-3));
           b.output(y);
           b.output_gradients(b.loss(y), {x, kernel, scale, shift});
         }});
}

TEST_CASE("Dropout's mask is the same numbers on every backend") {
  check({"after a dense layer", [](CaseBuilder& b) {
           const Tensor x = b.uniform({8, 17});
           const Tensor weights = b.uniform({17, 33});
           const Tensor active = relu(matmul(x, weights));
           const Tensor random = random_uniform(b.numbers(DType::i64, {}, {41}), active.type(), 3, 9);
           const Tensor mask = greater_equal(random, 0.25) * (1.0 / 0.75);
           const Tensor y = active * mask;
           b.output(mask);
           b.output(y);
           b.output_gradients(b.loss(y), {x, weights});
         }});
}

TEST_CASE("A program may have no node, no output, or one output under two names") {
  check({"an input as output", [](CaseBuilder& b) { b.output(b.uniform({2, 3})); }, true});
  check({"a variable as output",
         [](CaseBuilder& b) {
           b.output(b.variable("a variable that is shown", {2, 3}));
         },
         true});
  check({"one value as two outputs",
         [](CaseBuilder& b) {
           const Tensor y = relu(b.uniform({2, 3}));
           b.output(y);
           b.output(y);
         },
         true});
  check({"an operand given twice", [](CaseBuilder& b) {
           const Tensor x = b.uniform({5, 5});
           b.output(matmul(x, x, false, true));
           b.output(mean_squared_error(x, x));
         }});
}
