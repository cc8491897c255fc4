#include "cases.h"

#include "autodiff/autodiff.h"
#include "catch.h"
#include "generalizer/random.h"

namespace generalizer::test {

Array CaseBuilder::random(Shape shape, double low, double high) {
  Array array({floating_, std::move(shape)});
  const Philox philox(11, stream_++);
  for (std::size_t i = 0; i < array.size(); ++i) {
    array.set(i, static_cast<float>(low + (high - low) * philox.uniform(i)));
  }
  return array;
}

Tensor CaseBuilder::numbers(DType dtype, Shape shape, const std::vector<double>& values) {
  const std::string name = "x" + std::to_string(program_.inputs().size());
  const Array& array = given_[name] = Array({dtype, std::move(shape)}, values);
  return {program_, program_.add_input(name, array.type())};
}

Tensor CaseBuilder::numbers(Shape shape, const std::vector<double>& values) {
  std::vector<double> rounded;
  for (const double value : values) rounded.push_back(static_cast<float>(value));
  return numbers(floating_, std::move(shape), rounded);
}

Tensor CaseBuilder::uniform(Shape shape, double low, double high) {
  const Array array = random(std::move(shape), low, high);
  return numbers(floating_, array.shape(), array.numbers());
}

Tensor CaseBuilder::labels(std::int64_t samples, std::int64_t classes) {
  std::vector<double> values;
  const Philox philox(12, stream_++);
  for (std::int64_t i = 0; i < samples; ++i)
    values.push_back(philox.bits(static_cast<std::uint64_t>(i)) % classes);
  return numbers(DType::i32, {samples}, values);
}

Tensor CaseBuilder::variable(const std::string& name, Shape shape, double low, double high) {
  const Array& array = given_[name] = random(std::move(shape), low, high);
  return {program_, program_.add_variable(name, array.type())};
}

void CaseBuilder::output(const Tensor& tensor) {
  program_.add_output("output " + std::to_string(program_.outputs().size()), tensor.id());
}

Tensor CaseBuilder::loss(const Tensor& y) { return mean_squared_error(y, uniform(y.shape())); }

void CaseBuilder::output_gradients(const Tensor& loss, const std::vector<Tensor>& of) {
  for (const Tensor& gradient : gradients(loss, of)) output(gradient);
}

void check_case(Session& session, const Case& c) {
  INFO(c.what);
  CaseBuilder mine(target().floating);
  c.build(mine);
  mine.program().verify();
  CaseBuilder oracle(DType::f64);
  c.build(oracle);
  const Arrays found = run(session, mine.program(), mine.given());
  const Arrays expected = evaluate(oracle.program(), oracle.given());
  REQUIRE_FALSE(expected.empty());
  const double tolerance = c.exact ? 0.0 : c.slack * target().tolerance;
  for (const auto& [name, array] : expected) {
    INFO(name);
    require_agreement(found.at(name), array, tolerance, c.least_scale);
  }
  for (const ValueId id : oracle.program().variables()) {
    const std::string& name = oracle.program().value(id).name;
    INFO("variable " << name);
    require_agreement(mine.given().at(name), oracle.given().at(name), tolerance, c.least_scale);
  }
}

}  // namespace generalizer::test
