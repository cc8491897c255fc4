#include "kernels/losses.h"

#include "kernels/parallel.h"
#include "kernels/reduce.h"
#include "lower/lower.h"

namespace generalizer::onednn {

namespace {

SoftmaxShape softmax_shape(const Shape& shape, std::int64_t axis) {
  SoftmaxShape result;
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    (at < axis ? result.outer : at == axis ? result.extent : result.inner) *= shape[i];
  }
  return result;
}

}  // namespace

void lower_softmax(Lowering& lowering, const Node& node, NodeId) {
  const Located x = lowering.read_plain(node.inputs[0]);
  const Located y = lowering.write_plain(node.outputs[0]);
  const SoftmaxShape shape = softmax_shape(lowering.shape(node.inputs[0]), node.attributes.integer("axis"));
  lowering.emit({x.buffer, y.buffer},
                [=, x = x.buffer, y = y.buffer](const Pointers& at) { softmax(shape, at.at(x), at.at(y)); });
}

void lower_softmax_backward(Lowering& lowering, const Node& node, NodeId) {
  const Located dy = lowering.read_plain(node.inputs[0]);
  const Located y = lowering.read_plain(node.inputs[1]);
  const Located dx = lowering.write_plain(node.outputs[0]);
  const SoftmaxShape shape = softmax_shape(lowering.shape(node.inputs[0]), node.attributes.integer("axis"));
  lowering.emit({dy.buffer, y.buffer, dx.buffer},
                [=, dy = dy.buffer, y = y.buffer, dx = dx.buffer](const Pointers& at) {
                  softmax_backward(shape, at.at(dy), at.at(y), at.at(dx));
                });
}

void lower_softmax_cross_entropy(Lowering& lowering, const Node& node, NodeId) {
  const Located logits = lowering.read_plain(node.inputs[0]);
  const Located labels = lowering.read_plain(node.inputs[1]);
  const Located loss = lowering.write_plain(node.outputs[0]);
  const Located probabilities = lowering.write_plain(node.outputs[1]);
  const Shape& shape = lowering.shape(node.inputs[0]);
  const std::int64_t rows = shape[0];
  const std::int64_t classes = shape[1];
  const BufferId work = lowering.scratch(rows * 8);
  lowering.emit({logits.buffer, labels.buffer, loss.buffer, probabilities.buffer, work},
                [=, logits = logits.buffer, labels = labels.buffer, loss = loss.buffer,
                 probabilities = probabilities.buffer](const Pointers& at) {
                  softmax_cross_entropy(rows, classes, at.at(logits), at.at<std::int32_t>(labels),
                                        at.at<double>(work), at.at(loss), at.at(probabilities));
                });
}

void lower_softmax_cross_entropy_backward(Lowering& lowering, const Node& node, NodeId) {
  const Located dloss = lowering.read_plain(node.inputs[0]);
  const Located probabilities = lowering.read_plain(node.inputs[1]);
  const Located labels = lowering.read_plain(node.inputs[2]);
  const Located dlogits = lowering.write_plain(node.outputs[0]);
  const Shape& shape = lowering.shape(node.outputs[0]);
  const std::int64_t rows = shape[0];
  const std::int64_t classes = shape[1];
  lowering.emit({dloss.buffer, probabilities.buffer, labels.buffer, dlogits.buffer},
                [=, dloss = dloss.buffer, probabilities = probabilities.buffer, labels = labels.buffer,
                 dlogits = dlogits.buffer](const Pointers& at) {
                  const float scale = *at.at(dloss) / static_cast<float>(rows);
                  softmax_cross_entropy_backward(rows, classes, scale, at.at(probabilities),
                                                 at.at<std::int32_t>(labels), at.at(dlogits));
                });
}

void lower_mean_squared_error(Lowering& lowering, const Node& node, NodeId) {
  const Descriptor own = lowering.layout(node.inputs[0]);
  const Descriptor layout = is_padded(own) ? plain(lowering.type(node.inputs[0])) : own;
  const Located prediction = lowering.read(node.inputs[0], layout);
  const Located target = lowering.read(node.inputs[1], layout);
  const Located loss = lowering.write_plain(node.outputs[0]);
  const std::int64_t count = prediction.floats();
  lowering.emit(
      {prediction.buffer, target.buffer, loss.buffer},
      [=, prediction = prediction.buffer, target = target.buffer, loss = loss.buffer](const Pointers& at) {
        const double sum = sum_of_squared_differences(at.at(prediction), at.at(target), count);
        *at.at(loss) = static_cast<float>(sum / static_cast<double>(count));
      });
}

void lower_mean_squared_error_backward(Lowering& lowering, const Node& node, NodeId) {
  const Descriptor layout = lowering.layout(node.inputs[1]);
  const Located dloss = lowering.read_plain(node.inputs[0]);
  const Located prediction = lowering.read(node.inputs[1], layout);
  const Located target = lowering.read(node.inputs[2], layout);
  const Located gradient =
      lowering.write_over(node.outputs[0], layout, {{node.inputs[1], prediction}, {node.inputs[2], target}});
  const std::int64_t count = gradient.floats();
  const auto elements = static_cast<float>(lowering.shape(node.outputs[0]).elements());
  lowering.emit({dloss.buffer, prediction.buffer, target.buffer, gradient.buffer},
                [=, dloss = dloss.buffer, prediction = prediction.buffer, target = target.buffer,
                 gradient = gradient.buffer](const Pointers& at) {
                  const float scale = 2.0F * *at.at(dloss) / elements;
                  parallel_range(count, [&](std::int64_t begin, std::int64_t end) {
                    scaled_difference_loop(at.at(prediction) + begin, at.at(target) + begin, scale,
                                           at.at(gradient) + begin, end - begin);
                  });
                });
}

void lower_count_correct(Lowering& lowering, const Node& node, NodeId) {
  const Located logits = lowering.read_plain(node.inputs[0]);
  const Located labels = lowering.read_plain(node.inputs[1]);
  const Located count = lowering.write_plain(node.outputs[0]);
  const Shape& shape = lowering.shape(node.inputs[0]);
  const std::int64_t rows = shape[0];
  const std::int64_t classes = shape[1];
  lowering.emit(
      {logits.buffer, labels.buffer, count.buffer},
      [=, logits = logits.buffer, labels = labels.buffer, count = count.buffer](const Pointers& at) {
        *at.at(count) =
            static_cast<float>(count_correct(rows, classes, at.at(logits), at.at<std::int32_t>(labels)));
      });
}

}  // namespace generalizer::onednn
