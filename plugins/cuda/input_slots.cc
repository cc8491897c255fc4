#include "input_slots.h"

#include <algorithm>
#include <cstring>

namespace generalizer::cuda {
namespace {

std::int64_t total(const std::vector<std::vector<Piece>>& places) {
  std::int64_t bytes = 0;
  for (const auto& slot : places) {
    for (const Piece& place : slot) bytes += place.bytes;
  }
  return bytes;
}

}  // namespace

InputSlots::InputSlots(Lanes& lanes, std::vector<std::vector<Piece>> places) : lanes_(lanes), staging_(lanes.device, total(places)) {
  std::size_t used = 0;
  for (std::vector<Piece>& of_slot : places) {
    Slot slot;
    slot.places = std::move(of_slot);
    slot.given.assign(slot.places.size(), false);
    for (const Piece& place : slot.places) {
      slot.staged.push_back(staging_.bytes().subspan(used, static_cast<std::size_t>(place.bytes)));
      used += static_cast<std::size_t>(place.bytes);
    }
    slot.copied = lanes_.device.make_event();
    slot.computed = lanes_.device.make_event();
    slots_.push_back(std::move(slot));
  }
}

void InputSlots::open_next() {
  previous_ = current_;
  current_ = (current_ + 1) % slots_.size();
  Slot& slot = slots_[current_];
  std::fill(slot.given.begin(), slot.given.end(), false);
  slot.staging_free = false;
  lanes_.device.wait(*lanes_.copies, *slot.computed);
  open_ = true;
}

void InputSlots::set(std::size_t input, std::span<const std::byte> bytes) {
  if (!open_) open_next();
  Slot& slot = slots_[current_];
  if (PinnedBlock* block = lanes_.pinned.find(bytes)) {
    block->upload(slot.places[input].address, bytes, *lanes_.copies);
  } else {
    stage(slot, input, bytes);
  }
  slot.given[input] = true;
}

void InputSlots::stage(Slot& slot, std::size_t input, std::span<const std::byte> bytes) {
  if (slot.given[input]) lanes_.device.mark(*slot.copied, *lanes_.copies);  // set twice: the first copy may be under way
  if (slot.given[input] || !slot.staging_free) lanes_.device.synchronize(*slot.copied);
  slot.staging_free = true;
  std::memcpy(slot.staged[input].data(), bytes.data(), bytes.size());
  lanes_.device.upload(slot.places[input].address, slot.staged[input], *lanes_.copies);
}

std::size_t InputSlots::begin_run() {
  if (!open_) return current_;
  open_ = false;
  Slot& slot = slots_[current_];
  const bool any = std::find(slot.given.begin(), slot.given.end(), true) != slot.given.end();
  if (!any) return current_;
  lanes_.device.mark(*slot.copied, *lanes_.copies);
  lanes_.device.wait(*lanes_.compute, *slot.copied);
  if (previous_ != current_) take_over(slots_[previous_], slot);
  return current_;
}

/// What was not given is as in the run before.
void InputSlots::take_over(Slot& from, Slot& to) {
  bool any = false;
  for (std::size_t input = 0; input < to.places.size(); ++input) {
    if (to.given[input]) continue;
    lanes_.device.copy(to.places[input].address, from.places[input].address, to.places[input].bytes, *lanes_.compute);
    any = true;
  }
  if (any) lanes_.device.mark(*from.computed, *lanes_.compute);  // it was read once more
}

void InputSlots::end_run() {
  Slot& slot = slots_[current_];
  if (!slot.places.empty()) lanes_.device.mark(*slot.computed, *lanes_.compute);
}

}  // namespace generalizer::cuda
