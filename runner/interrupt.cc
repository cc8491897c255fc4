#include "interrupt.h"

#include <unistd.h>

#include <csignal>
#include <cstddef>

namespace generalizer {
namespace {

// A signal handler can reach nothing but a global.
volatile std::sig_atomic_t signals_seen = 0;
struct sigaction interrupt_before;
struct sigaction terminate_before;

void on_signal(int) {
  if (signals_seen != 0) _exit(130);
  signals_seen = 1;
  constexpr char text[] =
      "\nStopping after this step and saving; once more leaves at once, without saving.\n";
  // What a handler may call: write, and nothing that allocates.
  [[maybe_unused]] const auto ignored = write(STDERR_FILENO, text, sizeof text - 1);
}

}  // namespace

Interrupt::Interrupt() {
  signals_seen = 0;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &interrupt_before);
  sigaction(SIGTERM, &action, &terminate_before);
}

Interrupt::~Interrupt() {
  sigaction(SIGINT, &interrupt_before, nullptr);
  sigaction(SIGTERM, &terminate_before, nullptr);
}

bool Interrupt::requested() const { return signals_seen != 0; }

}  // namespace generalizer
