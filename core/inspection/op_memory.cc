#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "inspection/checks.h"
#include "inspection/guarded.h"

namespace generalizer {
namespace {

// As floating numbers both are far from anything that a kernel computes, and no NaN.
constexpr std::byte kFirst{0xFD}, kSecond{0x5C};

bool is_workspace(const OpDefinition& op, std::size_t output) {
  return std::find(op.workspaces.begin(), op.workspaces.end(), output) != op.workspaces.end();
}

/// What a kernel did to memory in two runs with different fillings.
class MemoryUse {
 public:
  MemoryUse(const OpDefinition& op, const ReferenceKernel& kernel, const Built& built)
      : op_(op), built_(built), first_(run_kernel(kernel, built, kFirst)), second_(run_kernel(kernel, built, kSecond)) {}

  /// "" when nothing is wrong; otherwise what it does: "writes beyond the end of …".
  std::string problem() const {
    for (std::size_t k = 0; k < first_.inputs.size(); ++k) {
      if (std::string text = beside(first_.inputs[k], "operand", name(op_.input_names, k)); !text.empty()) return text;
      GuardedMemory given(first_.inputs[k].type(), kFirst);
      const Program& program = *built_.program;
      given.fill(built_.values.at(program.value(program.nodes().front().inputs[k]).name));
      if (given.content() != first_.inputs[k].content())
        return fmt::format("changes its operand \"{}\"; others read it, too", name(op_.input_names, k));
    }
    for (std::size_t k = 0; k < first_.outputs.size(); ++k) {
      if (std::string text = beside(first_.outputs[k], "result", name(op_.output_names, k)); !text.empty()) return text;
    }
    for (std::size_t k = 0; k < first_.outputs.size(); ++k) {
      if (std::string text = between_runs(k); !text.empty()) return text;
    }
    return {};
  }

 private:
  static std::string name(const std::vector<std::string>& names, std::size_t k) {
    return k < names.size() ? names[k] : names.empty() ? std::to_string(k) : names.back();
  }

  static std::string beside(const GuardedMemory& memory, const char* kind, const std::string& name) {
    if (memory.written_behind()) return fmt::format("writes beyond the end of its {} \"{}\", {}", kind, name, to_string(memory.type()));
    if (memory.written_before()) return fmt::format("writes before the beginning of its {} \"{}\", {}", kind, name, to_string(memory.type()));
    return {};
  }

  std::string between_runs(std::size_t k) const {
    if (is_workspace(op_, k)) return {};
    const std::vector<std::byte> a = first_.outputs[k].content(), b = second_.outputs[k].content();
    const std::size_t size = size_of(first_.outputs[k].type().dtype);
    for (std::size_t begin = 0; begin < a.size(); begin += size) {
      const auto element = [&](const std::vector<std::byte>& bytes) { return std::vector(bytes.begin() + static_cast<std::ptrdiff_t>(begin), bytes.begin() + static_cast<std::ptrdiff_t>(begin + size)); };
      if (element(a) == element(b)) continue;
      const std::string which = fmt::format("element {} of its result \"{}\"", begin / size, name(op_.output_names, k));
      if (element(a) == std::vector(size, kFirst) && element(b) == std::vector(size, kSecond))
        return "leaves " + which + " unwritten; memory isn't cleared before a kernel runs";
      return "gives another number for " + which +
             " when it runs again: it reads what it hasn't written, or what lies beside its operands, or keeps something from run to run";
    }
    return {};
  }

  const OpDefinition& op_;
  const Built& built_;
  KernelRun first_, second_;
};

/// A kernel's results for numbers of one thread's own, and the runs in which they came out otherwise.
struct ThreadsRun {
  Built built;
  std::vector<std::vector<std::byte>> right;
  std::string problem;
};

std::vector<std::vector<std::byte>> results(const OpDefinition& op, const KernelRun& run) {
  std::vector<std::vector<std::byte>> all;
  for (std::size_t k = 0; k < run.outputs.size(); ++k) {
    if (!is_workspace(op, k)) all.push_back(run.outputs[k].content());
  }
  return all;
}

void run_often(const OpDefinition& op, const ReferenceKernel& kernel, ThreadsRun& run) {
  constexpr int times = 300;
  try {
    for (int i = 0; i < times && run.problem.empty(); ++i) {
      if (results(op, run_kernel(kernel, run.built, kFirst)) != run.right) run.problem = "gives other numbers than in one thread";
    }
  } catch (const std::exception& error) {
    run.problem = std::string("throws: ") + error.what();
  } catch (...) {
    run.problem = "throws something that is no std::exception";
  }
}

std::string problem_of_threads(const OpDefinition& op, const ReferenceKernel& kernel, const Use& use) {
  std::vector<ThreadsRun> runs(4);
  for (std::size_t t = 0; t < runs.size(); ++t) {
    Circumstances c;
    c.floating = DType::f32;
    c.stream = t + 1;
    runs[t].built = use.built(c);
    runs[t].right = results(op, run_kernel(kernel, runs[t].built, kFirst));
  }
  {
    std::vector<std::jthread> threads;
    for (ThreadsRun& run : runs) threads.emplace_back([&] { run_often(op, kernel, run); });
  }
  const auto bad = std::find_if(runs.begin(), runs.end(), [](const ThreadsRun& run) { return !run.problem.empty(); });
  return bad == runs.end() ? "" : bad->problem;
}

}  // namespace

Finding check_kernel_threads(const OpDefinition& op, const std::vector<Use>& uses, const Tell& tell) {
  // Of those that can be run so often, the largest: the longer a run, the surer do two meet.
  constexpr std::int64_t most = 1 << 13;
  const Use* use = &smallest(uses);
  for (const Use& other : uses) {
    if (other.size <= most && other.size > use->size) use = &other;
  }
  for (const auto& [name, kernel] : {std::pair{"reference", op.reference}, std::pair{"cpu", op.cpu}}) {
    if (!kernel) continue;
    tell(fmt::format("in the kernel `{}` on {} in four threads at once", name, use->text()));
    if (const std::string problem = problem_of_threads(op, kernel, *use); !problem.empty()) {
      return failed(fmt::format("On {} the kernel `{}`, run by four threads at once, each with operands of its own, {}. What it keeps beside operands and "
                                "results must be its own: nothing static.",
                                use->text(), name, problem));
    }
  }
  return passed("4 threads, 300 runs each");
}

Finding check_memory(const OpDefinition& op, const std::vector<Use>& uses, const Tell& tell) {
  std::size_t runs = 0;
  for (const auto& [name, kernel] : {std::pair{"reference", op.reference}, std::pair{"cpu", op.cpu}}) {
    if (!kernel) continue;
    for (const Use& use : uses) {
      for (const DType floating : {DType::f32, DType::f64}) {
        tell(fmt::format("in the kernel `{}` on {} in {}", name, use.text(), name_of(floating)));
        Circumstances c;
        c.floating = floating;
        const Built built = use.built(c);
        const std::string problem = MemoryUse(op, kernel, built).problem();
        if (!problem.empty()) return failed(fmt::format("On {} in {} the kernel `{}` {}.", use.text(), name_of(floating), name, problem));
        runs += 2;
      }
    }
  }
  return passed(fmt::format("{} runs between guards", runs));
}

}  // namespace generalizer
