#pragma once

#include <sched.h>
#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace generalizer {

/// What of this machine the children may use, in parts of equal size: with 8 cores and 4 parts each has 2 cores of its own.
class Cores {
 public:
  explicit Cores(std::size_t parts);
  /// Threads for a child of each part.
  std::size_t per_part() const { return per_part_; }
  /// The cores of part `index`; of more parts than cores several share one.
  cpu_set_t part(std::size_t index) const;

 private:
  std::vector<int> cores_;
  std::size_t per_part_;
};

/// A program to run in the background.
struct ChildCommand {
  std::vector<std::string> words;  ///< the first is the program's path
  std::string folder;              ///< where it runs
  std::filesystem::path out;       ///< a file for its standard output, which is emptied first
  std::filesystem::path log;       ///< a file for its standard error, which is added to
  int keep_open = -1;              ///< a file descriptor that it inherits, such as a lock; -1: none
};

/// Processes in the background, one a part of the machine. Each is in a process group of its own, so that a terminal's Ctrl-C reaches this program alone,
/// which passes it on once. Should this program be killed, they get SIGTERM, at which a training saves and ends.
class Children {
 public:
  explicit Children(std::size_t parts) : cores_(parts), running_(parts) {}
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;
  /// Ends those that still run, by SIGTERM, and waits for them: only an exception leaves any.
  ~Children();

  std::size_t threads_each() const { return cores_.per_part(); }
  bool has_room() const;
  bool empty() const;
  /// Starts it in a free part. `done` gets its exit code (128 + the signal's number when one ended it) from within `wait`. Throws `Error` when no process
  /// can be made.
  void start(const ChildCommand& command, std::function<void(int code)> done);
  /// Waits until one of them has ended, and tells who started it; returns early, false, after a moment in which none did.
  bool wait();
  /// Asks all to stop, as Ctrl-C would.
  void interrupt() const;

 private:
  struct Running {
    pid_t process = 0;
    std::function<void(int)> done;
  };

  Cores cores_;
  std::vector<std::optional<Running>> running_;
};

}  // namespace generalizer
