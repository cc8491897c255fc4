#pragma once

#include <vector>

#include "lanes.h"

namespace generalizer::cuda {

/// The inputs of a program, each once a slot: while the device computes with one slot, the next batch is copied into the next by another stream. The edges:
/// - a copy into a slot begins after the last run that read it;
/// - a run begins after the copies into its slot;
/// - the host writes to pinned memory again when the copies from it are done, and waits for nothing else.
class InputSlots {
 public:
  /// `places`: for each slot where each input lies on the device; they are zeros at the beginning, and nothing is under way.
  InputSlots(Lanes& lanes, std::vector<std::vector<Piece>> places);

  /// For the next run. Bytes in a pinned buffer of the session are copied from there.
  void set(std::size_t input, std::span<const std::byte> bytes);
  /// Gives the slot to run with. An input that was not set since the last run is what it was then.
  std::size_t begin_run();
  void end_run();
  /// Of the last run.
  std::size_t current() const { return current_; }

 private:
  struct Slot {
    std::vector<Piece> places;
    std::vector<bool> given;
    std::vector<std::span<std::byte>> staged;  ///< pinned, for bytes that aren't
    std::unique_ptr<Event> copied, computed;
    bool staging_free = true;
  };
  void open_next();
  void take_over(Slot& from, Slot& to);
  void stage(Slot& slot, std::size_t input, std::span<const std::byte> bytes);

  Lanes& lanes_;
  PinnedMemory staging_;
  std::vector<Slot> slots_;
  std::size_t current_ = 0;
  std::size_t previous_ = 0;
  bool open_ = true;  ///< the current slot is being filled for a run to come
};

}  // namespace generalizer::cuda
