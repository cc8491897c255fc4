#include "isolated.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>

#include "generalizer/error.h"

namespace generalizer {
namespace fs = std::filesystem;
namespace {

/// A pipe's two ends, closed at the end.
class Pipe {
 public:
  Pipe() {
    if (::pipe(ends_.data()) != 0) throw Error(std::string("No pipe to a check's process can be made: ") + ::strerror(errno) + ".");
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int reading() const { return ends_[0]; }
  int writing() const { return ends_[1]; }
  void close_reading() { close_end(0); }
  void close_writing() { close_end(1); }

 private:
  void close_end(std::size_t end) {
    if (ends_[end] >= 0) ::close(ends_[end]);
    ends_[end] = -1;
  }
  std::array<int, 2> ends_{-1, -1};
};

constexpr char kEnd = '\x1e';  // of a record: "T" and what is about to be done, or "V", the verdict and its detail

void write_record(int file, const std::string& text) {
  const std::string record = text + kEnd;
  for (std::size_t done = 0; done < record.size();) {
    const ssize_t wrote = ::write(file, record.data() + done, record.size() - done);
    if (wrote < 0 && errno != EINTR) return;
    done += wrote > 0 ? static_cast<std::size_t>(wrote) : 0;
  }
}

struct Received {
  std::optional<Finding> finding;
  std::string told;  ///< the last, in front of a message: " with size = 0"
};

Received received(const std::string& text) {
  Received result;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find(kEnd, begin);
    if (end == std::string::npos) break;  // cut short by a crash
    const std::string record = text.substr(begin, end - begin);
    if (record.size() > 1 && record[0] == 'T') result.told = " " + record.substr(1);
    if (record.size() > 1 && record[0] == 'V') result.finding = Finding{static_cast<Verdict>(record[1] - '0'), record.substr(2)};
    begin = end + 1;
  }
  return result;
}

/// A check's folder for temporary files. Ours and not the check's, as one that crashes or is killed removes nothing. Where none can be made, TMPDIR stays
/// what it is, and whoever needs it says so.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code error;
    std::string pattern = (fs::temp_directory_path(error) / "generalizer-check-XXXXXX").string();
    if (!error && ::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  void announce() const {
    if (!path_.empty()) ::setenv("TMPDIR", path_.c_str(), 1);
  }

 private:
  std::string path_;
};

// A signal handler can reach nothing but a global.
volatile std::sig_atomic_t signal_seen = 0;

/// While it lives, Ctrl-C and SIGTERM are only noted, so that the check can be ended and its folder removed; afterwards they do what they did before.
class Signals {
 public:
  Signals() {
    signal_seen = 0;
    struct sigaction note {};
    note.sa_handler = [](int number) { signal_seen = number; };
    sigemptyset(&note.sa_mask);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      ::sigaction(numbers[i], nullptr, &before_[i]);
      // A signal that is ignored, as of a program in the background, stays so.
      if (before_[i].sa_handler != SIG_IGN) ::sigaction(numbers[i], &note, nullptr);
    }
  }
  ~Signals() { restore(); }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  void restore() const {
    for (std::size_t i = 0; i < numbers.size(); ++i) ::sigaction(numbers[i], &before_[i], nullptr);
  }

 private:
  static constexpr std::array numbers = {SIGINT, SIGTERM};
  std::array<struct sigaction, 2> before_{};
};

/// Appends everything until the other end is closed; false when the time is up or a signal came before that.
bool read_all(int file, std::chrono::steady_clock::time_point until, std::string& text) {
  constexpr std::int64_t glance = 200;  // ms: a signal between the look at it and poll() is seen so much later
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0 || signal_seen != 0) return false;
    pollfd waiting{file, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left.count(), glance)));
    if (ready <= 0) continue;
    const ssize_t got = ::read(file, buffer.data(), buffer.size());
    if (got == 0) return true;
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

int wait_for(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

std::string how_it_ended(int status, const std::string& told) {
  if (WIFSIGNALED(status))
    return fmt::format("It crashed{}: {} (signal {}).", told, ::strsignal(WTERMSIG(status)), WTERMSIG(status));
  return fmt::format("It ended the whole program{}, with exit code {}.", told, WEXITSTATUS(status));
}

/// What the new process does. It doesn't come back.
[[noreturn]] void be_the_check(const Check& check, const Pipe& pipe, const TemporaryFolder& folder) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a check that never ends must not outlive a program that was killed
  folder.announce();
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  const Finding finding = run_check(check, [&](const std::string& text) { write_record(pipe.writing(), "T" + text); });
  write_record(pipe.writing(), "V" + std::to_string(static_cast<int>(finding.verdict)) + finding.detail);
  std::fflush(stdout);
  ::_exit(0);  // nothing of the parent's is destroyed twice
}

}  // namespace

OutputAside::OutputAside() {
  std::cout.flush();
  std::fflush(stdout);
  output_ = ::dup(STDOUT_FILENO);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
}

OutputAside::~OutputAside() {
  std::cout.flush();
  std::fflush(stdout);
  if (output_ < 0) return;  // standard output was closed from the beginning
  ::dup2(output_, STDOUT_FILENO);
  ::close(output_);
}

Finding run_isolated(const Check& check, std::chrono::seconds limit) {
  std::cout.flush();
  std::fflush(stdout);  // or both processes would write what waits
  Received result;
  int status = 0;
  bool ended = false;
  {
    const TemporaryFolder folder;
    const Signals signals;
    Pipe pipe;
    const pid_t process = ::fork();
    if (process < 0) throw Error(std::string("No process for a check can be made: ") + ::strerror(errno) + ".");
    if (process == 0) {
      signals.restore();
      pipe.close_reading();
      be_the_check(check, pipe, folder);
    }
    pipe.close_writing();
    std::string text;
    ended = read_all(pipe.reading(), std::chrono::steady_clock::now() + limit, text);
    if (!ended) ::kill(process, SIGKILL);
    status = wait_for(process);
    result = received(text);
  }
  if (signal_seen != 0) ::raise(signal_seen);
  if (!ended) return failed(fmt::format("It did not end within {} s{}. If it is only slow, --seconds gives it more time.", limit.count(), result.told));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || !result.finding) return failed(how_it_ended(status, result.told));
  return *result.finding;
}

}  // namespace generalizer
