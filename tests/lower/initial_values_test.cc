#include <cmath>
#include <fstream>

#include "catch.h"
#include "lower/steps.h"
#include "support/networks.h"
#include "support/safetensors.h"
#include "support/temporary_folder.h"

using namespace generalizer;
using generalizer::testing::TemporaryFolder;


namespace {

VariableDeclaration weight(Shape shape, Initializer initializer) {
  return {"classifier/fc/kernel", {DType::f32, std::move(shape)}, VariableRole::weight, "classifier", std::move(initializer)};
}

/// Largest deviation of the products of rows (or columns) of a matrix from gain²·(the identity).
double unorthogonality(const std::vector<double>& m, std::size_t rows, std::size_t columns, bool by_rows, double gain) {
  double worst = 0.0;
  const std::size_t count = by_rows ? rows : columns;
  const std::size_t length = by_rows ? columns : rows;
  const auto at = [&](std::size_t vector, std::size_t k) { return by_rows ? m[vector * columns + k] : m[k * columns + vector]; };
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < count; ++j) {
      double product = 0.0;
      for (std::size_t k = 0; k < length; ++k) product += at(i, k) * at(j, k);
      worst = std::max(worst, std::abs(product - (i == j ? gain * gain : 0.0)));
    }
  }
  return worst;
}

void write_text(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string npy(const std::string& header, const std::vector<double>& numbers) {
  std::string text = std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header;
  text.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(double));
  return text;
}

Initializer from_file(const std::filesystem::path& path, const std::string& tensor = {}) {
  Initializer initializer{Initializer::Kind::file};
  initializer.file = path.string();
  initializer.tensor = tensor;
  return initializer;
}

}  // namespace

TEST_CASE("an orthogonal weight has orthonormal rows or columns, whichever are fewer, times its gain") {
  CHECK(unorthogonality(initial_values(weight({5, 9}, orthogonal(2.0)), 1), 5, 9, true, 2.0) < 1e-12);
  CHECK(unorthogonality(initial_values(weight({9, 5}, orthogonal()), 1), 9, 5, false, 1.0) < 1e-12);
  CHECK(unorthogonality(initial_values(weight({8, 2, 3, 3}, orthogonal()), 2), 8, 18, true, 1.0) < 1e-12);
}

TEST_CASE("the scaled initializers have the deviations of their papers") {
  const auto deviation = [](const Initializer& initializer) {
    const std::vector<double> values = initial_values(weight({200, 100}, initializer), 3);
    double square = 0.0;
    for (const double v : values) square += v * v;
    return std::sqrt(square / static_cast<double>(values.size()));
  };
  CHECK(deviation(glorot_normal(30, 50)) == Approx(std::sqrt(2.0 / 80)).epsilon(0.02));
  CHECK(deviation(glorot_uniform(30, 50)) == Approx(std::sqrt(2.0 / 80)).epsilon(0.02));
  CHECK(deviation(he_normal(50)) == Approx(std::sqrt(2.0 / 50)).epsilon(0.02));
  CHECK(deviation(he_uniform(50)) == Approx(std::sqrt(2.0 / 50)).epsilon(0.02));
  CHECK(deviation(lecun_normal(50)) == Approx(std::sqrt(1.0 / 50)).epsilon(0.02));
  CHECK(deviation(lecun_uniform(50)) == Approx(std::sqrt(1.0 / 50)).epsilon(0.02));
}

TEST_CASE("a weight begins as a file's tensor, called by its name or like the weight") {
  const TemporaryFolder folder;
  const std::vector<float> numbers{1, 2, 3, 4, 5, 6};
  const auto* bytes = reinterpret_cast<const std::byte*>(numbers.data());
  const std::filesystem::path path = folder.path() / "w.safetensors";
  write_safetensors(path, {{}, {{"fc/kernel", {DType::f32, {2, 3}}, {bytes, bytes + 24}}}});
  const std::vector<double> expected{1, 2, 3, 4, 5, 6};
  CHECK(initial_values(weight({2, 3}, from_file(path)), 0) == expected);
  CHECK(initial_values(weight({2, 3}, from_file(path, "fc/kernel")), 0) == expected);
  CHECK_THROWS_WITH(initial_values(weight({3, 2}, from_file(path)), 0),
                    Catch::Contains("the tensor \"fc/kernel\" is 2×3, and the weight classifier/fc/kernel is 3×2"));
  CHECK_THROWS_WITH(initial_values(weight({2, 3}, from_file(path, "fc/kernle")), 0),
                    Catch::Contains("it holds no tensor \"fc/kernle\"; did you mean \"fc/kernel\"?"));
  CHECK_THROWS_AS(initial_values(weight({2, 3}, from_file(folder.path() / "none.safetensors")), 0), DataError);
}

TEST_CASE("a weight begins as an .npy file's array, in either order") {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "w.npy";
  write_text(path, npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }\n", {1, 2, 3, 4, 5, 6}));
  CHECK(initial_values(weight({2, 3}, from_file(path)), 0) == std::vector<double>{1, 2, 3, 4, 5, 6});
  write_text(path, npy("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }\n", {1, 4, 2, 5, 3, 6}));
  CHECK(initial_values(weight({2, 3}, from_file(path)), 0) == std::vector<double>{1, 2, 3, 4, 5, 6});
  CHECK_THROWS_WITH(initial_values(weight({6}, from_file(path)), 0), Catch::Contains("its array is 2×3"));
  write_text(path, npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }\n", {1, 2}));
  CHECK_THROWS_WITH(initial_values(weight({2, 3}, from_file(path)), 0),
                    Catch::Contains("it holds 16 bytes of numbers; expected 48"));
  write_text(path, npy("{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }\n", {}));
  CHECK_THROWS_WITH(initial_values(weight({2, 3}, from_file(path)), 0), Catch::Contains("of type '|O'"));
  write_text(path, "PK\x03\x04 something else");
  CHECK_THROWS_WITH(initial_values(weight({2, 3}, from_file(path)), 0),
                    Catch::Contains("does not begin like an .npy file"));
}

TEST_CASE("a file that a weight can't begin from is told at its layer before a training begins") {
  const Graph graph = test::graph_of(
      "[classifier]\nloss = \"cross_entropy\"\nlayers = [ { type = \"flatten\" }, { name = \"fc\", type = \"dense\", units = 3, "
      "kernel_initializer = { type = \"file\", file = \"/nowhere/w.npy\" } } ]\n",
      {{1, 2, 2}, 3});
  CHECK_THROWS_WITH(check_weight_files(graph, all_variables(graph)),
                    Catch::Contains("test.toml:") && Catch::Contains("classifier/fc/kernel can't begin as it should") &&
                        Catch::Contains("/nowhere/w.npy") && Catch::Contains("No such file or directory"));
}
