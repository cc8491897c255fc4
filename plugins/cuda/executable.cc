#include "executable.h"

#include <algorithm>

namespace generalizer::cuda {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace

CudaExecutable::CudaExecutable(const Program& given, Device& device, const std::map<std::string, Address>& variables)
    : Executable(given), device_(device) {
  const Plan plan = plan_of(program());
  std::int64_t workspace = 0;
  for (const Step& step : plan.steps) {
    if (const auto* library = std::get_if<LibraryStep>(&step))
      workspace = std::max(workspace, device_.workspace_of(program(), *library));
  }
  report_ = {plan.arena.size, plan.arena.unshared, workspace};
  module_ = device_.compile(plan.source, plan.kernels);
  arena_ = std::make_unique<Memory>(device_, plan.arena.size);
  workspace_ = std::make_unique<Memory>(device_, workspace);
  place(plan, variables);
  record(plan);
}

void CudaExecutable::place(const Plan& plan, const std::map<std::string, Address>& variables) {
  std::map<ValueId, Address> constants;
  for (const ValueId constant : plan.constants) {
    const std::vector<std::byte> bytes = constant_bytes(program(), constant);
    constants_.push_back(std::make_unique<Memory>(device_, static_cast<std::int64_t>(bytes.size())));
    device_.upload(constants_.back()->address(), bytes);
    constants[constant] = constants_.back()->address();
  }
  for (const ValueId owner : plan.placement.owner) {
    const Value& value = program().value(owner);
    if (value.kind == ValueKind::variable) {
      addresses_.push_back(variables.at(value.name));
    } else if (const auto constant = constants.find(owner); constant != constants.end()) {
      addresses_.push_back(constant->second);
    } else {
      addresses_.push_back(arena_->address() + static_cast<Address>(plan.arena.offsets[static_cast<std::size_t>(owner)]));
    }
  }
}

std::vector<Address> CudaExecutable::addresses_of(const std::vector<ValueId>& ids) const {
  std::vector<Address> addresses;
  for (const ValueId id : ids) addresses.push_back(address(id));
  return addresses;
}

void CudaExecutable::record(const Plan& plan) {
  device_.begin_recording();
  for (const Step& step : plan.steps) {
    std::visit(Overloaded{
                   [&](const KernelStep& s) { device_.launch(*module_, plan.kernels[s.kernel], addresses_of(s.arguments)); },
                   [&](const LibraryStep& s) {
                     device_.call_library(program(), s, addresses_of(s.operands), addresses_of(s.results), workspace_->address());
                   },
                   [&](const CustomStep& s) {
                     device_.call_custom(program(), *s.node, addresses_of(s.node->inputs), addresses_of(s.node->outputs));
                   },
                   [&](const CopyStep& s) { device_.copy(address(s.to), address(s.from), program().value(s.to).type.bytes()); },
               },
               step);
  }
  recording_ = device_.end_recording();
}

void CudaExecutable::do_set_input(std::size_t index, std::span<const std::byte> bytes) {
  device_.upload(address(program().inputs()[index]), bytes);
}

void CudaExecutable::do_get_output(std::size_t index, std::span<std::byte> bytes) {
  device_.download(bytes, address(program().outputs()[index].value));
}

}  // namespace generalizer::cuda
