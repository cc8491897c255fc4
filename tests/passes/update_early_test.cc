#include <set>

#include "catch.h"
#include "generalizer/memory_plan.h"
#include "integer_ops.h"
#include "passes/passes.h"
#include "support/evaluate.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

ValueId node(Program& program, const OpDefinition& op, std::vector<ValueId> operands) {
  return program.node(program.add_node(op, std::move(operands))).outputs.front();
}

/// Appends an update of the variables `w` and `w`/m by the gradient.
void add_update(Program& program, const std::string& w, ValueId gradient) {
  const ValueId weight = program.add_variable(w, four());
  const ValueId moment = program.add_variable(w + "/m", four());
  const Node& updated = program.node(program.add_node(update(), {weight, gradient, moment}));
  program.assign(weight, updated.outputs[0]);
  program.assign(moment, updated.outputs[1]);
}

/// The ops in their order.
std::vector<std::string> ops_of(const Program& program) {
  std::vector<std::string> names;
  for (const Node& n : program.nodes()) names.push_back(n.op->name);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("an update goes behind its gradient, which so needs memory no longer") {
  Program program;
  const ValueId x = program.add_input("x", four());
  for (const char* name : {"w", "v", "u"}) program.add_variable(name, four());
  const ValueId a = node(program, reverse(), {x});
  const ValueId b = node(program, mix(), {x, *program.find_variable("w")});
  const ValueId c = node(program, difference(), {x, *program.find_variable("v")});
  add_update(program, "w", a);
  add_update(program, "v", b);
  add_update(program, "u", c);

  const Program result = update_early(program, 32);
  result.verify();
  // w's waits for `mix` and v's for `difference`, which read them.
  CHECK(ops_of(result) == Names{"reverse", "mix", "update", "difference", "update", "update"});
  CHECK(place_values(result).copies.empty());
  // x and the gradients: three at a time before, two now; 64 bytes each.
  CHECK(plan_program(program).size == 256);
  CHECK(plan_program(result).size == 192);
}

TEST_CASE("an update waits for readers of its variable under another name") {
  Program program;
  const ValueId w = program.add_variable("w", four());
  const ValueId g = node(program, reverse(), {w});
  const ValueId other_name = node(program, alias(), {w});
  program.add_output("y", node(program, reverse(), {other_name}));
  program.add_output("z", node(program, reverse(), {program.add_input("x", four())}));
  add_update(program, "w", g);
  CHECK(ops_of(update_early(program, 32)) == Names{"reverse", "alias", "reverse", "update", "reverse"});
}

TEST_CASE("an update stays where moving it would release too little") {
  Program program;
  const ValueId x = program.add_input("x", four());
  const ValueId g = node(program, reverse(), {x});
  program.add_output("y", node(program, reverse(), {x}));
  add_update(program, "w", g);
  CHECK(ops_of(update_early(program, 33)) == Names{"reverse", "reverse", "update"});
  CHECK(ops_of(update_early(program, 32)) == Names{"reverse", "update", "reverse"});

  Program shown = program;  // the gradient lives to the end anyway
  shown.add_output("g", g);
  CHECK(ops_of(update_early(shown, 32)) == Names{"reverse", "reverse", "update"});
  Program read = program;
  node(read, reverse(), {g});  // read again, behind the update
  CHECK(ops_of(update_early(read, 32)) == Names{"reverse", "reverse", "update", "reverse"});
}

TEST_CASE("a result that goes into no variable stays in its place") {
  Program program;
  const ValueId x = program.add_input("x", four());
  const ValueId g = node(program, reverse(), {x});
  node(program, mix(), {x, x});
  program.add_output("y", node(program, reverse(), {g}));
  CHECK(update_early(program, 0).to_string() == program.to_string());
}

TEST_CASE("random programs give the same results with early updates, with no copy more") {
  std::set<bool> moved;
  for (std::uint32_t seed = 2000; seed < 2600; ++seed) {
    const Program program = keep_old_values(random_program(seed));
    const Program early = update_early(program, 0);
    INFO(program.to_string() << early.to_string());
    REQUIRE_NOTHROW(early.verify());
    Arrays given;
    for (const auto* ids : {&program.inputs(), &program.variables()}) {
      for (const ValueId id : *ids)
        given[program.value(id).name] = Array(four(), {1.0 + id, 2.0 * id, 3.0 - id, 5.0});
    }
    Arrays expected_variables = given;
    const Arrays expected = evaluate(program, expected_variables);
    REQUIRE(evaluate(early, given) == expected);
    REQUIRE(given == expected_variables);
    REQUIRE(place_values(early).copies.size() <= place_values(program).copies.size());
    moved.insert(early.to_string() != program.to_string());
  }
  CHECK(moved.size() == 2);
}
