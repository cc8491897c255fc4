#include "isolated.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include "generalizer/error.h"

namespace generalizer {
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

/// Appends everything until the other end is closed; false when the time is up before that.
bool read_all(int file, std::chrono::steady_clock::time_point until, std::string& text) {
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd waiting{file, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready <= 0) continue;  // interrupted, or the time is up
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

}  // namespace

Finding run_isolated(const Check& check, std::chrono::seconds limit) {
  Pipe pipe;
  const pid_t process = ::fork();
  if (process < 0) throw Error(std::string("No process for a check can be made: ") + ::strerror(errno) + ".");
  if (process == 0) {
    pipe.close_reading();
    const Finding finding = run_check(check, [&](const std::string& text) { write_record(pipe.writing(), "T" + text); });
    write_record(pipe.writing(), "V" + std::to_string(static_cast<int>(finding.verdict)) + finding.detail);
    ::_exit(0);  // nothing of the parent's is flushed or destroyed twice
  }
  pipe.close_writing();
  std::string text;
  const bool ended = read_all(pipe.reading(), std::chrono::steady_clock::now() + limit, text);
  if (!ended) ::kill(process, SIGKILL);
  const int status = wait_for(process);
  const Received result = received(text);
  if (!ended) return failed(fmt::format("It did not end within {} s{}.", limit.count(), result.told));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || !result.finding) return failed(how_it_ended(status, result.told));
  return *result.finding;
}

}  // namespace generalizer
