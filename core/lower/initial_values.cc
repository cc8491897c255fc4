#include <cmath>
#include <numbers>

#include "generalizer/random.h"
#include "lower/steps.h"
#include "support/weight_file.h"

namespace generalizer {
namespace {

std::vector<double> normal_numbers(std::size_t count, const Philox& random) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    // 1 − u is in (0, 1], where the logarithm is finite.
    const double radius = std::sqrt(-2.0 * std::log(1.0 - random.uniform(2 * i)));
    values[i] = radius * std::cos(2.0 * std::numbers::pi * random.uniform(2 * i + 1));
  }
  return values;
}

/// Makes `count` vectors of `length` numbers, one after another, orthonormal: Gram–Schmidt in its modified form, twice over, which is exact to
/// rounding (Giraud, Langou, Rozložník, 2005, "The loss of orthogonality in the Gram-Schmidt orthogonalization process"). Of normal numbers it gives a
/// matrix uniform among the orthogonal ones, as the diagonal of its triangular factor is positive (Mezzadri, 2007).
void orthonormalise(std::vector<double>& vectors, std::size_t count, std::size_t length) {
  for (std::size_t i = 0; i < count; ++i) {
    double* v = vectors.data() + i * length;
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t j = 0; j < i; ++j) {
        const double* u = vectors.data() + j * length;
        double along = 0.0;
        for (std::size_t k = 0; k < length; ++k) along += u[k] * v[k];
        for (std::size_t k = 0; k < length; ++k) v[k] -= along * u[k];
      }
    }
    double square = 0.0;
    for (std::size_t k = 0; k < length; ++k) square += v[k] * v[k];
    for (std::size_t k = 0; k < length; ++k) v[k] /= std::sqrt(square);
  }
}

/// `gain` times a matrix (first extent × the rest) with orthonormal rows or columns, whichever are fewer.
std::vector<double> orthogonal_numbers(const Shape& shape, double gain, const Philox& random) {
  const auto count = static_cast<std::size_t>(shape.elements());
  const std::size_t rows = shape.rank() == 0 ? 1 : static_cast<std::size_t>(shape[0]);
  const std::size_t columns = count / rows;
  std::vector<double> vectors = normal_numbers(count, random);
  const bool by_rows = rows <= columns;
  orthonormalise(vectors, by_rows ? rows : columns, by_rows ? columns : rows);
  std::vector<double> values(count);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c)
      values[r * columns + c] = gain * vectors[by_rows ? r * columns + c : c * rows + r];
  }
  return values;
}

}  // namespace

namespace {

/// The layer that owns a variable "PLAYER/LAYER/kernel"; LAYER may hold "/" itself.
const LayerSpec* owner_of(const Graph& graph, const std::string& variable) {
  const std::size_t first = variable.find('/');
  const std::string player = variable.substr(0, first);
  const std::string layer = variable.substr(first + 1, variable.rfind('/') - first - 1);
  const auto in = [&](const Player& candidate) -> const LayerSpec* {
    if (candidate.name != player) return nullptr;
    const std::size_t index = candidate.find(layer);
    return index == GraphLayer::from_outside ? nullptr : candidate.layers[index].spec;
  };
  if (const LayerSpec* found = in(graph.classifier())) return found;
  for (const Player& decoder : graph.decoders()) {
    if (const LayerSpec* found = in(decoder)) return found;
  }
  return nullptr;
}

}  // namespace

void check_weight_files(const Graph& graph, const std::vector<VariableDeclaration>& variables) {
  std::vector<Diagnostic> found;
  for (const VariableDeclaration& variable : variables) {
    if (variable.initializer.kind != Initializer::Kind::file) continue;
    try {
      read_weight(variable.name, variable.type.shape, variable.initializer);
    } catch (const DataError& error) {
      const LayerSpec* layer = owner_of(graph, variable.name);
      found.push_back({layer == nullptr ? SourcePosition{} : layer->where,
                       variable.name + " can't begin as it should. " + error.what(), {}});
    }
  }
  if (!found.empty()) throw GraphError(std::move(found));
}

std::vector<double> initial_values(const VariableDeclaration& variable, std::uint64_t seed) {
  const Initializer& initializer = variable.initializer;
  const auto count = static_cast<std::size_t>(variable.type.shape.elements());
  const Philox random(seed, stream_of(variable.name.c_str()));
  switch (initializer.kind) {
    case Initializer::Kind::constant:
      return std::vector<double>(count, initializer.a);
    case Initializer::Kind::uniform: {
      std::vector<double> values(count);
      for (std::size_t i = 0; i < count; ++i)
        values[i] = initializer.a + (initializer.b - initializer.a) * random.uniform(i);
      return values;
    }
    case Initializer::Kind::normal: {
      std::vector<double> values = normal_numbers(count, random);
      for (double& value : values) value = initializer.a + initializer.b * value;
      return values;
    }
    case Initializer::Kind::orthogonal:
      return orthogonal_numbers(variable.type.shape, initializer.a, random);
    case Initializer::Kind::file:
      return read_weight(variable.name, variable.type.shape, initializer);
  }
  throw Error("the initializer of " + variable.name + " is of no known kind.");
}

}  // namespace generalizer
