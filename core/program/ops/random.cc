#include "generalizer/random.h"

#include <array>
#include <bit>
#include <cmath>
#include <numbers>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/movement.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const TensorType& step = signature.inputs[0];
  if (step != TensorType{DType::i64, {}}) {
    throw Error("the step is " + to_string(step) + " and must be i64[scalar]");
  }
  const DType dtype = ops::dtype_attribute(signature.attributes);
  if (!is_floating(dtype))
    throw Error(std::string("the dtype is ") + name_of(dtype) + " and must be f32 or f64");
  signature.attributes.integer("seed");
  signature.attributes.integer("stream");
  return {{dtype, ops::shape_attribute(signature.attributes)}};
}

/// Fills the output with `element(random, i)`.
template <class Element>
void generate(const KernelContext& context, Element element) {
  const HostTensor& y = context.outputs[0];
  const auto seed = std::bit_cast<std::uint64_t>(context.attributes.integer("seed"));
  const auto stream = std::bit_cast<std::uint64_t>(context.attributes.integer("stream"));
  const auto step = std::bit_cast<std::uint64_t>(*context.inputs[0].as<const std::int64_t>());
  const Philox random(seed, mix_streams(stream, step));
  dispatch_floating(y.type.dtype, [&]<class T>(T) {
    T* to = y.as<T>();
    for (std::int64_t i = 0, n = y.type.shape.elements(); i < n; ++i) {
      to[i] = static_cast<T>(element(random, static_cast<std::uint64_t>(i)));
    }
  });
}

double normal(const Philox& random, std::uint64_t i) {
  // 1 − u is in (0, 1], where the logarithm is finite.
  const double radius = std::sqrt(-2.0 * std::log(1.0 - random.uniform(2 * i)));
  return radius * std::cos(2.0 * std::numbers::pi * random.uniform(2 * i + 1));
}

OpDefinition generator(const char* name, const char* summary, ReferenceKernel reference) {
  return {.name = name,
          .summary = summary,
          .input_names = {"step"},
          .output_names = {"y"},
          .infer = infer,
          .gradient = {},
          .reference = std::move(reference),
          .flops = ops::no_flops,
          .in_place = {},
          .view = false,
          .workspaces = {}};
}

Tensor apply_generator(const OpDefinition& op, const Tensor& step, const TensorType& type, std::uint64_t seed,
                       std::uint64_t stream) {
  return generalizer::apply(op, std::array{step},
                            {{"dtype", std::string(name_of(type.dtype))},
                             {"shape", ops::attribute_of(type.shape)},
                             {"seed", std::bit_cast<std::int64_t>(seed)},
                             {"stream", std::bit_cast<std::int64_t>(stream)}});
}

}  // namespace

const OpDefinition& ops::random_uniform() {
  static const OpDefinition definition = generator(
      "random_uniform", "Random numbers in [0, 1), a function of seed, stream, step and position alone.",
      [](const KernelContext& context) {
        generate(context, [](const Philox& random, std::uint64_t i) { return random.uniform(i); });
      });
  return definition;
}

const OpDefinition& ops::random_normal() {
  static const OpDefinition definition =
      generator("random_normal",
                "Standard normal random numbers, a function of seed, stream, step and position alone.",
                [](const KernelContext& context) { generate(context, normal); });
  return definition;
}

Tensor random_uniform(const Tensor& step, const TensorType& type, std::uint64_t seed, std::uint64_t stream) {
  return apply_generator(ops::random_uniform(), step, type, seed, stream);
}

Tensor random_normal(const Tensor& step, const TensorType& type, std::uint64_t seed, std::uint64_t stream) {
  return apply_generator(ops::random_normal(), step, type, seed, stream);
}

}  // namespace generalizer
