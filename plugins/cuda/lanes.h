#pragma once

#include <string>

#include "pinned_pool.h"
#include "staging_ring.h"

namespace generalizer::cuda {

/// What the programs of a session share: a stream in which one after the other computes, and another in which the inputs of the next run are copied meanwhile.
struct Lanes {
  explicit Lanes(Device& d) : device(d), compute(d.make_stream()), copies(d.make_stream()), ring(d, *compute), pinned(d) {}

  /// Calls `work` of the named step. What says that the device is lost says, too, what it was given last: queued work fails later than it was asked for.
  template <class F>
  auto told(const std::string& step, F&& work) {
    try {
      return work();
    } catch (const DeviceLost& lost) {
      throw DeviceLost(std::string(lost.what()) + " It showed at \"" + step + "\"" +
                       (last_step.empty() ? "" : "; the last step it was given is \"" + last_step + "\", number " + std::to_string(runs) + " of this session") + ".");
    }
  }

  Device& device;
  std::unique_ptr<Stream> compute, copies;
  StagingRing ring;  ///< in the compute stream
  PinnedPool pinned;
  std::string last_step;
  std::int64_t runs = 0;
};

}  // namespace generalizer::cuda
