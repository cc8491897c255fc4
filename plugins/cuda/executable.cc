#include "executable.h"

#include <algorithm>

#include "tensor_cores.h"

namespace generalizer::cuda {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace

PreparedLibraries prepare_libraries(Device& device, const Program& program, const Plan& plan) {
  PreparedLibraries prepared;
  for (const Step& step : plan.steps) {
    const auto* library = std::get_if<LibraryStep>(&step);
    prepared.push_back(library == nullptr ? nullptr : device.prepare(program, *library));
  }
  return prepared;
}

std::int64_t workspace_of(const PreparedLibraries& prepared) {
  std::int64_t most = 0;
  for (const auto& call : prepared) most = call == nullptr ? most : std::max(most, call->workspace());
  return most;
}

CudaExecutable::CudaExecutable(const Program& given, Lanes& lanes, const std::map<std::string, Address>& variables)
    : Executable(for_tensor_cores(given)), lanes_(lanes) {
  const Plan plan = plan_of(program());
  bytes_ = plan.bytes;
  libraries_ = prepare_libraries(lanes_.device, program(), plan);
  const Footprint footprint(program(), plan, workspace_of(libraries_));
  report_ = footprint.report();
  module_ = lanes_.device.compile(plan.source, plan.kernels);
  block_ = std::make_unique<Memory>(lanes_.device, footprint.bytes());
  if (footprint.bytes() > 0) lanes_.device.clear(block_->piece(), *lanes_.compute);
  place(plan, footprint, variables);
  fill_constants(plan, footprint);
  inputs_ = std::make_unique<InputSlots>(lanes_, input_places());
  const Piece workspace{block_->address() + static_cast<Address>(footprint.workspace_offset()), footprint.workspace_bytes()};
  for (std::size_t slot = 0; slot < footprint.slots(); ++slot) record(plan, workspace, slot);
  // From here on the copies' stream may write to the block.
  lanes_.told(program().name(), [&] { lanes_.device.synchronize(*lanes_.compute); });
}

void CudaExecutable::place(const Plan& plan, const Footprint& footprint, const std::map<std::string, Address>& variables) {
  for (std::size_t slot = 0; slot < footprint.slots(); ++slot) {
    std::vector<Address>& addresses = addresses_.emplace_back();
    for (const ValueId owner : plan.placement.owner) {
      const bool known = static_cast<std::size_t>(owner) < program().values().size();
      const bool variable = known && program().value(owner).kind == ValueKind::variable;
      addresses.push_back(variable ? variables.at(program().value(owner).name) : block_->address() + static_cast<Address>(footprint.offset(owner, slot)));
    }
  }
}

void CudaExecutable::fill_constants(const Plan& plan, const Footprint& footprint) {
  for (const ValueId constant : plan.constants)
    lanes_.ring.upload(block_->address() + static_cast<Address>(footprint.offset(constant, 0)), constant_bytes(program(), constant));
}

std::vector<std::vector<Piece>> CudaExecutable::input_places() const {
  std::vector<std::vector<Piece>> places;
  for (std::size_t slot = 0; slot < addresses_.size(); ++slot) places.push_back(pieces_of(program().inputs(), slot));
  return places;
}

std::vector<Piece> CudaExecutable::pieces_of(const std::vector<ValueId>& ids, std::size_t slot) const {
  std::vector<Piece> pieces;
  for (const ValueId id : ids) pieces.push_back(piece(id, slot));
  return pieces;
}

std::vector<Address> CudaExecutable::addresses_of(const std::vector<ValueId>& ids, std::size_t slot) const {
  std::vector<Address> addresses;
  for (const ValueId id : ids) addresses.push_back(piece(id, slot).address);
  return addresses;
}

void CudaExecutable::record(const Plan& plan, Piece workspace, std::size_t slot) {
  lanes_.device.begin_recording(*lanes_.compute);
  for (std::size_t step = 0; step < plan.steps.size(); ++step) record_step(plan, step, workspace, slot);
  recordings_.push_back(lanes_.device.end_recording(*lanes_.compute));
}

void CudaExecutable::record_step(const Plan& plan, std::size_t step, Piece workspace, std::size_t slot) {
  Device& device = lanes_.device;
  Stream& stream = *lanes_.compute;
  std::visit(Overloaded{
                 [&](const KernelStep& s) { device.launch(*module_, plan.kernels[s.kernel], pieces_of(s.arguments, slot), stream); },
                 [&](const LibraryStep& s) {
                   device.call_library(*libraries_[step], program(), s, addresses_of(s.operands, slot), addresses_of(s.results, slot), workspace, stream);
                 },
                 [&](const CustomStep& s) {
                   device.call_custom(program(), *s.node, addresses_of(s.node->inputs, slot), addresses_of(s.node->outputs, slot), stream);
                 },
                 [&](const CopyStep& s) {
                   const Piece to = piece(s.to, slot);
                   device.copy(to.address, piece(s.from, slot).address, to.bytes, stream);
                 },
             },
             plan.steps[step]);
}

void CudaExecutable::do_set_input(std::size_t index, std::span<const std::byte> bytes) {
  lanes_.told(program().name(), [&] { inputs_->set(index, bytes); });
}

void CudaExecutable::do_run() {
  lanes_.told(program().name(), [&] {
    lanes_.device.replay(*recordings_[inputs_->begin_run()], *lanes_.compute);
    inputs_->end_run();
  });
  lanes_.last_step = program().name();
  ++lanes_.runs;
}

void CudaExecutable::do_get_output(std::size_t index, std::span<std::byte> bytes) {
  lanes_.told(program().name(), [&] {
    lanes_.device.download(bytes, piece(program().outputs()[index].value, inputs_->current()).address, *lanes_.compute);
    lanes_.device.synchronize(*lanes_.compute);
  });
}

}  // namespace generalizer::cuda
