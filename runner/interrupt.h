#pragma once

namespace generalizer {

/// While it lives, the first Ctrl-C (or SIGTERM) only asks to stop, so that the work can be saved; the second
/// ends the program at once with exit code 130. One at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool requested() const;
};

}  // namespace generalizer
