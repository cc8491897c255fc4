#include "graph/layer_builder.h"

#include <algorithm>
#include <new>

#include "generalizer/random.h"

namespace generalizer {
namespace {

/// `32×7680 from "flatten" (flatten) and 32×10 from the image`
std::string fed_with(const std::vector<LayerInput>& inputs) {
  std::string text;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (i > 0) text += i + 1 == inputs.size() ? " and " : ", ";
    text += inputs[i].value.shape().to_string() + " from " + inputs[i].from;
  }
  return text.empty() ? "no input" : text;
}

class Builder final : public LayerBuilder {
 public:
  Builder(const LayerContext& context, const LayerSpec& spec, const std::vector<LayerInput>& inputs)
      : context_(context), spec_(spec), sources_(inputs) {
    for (const LayerInput& input : inputs) inputs_.push_back(input.value);
  }

  std::span<const Tensor> inputs() const override { return inputs_; }
  const Parameters& parameters() const override { return spec_.parameters; }
  bool training() const override { return context_.training; }
  bool frozen() const override { return spec_.freeze; }
  Program& program() override { return context_.program; }

  Tensor weight(const std::string& name, const Shape& shape, const Initializer& initializer) override {
    return variable(name, shape, initializer, true);
  }

  Tensor statistic(const std::string& name, const Shape& shape, double initial_value) override {
    return variable(name, shape, constant(initial_value), false);
  }

  void update_statistic(const Tensor& statistic, const Tensor& next) override {
    built_.statistic_updates.emplace_back(statistic, next);
  }

  void add_penalty(const Tensor& penalty) override {
    if (!penalty.defined() || penalty.type() != TensorType{context_.floating, {}}) {
      blame_plugin("its type adds a penalty of " + (penalty.defined() ? to_string(penalty.type()) : std::string("nothing")) +
                   " where one number is needed");
    }
    built_.penalties.push_back(penalty);
  }

  Tensor random_uniform(const Shape& shape) override {
    const auto [step, stream] = random_source();
    return generalizer::random_uniform(step, {context_.floating, shape}, context_.seed, stream);
  }

  Tensor random_normal(const Shape& shape) override {
    const auto [step, stream] = random_source();
    return generalizer::random_normal(step, {context_.floating, shape}, context_.seed, stream);
  }

  [[noreturn]] void fail(const std::string& message, const std::string& hint) const override {
    throw GraphError(spec_.where, whole(message), hint);
  }

  [[noreturn]] void fail_at(const std::string& parameter, const std::string& message,
                            const std::string& hint) const override {
    const SourcePosition where =
        spec_.parameters.has(parameter) ? spec_.parameters.where(parameter) : SourcePosition{};
    throw GraphError(where.known() ? where : spec_.where, whole(message), hint);
  }

  [[noreturn]] void blame_plugin(const std::string& message) const {
    throw PluginFault(spec_.where, whole(message), "report this to whoever made the layer type");
  }

  BuiltLayer take(Tensor output) {
    built_.output = output;
    return std::move(built_);
  }

 private:
  /// The step that random numbers change with, and a stream of their own: one a stepping player, layer and call, so that a classifier's and a
  /// decoder's step draw apart.
  std::pair<Tensor, std::uint64_t> random_source() {
    const Tensor step(context_.program,
                      context_.program.add_variable(context_.step_variable, {DType::i64, {}}));
    const std::string stream = context_.stepping + "/" + context_.player + "/" + spec_.name.text + "/" +
                               std::to_string(random_calls_++);
    return {step, stream_of(stream.c_str())};
  }

  std::string whole(const std::string& message) const {
    return "layer " + describe(spec_) + " takes " + fed_with(sources_) + ": " + message;
  }

  Tensor variable(const std::string& local_name, const Shape& shape, const Initializer& initializer,
                  bool trained) {
    const std::string name = context_.player + "/" + spec_.name.text + "/" + local_name;
    const Tensor value(context_.program, context_.program.add_variable(name, {context_.floating, shape}));
    const auto known = std::find_if(built_.variables.begin(), built_.variables.end(),
                                    [&](const LayerVariable& v) { return v.name == name; });
    if (known == built_.variables.end()) built_.variables.push_back({name, value, trained, initializer});
    return value;
  }

  const LayerContext& context_;
  const LayerSpec& spec_;
  const std::vector<LayerInput>& sources_;
  std::vector<Tensor> inputs_;
  BuiltLayer built_;
  int random_calls_ = 0;
};

/// An op's refusal begins with the scope that the message names in its own way.
std::string without_scope(const std::string& message, const std::string& scope) {
  const std::string prefix = scope + ": ";
  return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

}  // namespace

BuiltLayer build_layer(const LayerContext& context, const LayerSpec& spec, const LayerType& type,
                       const std::vector<LayerInput>& inputs) {
  const std::string scope = context.player + "/" + spec.name.text;
  context.program.set_scope(scope);
  Builder builder(context, spec, inputs);
  Tensor output;
  try {
    output = type.build(builder);
  } catch (const GraphError&) {
    throw;
  } catch (const Error& error) {
    builder.fail(without_scope(error.what(), scope), "");
  } catch (const std::bad_alloc&) {
    throw;  // memory that is used up is nobody's layer's fault
  } catch (const std::exception& error) {
    builder.blame_plugin(std::string("its type's plugin failed: ") + error.what());
  } catch (...) {
    builder.blame_plugin("its type's plugin failed and doesn't say why: it threw something that is no std::exception");
  }
  if (!output.defined() || &output.program() != &context.program) {
    builder.blame_plugin("its type's plugin built no output");
  }
  return builder.take(output);
}

std::string describe(const LayerSpec& layer) {
  return "\"" + layer.name.text + "\" (" + layer.type.text + ")";
}

std::string shape_without_batch(const Shape& shape) {
  if (shape.rank() < 2) return "1";
  return Shape(std::vector<std::int64_t>(shape.begin() + 1, shape.end())).to_string();
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += "\"" + names[i] + "\"";
  }
  return text;
}

}  // namespace generalizer
