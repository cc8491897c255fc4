#include <cstring>

#include "catch.h"
#include "generalizer/memory_plan.h"
#include "integer_ops.h"
#include "support/evaluate.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

using MayShare = std::function<bool(ValueId, ValueId)>;

/// Runs a program in one arena by its placement, as a plain backend does.
class PlacedRun {
 public:
  PlacedRun(const Program& program, const MayShare& may_share)
      : program_(program),
        placement_(place_values(program, may_share)),
        lifetimes_(lifetimes_of(program, placement_)),
        plan_(plan_arena(lifetimes_)),
        arena_(static_cast<std::size_t>(plan_.size), std::byte{0xA5}) {}

  const Placement& placement() const { return placement_; }

  void set(const Arrays& given) {
    for (const ValueId id : program_.variables())
      variables_[program_.value(id).name] = given.at(program_.value(id).name);
    for (const ValueId id : program_.inputs()) write(id, given.at(program_.value(id).name));
  }

  Arrays run() {
    for (const Node& node : program_.nodes()) {
      if (node.op->view && owner(node.inputs[0]) == owner(node.outputs[0])) continue;
      std::vector<HostTensor> inputs, outputs;
      for (const ValueId id : node.inputs) inputs.push_back({memory(id), program_.value(id).type});
      for (const ValueId id : node.outputs) outputs.push_back({memory(id), program_.value(id).type});
      node.op->reference({inputs, outputs, node.attributes});
    }
    for (const Assignment& copy : placement_.copies) {
      std::memmove(memory(copy.variable), memory(copy.value),
                   static_cast<std::size_t>(program_.value(copy.value).type.bytes()));
    }
    Arrays outputs;
    for (const Output& output : program_.outputs()) {
      const TensorType& type = program_.value(output.value).type;
      std::memcpy((outputs[output.name] = Array(type)).host().data, memory(output.value),
                  static_cast<std::size_t>(type.bytes()));
    }
    return outputs;
  }

  const Array& variable(const std::string& name) const { return variables_.at(name); }

 private:
  ValueId owner(ValueId id) const { return placement_.owner[static_cast<std::size_t>(id)]; }
  void* memory(ValueId id) {
    const ValueId o = owner(id);
    if (program_.value(o).kind == ValueKind::variable)
      return variables_.at(program_.value(o).name).host().data;
    return arena_.data() + plan_.offsets[static_cast<std::size_t>(o)];
  }
  void write(ValueId id, Array array) { std::memcpy(memory(id), array.host().data, array.bytes().size()); }

  Program program_;
  Placement placement_;
  std::vector<Lifetime> lifetimes_;
  ArenaPlan plan_;
  std::vector<std::byte> arena_;
  Arrays variables_;
};

Arrays numbers_for(const Program& program) {
  Arrays given;
  double next = 1.0;
  for (const auto* ids : {&program.inputs(), &program.variables()}) {
    for (const ValueId id : *ids) {
      given[program.value(id).name] = Array(four(), {next, next + 3, next * 7, next - 5});
      next += 11.0;
    }
  }
  return given;
}

/// Runs the program twice, without setting its inputs again, both by its placement and with memory of its own for
/// each value.
void require_same_results(const Program& program, const MayShare& may_share) {
  INFO(program.to_string());
  Arrays given = numbers_for(program);
  PlacedRun placed(program, may_share);
  placed.set(given);
  for (int repeat = 0; repeat < 2; ++repeat) {
    const Arrays expected = evaluate(program, given);
    REQUIRE(placed.run() == expected);
    for (const ValueId id : program.variables()) {
      const std::string& name = program.value(id).name;
      INFO(name);
      REQUIRE(placed.variable(name) == given.at(name));
    }
  }
}

ValueId node(Program& program, const OpDefinition& op, std::vector<ValueId> operands) {
  return program.node(program.add_node(op, std::move(operands))).outputs.front();
}

ValueId owner(const Placement& placement, ValueId id) {
  return placement.owner[static_cast<std::size_t>(id)];
}

}  // namespace

TEST_CASE("random programs give the same results in shared memory as with memory for each value") {
  for (std::uint32_t seed = 0; seed < 600; ++seed)
    require_same_results(keep_old_values(random_program(seed)), {});
}

TEST_CASE("random programs give the same results whichever sharing a backend refuses") {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    const Program program = keep_old_values(random_program(seed));
    const MayShare sometimes = [&](ValueId from, ValueId to) {
      return program.value(from).type.bytes() == program.value(to).type.bytes() &&
             (static_cast<std::uint32_t>(from * 31 + to * 17) + seed) % 3 != 0;
    };
    require_same_results(program, sometimes);
  }
}

TEST_CASE("an update's results are made in their variables, without a copy") {
  Program program;
  const ValueId w = program.add_variable("w", four());
  const ValueId m = program.add_variable("m", four());
  const ValueId g = node(program, reverse(), {w});
  const NodeId updated = program.add_node(update(), {w, g, m});
  program.assign(w, program.node(updated).outputs[0]);
  program.assign(m, program.node(updated).outputs[1]);
  const Placement placement = place_values(program);
  CHECK(placement.copies.empty());
  CHECK(owner(placement, program.node(updated).outputs[0]) == w);
  CHECK(owner(placement, program.node(updated).outputs[1]) == m);
}

TEST_CASE("a running mean is made in its variable") {
  Program program;
  const ValueId x = program.add_input("x", four());
  const ValueId mean = program.add_variable("mean", four());
  const ValueId kept = node(program, reverse(), {mean});
  const ValueId next = node(program, mix(), {kept, x});
  program.assign(mean, next);
  const Placement placement = place_values(program);
  CHECK(placement.copies.empty());
  CHECK(owner(placement, next) == mean);
}

TEST_CASE("a variable that is read after its next value has been made keeps its memory until the end") {
  Program program;
  const ValueId w = program.add_variable("w", four());
  const ValueId next = node(program, mix(), {w, w});
  program.assign(w, next);
  program.add_output("y", node(program, reverse(), {w}));
  const Placement placement = place_values(program);
  REQUIRE(placement.copies.size() == 1);
  CHECK(placement.copies[0].value == next);
  CHECK(owner(placement, next) == next);
}

TEST_CASE("a result is not made over an operand that its node reads a second time") {
  Program program;
  const ValueId w = program.add_variable("w", four());
  const ValueId next = node(program, mix(), {w, node(program, alias(), {w})});
  program.assign(w, next);
  CHECK(place_values(program).copies.size() == 1);
}

TEST_CASE(
    "a node that reads one value twice leaves it alone, and two results never take one operand's memory") {
  Program program;
  const ValueId x = program.add_input("x", four());
  const ValueId a = node(program, reverse(), {x});
  const ValueId b = node(program, difference(), {a, a});
  const NodeId both = program.add_node(neighbours(), {b});
  program.add_output("below", program.node(both).outputs[1]);
  const Placement placement = place_values(program);
  CHECK(owner(placement, b) == b);
  CHECK(owner(placement, program.node(both).outputs[0]) == b);
  CHECK(owner(placement, program.node(both).outputs[1]) == program.node(both).outputs[1]);
}

TEST_CASE("chains of results take over each other's memory, and inputs are left alone") {
  Program program;
  const ValueId x = program.add_input("x", four());
  const ValueId a = node(program, mix(), {x, x});
  const ValueId b = node(program, mix(), {node(program, alias(), {a}), x});
  const ValueId c = node(program, difference(), {x, b});
  program.add_output("y", c);
  const Placement placement = place_values(program);
  CHECK(owner(placement, a) == a);
  CHECK(owner(placement, b) == a);
  CHECK(owner(placement, c) == a);
  CHECK(owner(placement, x) == x);
  CHECK(plan_program(program).size == 128);  // x and the one buffer, 64 bytes each
}

TEST_CASE("an output stays out of the variable that takes it") {
  Program program;
  const ValueId w = program.add_variable("w", four());
  const ValueId next = node(program, mix(), {w, program.add_input("x", four())});
  program.assign(w, next);
  program.add_output("w", next);
  const Placement placement = place_values(program);
  CHECK(owner(placement, next) == next);
  CHECK(placement.copies.size() == 1);
}

TEST_CASE("variables that hand their values on are copied from the end of the chain") {
  Program program;
  const ValueId a = program.add_variable("a", four());
  const ValueId b = program.add_variable("b", four());
  const ValueId c = program.add_variable("c", four());
  program.assign(c, b);
  program.assign(b, a);
  program.assign(a, node(program, reverse(), {b}));
  const Placement placement = place_values(program);
  REQUIRE(placement.copies.size() == 3);
  CHECK(placement.copies[0].variable == c);
  CHECK(placement.copies[1].variable == b);
  CHECK(placement.copies[2].variable == a);
}

TEST_CASE("a swap is refused until the old values have memory of their own") {
  Program program("swap");
  const ValueId a = program.add_variable("a", four());
  const ValueId b = program.add_variable("b", four());
  program.assign(a, b);
  program.assign(b, a);
  CHECK_THROWS_WITH(place_values(program),
                    Catch::Contains("swap") && Catch::Contains("\"a\"") && Catch::Contains("circle"));
  require_same_results(keep_old_values(program), {});
}

TEST_CASE(
    "an output that shows a variable from before its change is refused until it has memory of its own") {
  Program program("old");
  const ValueId a = program.add_variable("a", four());
  program.assign(a, node(program, reverse(), {a}));
  program.add_output("before", a);
  CHECK_THROWS_WITH(place_values(program), Catch::Contains("\"before\"") && Catch::Contains("\"a\""));
  require_same_results(keep_old_values(program), {});
}

TEST_CASE("a program without old values to keep stays as it is") {
  Program program;
  const ValueId w = program.add_variable("w", four());
  program.assign(w, node(program, reverse(), {w}));
  CHECK(keep_old_values(program).to_string() == program.to_string());
}
