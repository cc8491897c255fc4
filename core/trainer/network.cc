#include "trainer/network.h"

#include <cmath>
#include <cstring>

#include "generalizer/random.h"
#include "trainer/memory_check.h"

namespace generalizer {
namespace {

std::unique_ptr<Session> open_backend(const GraphSpec& spec, const Registry& registry) {
  const BackendType* type = registry.find_backend(spec.backend.type.text);
  if (type == nullptr) throw BackendError("the backend \"" + spec.backend.type.text + "\" is not loaded.");
  return type->open(spec.backend.parameters);
}

template <class T>
void store(std::vector<std::byte>& bytes, const std::vector<double>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const T value = static_cast<T>(values[i]);
    std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
  }
}

std::vector<std::byte> to_bytes(DType dtype, const std::vector<double>& values) {
  std::vector<std::byte> bytes(values.size() * size_of(dtype));
  switch (dtype) {
    case DType::f32:
      store<float>(bytes, values);
      break;
    case DType::f64:
      store<double>(bytes, values);
      break;
    case DType::i32:
      store<std::int32_t>(bytes, values);
      break;
    case DType::i64:
      store<std::int64_t>(bytes, values);
      break;
    case DType::u8:
      store<std::uint8_t>(bytes, values);
      break;
  }
  return bytes;
}

template <class T>
double load(std::span<const std::byte> bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return static_cast<double>(value);
}

double first_number(DType dtype, std::span<const std::byte> bytes) {
  switch (dtype) {
    case DType::f32:
      return load<float>(bytes);
    case DType::f64:
      return load<double>(bytes);
    case DType::i32:
      return load<std::int32_t>(bytes);
    case DType::i64:
      return load<std::int64_t>(bytes);
    case DType::u8:
      return load<std::uint8_t>(bytes);
  }
  return std::nan("");
}

}  // namespace

Network::Network(GraphSpec spec, DataShape data, const Registry& registry)
    : graph_(std::move(spec), std::move(data), registry),
      session_(open_backend(graph_.spec(), registry)),
      variables_(all_variables(graph_)) {
  check_memory(*session_, variables_);
  for (const VariableDeclaration& variable : variables_)
    session_->declare_variable(variable.name, variable.type);
}

void Network::initialize() {
  for (const VariableDeclaration& variable : variables_) {
    session_->write_variable(variable.name,
                             to_bytes(variable.type.dtype, initial_values(variable, graph_.spec().seed)));
  }
}

double Network::scalar(const std::string& variable) const {
  return first_number(session_->variables().at(variable).dtype, read(variable));
}

void Network::set_scalar(const std::string& variable, double value) {
  session_->write_variable(variable, to_bytes(session_->variables().at(variable).dtype, {value}));
}

void Network::set_values(const std::string& variable, const std::vector<double>& values) {
  session_->write_variable(variable, to_bytes(session_->variables().at(variable).dtype, values));
}

void Network::begin_anew(const std::string& player, std::uint64_t seed) {
  for (const VariableDeclaration& variable : variables_) {
    const bool learnt = variable.role == VariableRole::weight || variable.role == VariableRole::statistic ||
                        variable.role == VariableRole::moment || variable.role == VariableRole::step;
    if (learnt && variable.player == player) set_values(variable.name, initial_values(variable, seed));
  }
}

std::vector<std::byte> Network::read(const std::string& variable) const {
  std::vector<std::byte> bytes(static_cast<std::size_t>(session_->variables().at(variable).bytes()));
  session_->read_variable(variable, bytes);
  return bytes;
}

void set_batch(Executable& step, std::span<const std::byte> images, std::span<const std::byte> labels) {
  if (const auto index = step.program().find_input("image")) step.set_input(*index, images);
  if (const auto index = step.program().find_input("label")) step.set_input(*index, labels);
}

}  // namespace generalizer
