#include "passes/passes.h"

#include "catch.h"
#include "generalizer/memory_plan.h"
#include "integer_ops.h"
#include "support/evaluate.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

ValueId node(Program& program, const OpDefinition& op, std::vector<ValueId> operands,
             Attributes attributes = {}) {
  return program.node(program.add_node(op, std::move(operands), std::move(attributes))).outputs.front();
}

}  // namespace

TEST_CASE("dead code goes with the variables that only it read, and inputs stay") {
  Program program("p");
  const ValueId x = program.add_input("x", four());
  program.add_input("unused", four());
  const ValueId kept = program.add_variable("kept", four());
  const ValueId dropped = program.add_variable("dropped", four());
  const ValueId assigned = program.add_variable("assigned", four());
  program.set_scope("classifier/a");
  const ValueId y = node(program, mix(), {x, kept});
  node(program, mix(), {node(program, reverse(), {dropped}), x});
  program.assign(assigned, node(program, reverse(), {y}));
  program.add_output("y", y);

  const Program result = eliminate_dead_code(program);
  result.verify();
  CHECK(result.nodes().size() == 2);
  CHECK(result.nodes()[0].scope == "classifier/a");
  CHECK(result.inputs().size() == 2);
  CHECK(result.find_input("unused") == 1);
  CHECK(result.find_variable("kept"));
  CHECK(result.find_variable("assigned"));
  CHECK_FALSE(result.find_variable("dropped"));
}

TEST_CASE("a node with one needed result stays whole") {
  Program program;
  const ValueId w = program.add_variable("w", four());
  const NodeId updated = program.add_node(update(), {w, w, w});
  program.add_output("m", program.node(updated).outputs[1]);
  const Program result = eliminate_dead_code(program);
  REQUIRE(result.nodes().size() == 1);
  CHECK(result.nodes()[0].outputs.size() == 2);
  CHECK(result.outputs()[0].value == result.nodes()[0].outputs[1]);
}

TEST_CASE("what has been computed before is not computed again") {
  Program program;
  const ValueId x = program.add_input("x", four());
  const ValueId v = program.add_variable("v", four());
  const ValueId a = node(program, mix(), {node(program, reverse(), {x}), v});
  const ValueId b = node(program, mix(), {node(program, reverse(), {x}), v});
  program.add_output("difference", node(program, difference(), {a, b}));
  program.add_output("other", node(program, mix(), {v, x}));
  const Program result = eliminate_common_subexpressions(program);
  result.verify();
  CHECK(result.nodes().size() == 4);
}

TEST_CASE("expressions that differ in an attribute are kept apart, down to the sign of zero") {
  Program program;
  const ValueId x = program.add_input("x", four());
  for (const AttributeValue& value :
       {AttributeValue(0.0), AttributeValue(-0.0), AttributeValue(std::int64_t{0}),
        AttributeValue(std::string("0")), AttributeValue(std::vector<std::int64_t>{0})}) {
    program.add_output(std::to_string(program.outputs().size()),
                       node(program, reverse(), {x}, {{"value", value}}));
  }
  CHECK(eliminate_common_subexpressions(program).nodes().size() == 5);
}

TEST_CASE("optimised random programs give the same results") {
  for (std::uint32_t seed = 1000; seed < 1300; ++seed) {
    const Program program = random_program(seed);
    const Program optimised = optimize(program);
    INFO(program.to_string() << optimised.to_string());
    Arrays given;
    for (const auto* ids : {&program.inputs(), &program.variables()}) {
      for (const ValueId id : *ids)
        given[program.value(id).name] = Array(four(), {1.0 + id, 2.0 * id, 3.0 - id, 5.0});
    }
    Arrays expected_variables = given;
    const Arrays expected = evaluate(program, expected_variables);
    REQUIRE(evaluate(optimised, given) == expected);
    REQUIRE(given == expected_variables);
    REQUIRE(optimised.nodes().size() <=
            program.nodes().size() + program.variables().size() + program.outputs().size());
    REQUIRE_NOTHROW(plan_program(optimised));
  }
}

TEST_CASE("operations are summed over nodes, and views cost none") {
  Program program;
  const ValueId x = program.add_input("x", four());
  node(program, alias(), {node(program, mix(), {x, x})});
  program.add_node(update(), {x, x, x});
  CHECK(flops_of(program) == 4.0 + 8.0);
}
