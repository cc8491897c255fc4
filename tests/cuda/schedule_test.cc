// What every step of every graph is on a device: that no launch reads what another has written over, that nothing races, and that the memory is what was
// forecast.
#include <map>

#include "catch.h"
#include "generalizer/memory_plan.h"
#include "plan.h"
#include "project_graphs.h"
#include "recorder.h"
#include "session.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

/// Which value's bytes lie at which place as one launch follows another. A value that is another's view has the same content.
class Contents {
 public:
  Contents(const Program& program, const cuda::Plan& plan) : program_(program), content_(plan.placement.owner.size()) {
    for (std::size_t id = 0; id < content_.size(); ++id) content_[id] = static_cast<ValueId>(id);
    for (const Node& node : program.nodes()) {
      const auto owner = [&](ValueId id) { return plan.placement.owner[static_cast<std::size_t>(id)]; };
      if (node.op->view && owner(node.inputs[0]) == owner(node.outputs[0])) content(node.outputs[0]) = content(node.inputs[0]);
    }
  }
  void write(ValueId id, const Access& at) {
    // Whatever lay in these bytes is gone.
    std::erase_if(lying_, [&](const auto& other) { return other.first < at.begin + at.bytes && at.begin < other.first + other.second.second; });
    lying_[at.begin] = {content(id), static_cast<std::uintptr_t>(at.bytes)};
  }
  bool lies(ValueId id, const Access& at) {
    const auto found = lying_.find(at.begin);
    if (found != lying_.end()) return found->second.first == content(id);
    if (static_cast<std::size_t>(content(id)) >= program_.values().size()) return false;  // partial sums, which only kernels know of
    const Value& value = program_.value(content(id));
    // Nobody has written there: it has to be what is there from the beginning.
    return value.kind != ValueKind::result || program_.node(value.producer).op->name == "constant_values";
  }

 private:
  ValueId& content(ValueId id) { return content_[static_cast<std::size_t>(id)]; }

  const Program& program_;
  std::vector<ValueId> content_;
  std::map<std::uintptr_t, std::pair<ValueId, std::uintptr_t>> lying_;
};

/// The values of a step in the order of the accesses that the recorder has of it, without a library's work space.
std::vector<ValueId> values_of(const cuda::Step& step) {
  if (const auto* kernel = std::get_if<cuda::KernelStep>(&step)) return kernel->arguments;
  if (const auto* copy = std::get_if<cuda::CopyStep>(&step)) return {copy->from, copy->to};
  const auto joined = [](std::vector<ValueId> from, const std::vector<ValueId>& to) {
    from.insert(from.end(), to.begin(), to.end());
    return from;
  };
  if (const auto* library = std::get_if<cuda::LibraryStep>(&step)) return joined(library->operands, library->results);
  const Node& node = *std::get<cuda::CustomStep>(step).node;
  return joined(node.inputs, node.outputs);
}

/// `launched`: the work of one replay.
void check_dataflow(const Program& program, const cuda::Plan& plan, const std::vector<Call>& launched) {
  REQUIRE(launched.size() == plan.steps.size());
  Contents contents(program, plan);
  for (std::size_t i = 0; i < launched.size(); ++i) {
    const std::vector<ValueId> values = values_of(plan.steps[i]);
    const bool copy = std::holds_alternative<cuda::CopyStep>(plan.steps[i]);
    const std::vector<Access>& accesses = launched[i].accesses;
    REQUIRE(accesses.size() >= values.size());
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (accesses[k].write) continue;
      INFO("step " << i << " (" << launched[i].what << ") reads value " << values[k]);
      CHECK(contents.lies(values[k], accesses[k]));
    }
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (accesses[k].write) contents.write(copy ? values[0] : values[k], accesses[k]);
    }
  }
}

}  // namespace

TEST_CASE("every launch of every graph's steps reads what was made for it, nothing races, and the memory is as forecast") {
  std::size_t programs = 0;
  for_all_graphs([&](const Graph& graph) {
    for (const Program& given : programs_of(graph)) {
      INFO(given.name());
      auto device = std::make_unique<Recorder>();
      Recorder& recorder = *device;
      cuda::CudaSession session(std::move(device));
      const MemoryReport forecast = session.forecast(given);
      CHECK(recorder.allocated() == 0);
      for (const ValueId id : given.variables()) session.declare_variable(given.value(id).name, given.value(id).type);
      const std::int64_t variables = recorder.allocated();
      const std::unique_ptr<Executable> step = session.compile(given);
      CHECK(recorder.allocated() - variables == forecast.arena + forecast.scratchpad);
      CHECK(step->memory().arena == forecast.arena);
      CHECK(step->memory().scratchpad == forecast.scratchpad);
      CHECK(forecast.unshared >= forecast.arena);

      const Program& program = step->program();
      for (int run = 0; run < 3; ++run) {
        for (std::size_t i = 0; i < program.inputs().size(); ++i)
          step->set_input(i, std::vector<std::byte>(static_cast<std::size_t>(program.value(program.inputs()[i]).type.bytes())));
        const std::size_t before = recorder.count();
        step->run();
        const std::vector<Call> calls = recorder.calls();
        std::vector<Call> launched;
        for (std::size_t i = before; i < calls.size(); ++i) {
          if (calls[i].recording != nullptr && calls[i].kind != Kind::replay) launched.push_back(calls[i]);
        }
        check_dataflow(program, cuda::plan_of(program), launched);
      }
      for (const std::string& race : recorder.races()) FAIL_CHECK(race);
      ++programs;
    }
  });
  CHECK(programs > 20);
}
