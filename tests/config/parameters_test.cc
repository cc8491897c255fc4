// generalizer/parameter.h

#include <functional>

#include "catch.h"
#include "generalizer/parameter.h"

using namespace generalizer;

namespace {

Parameters some() {
  Parameters parameters;
  parameters.set("flag", true);
  parameters.set("count", std::int64_t{3}, {"graph.toml", 4, 5, "count = 3"});
  parameters.set("rate", 0.5);
  parameters.set("word", std::string("same"));
  parameters.set("pair", std::vector<std::int64_t>{1, 2});
  parameters.set("none", std::vector<std::int64_t>{});
  Parameters inner;
  inner.set("depth", std::int64_t{1});
  parameters.set("table", std::vector<Parameters>{inner});
  parameters.set("tables", std::vector<Parameters>{inner, inner});
  return parameters;
}

std::string message(const std::function<void()>& run) {
  try {
    run();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("parameters give their values by type, an integer as a number too") {
  const Parameters p = some();
  CHECK(p.boolean("flag"));
  CHECK(p.integer("count") == 3);
  CHECK(p.number("count") == 3.0);
  CHECK(p.number("rate") == 0.5);
  CHECK(p.string("word") == "same");
  CHECK(p.is_string("word"));
  CHECK_FALSE(p.is_string("count"));
  CHECK(p.integers("pair") == std::vector<std::int64_t>{1, 2});
  CHECK(p.numbers("pair") == std::vector<double>{1, 2});
  CHECK(p.strings("none").empty());
  CHECK(p.numbers("none").empty());
  CHECK(p.table("table").integer("depth") == 1);
  CHECK(p.repeated("count", 2) == std::vector<std::int64_t>{3, 3});
  CHECK(p.repeated("pair", 2) == std::vector<std::int64_t>{1, 2});
  CHECK(p.where("count").column == 5);
  CHECK_FALSE(p.where("rate").known());
  CHECK(p.names() ==
        std::vector<std::string>{"flag", "count", "rate", "word", "pair", "none", "table", "tables"});
}

TEST_CASE("asking for what was not declared is an error that says what there is") {
  const Parameters p = some();
  CHECK(message([&] { p.integer("rate"); }) ==
        "Parameter \"rate\" was asked for as an integer, but it holds a number. Ask for the type that its "
        "ParameterSpec declares.");
  CHECK(message([&] { p.string("words"); }) ==
        "Parameter \"words\" was asked for, but there is none of this name; there is flag, count, rate, "
        "word, pair, none, table, "
        "tables. Declare it in the type's `parameters`.");
  CHECK(
      message([&] { p.table("tables"); }) ==
      "Parameter \"tables\" was asked for as a table, but it is a list of 2 tables. Take them from `value`.");
}

TEST_CASE("a list of the wrong length is the user's mistake, at the key") {
  Parameters p;
  p.set("kernel", std::vector<std::int64_t>{1, 2, 3}, {"graph.toml", 4, 5, ""});
  try {
    p.repeated("kernel", 2);
    FAIL("accepted");
  } catch (const GraphError& error) {
    CHECK(error.diagnostics()[0].where.line == 4);
    CHECK(error.diagnostics()[0].message ==
          "\"kernel\" must be one integer or a list of 2, found a list of 3");
  }
}

TEST_CASE("parameters are equal by name and value, wherever they stand and in whatever order") {
  Parameters a;
  a.set("x", std::int64_t{1}, {"graph.toml", 1, 1, ""});
  a.set("y", 2.0);
  Parameters b;
  b.set("y", 2.0);
  b.set("x", std::int64_t{1});
  CHECK(a == b);
  b.set("x", std::int64_t{2});
  CHECK_FALSE(a == b);
  b.set("x", 1.0);
  CHECK_FALSE(a == b);
  b.set("x", std::int64_t{1});
  b.set("z", true);
  CHECK_FALSE(a == b);
}

TEST_CASE("declarations are made by shorthands") {
  const ParameterSpec spec = at_most(above(parameter("rate", {ParameterType::number}, 0.5, "A rate."), 0), 1);
  CHECK(spec.name == "rate");
  CHECK(std::get<double>(*spec.default_value) == 0.5);
  CHECK(*spec.minimum == 0);
  CHECK(spec.above_minimum);
  CHECK(*spec.maximum == 1);
  CHECK_FALSE(at_least(spec, 2).above_minimum);
  CHECK_FALSE(required_parameter("x", {ParameterType::string}, "").default_value);
  CHECK(one_of(spec, {"a"}).choices == std::vector<std::string>{"a"});
}
