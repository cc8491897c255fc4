#include "places.h"
#include "run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>

namespace {

void check(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("the test can't run the program: ") + what);
}

/// Two ends of a stream: [0] is the test's, [1] the program's.
std::array<int, 2> open_pipe() {
  std::array<int, 2> ends{};
  check(pipe2(ends.data(), O_CLOEXEC) == 0, "pipe");
  return ends;
}

std::array<int, 2> open_terminal() {
  const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  check(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0, "pseudo terminal");
  const int terminal = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
  check(terminal >= 0, "pseudo terminal's other end");
  winsize size{};
  size.ws_col = 100;
  size.ws_row = 30;
  ioctl(terminal, TIOCSWINSZ, &size);
  return {master, terminal};
}

/// In the new process: becomes the program.
[[noreturn]] void become(const std::vector<std::string>& arguments, const ProgramOptions& options, int out,
                         int err) {
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  for (const auto& [name, value] : options.environment) setenv(name.c_str(), value.c_str(), 1);
  if (!options.folder.empty() && chdir(options.folder.c_str()) != 0) _exit(126);
  std::string program = program_file();
  std::vector<char*> words = {program.data()};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  execv(words[0], words.data());
  _exit(127);
}

/// Appends what can be read now; false at the end of the stream (a terminal says EIO).
bool drain(int descriptor, std::string& text) {
  std::array<char, 4096> buffer{};
  const ssize_t n = read(descriptor, buffer.data(), buffer.size());
  if (n > 0) text.append(buffer.data(), static_cast<std::size_t>(n));
  return n > 0 || (n < 0 && errno == EINTR);
}

}  // namespace

Ended run_program(const std::vector<std::string>& arguments, const ProgramOptions& options) {
  const std::array<int, 2> out = open_pipe();
  const std::array<int, 2> err = options.terminal ? open_terminal() : open_pipe();
  const pid_t process = fork();
  check(process >= 0, "fork");
  if (process == 0) become(arguments, options, out[1], err[1]);
  close(out[1]);
  close(err[1]);

  Ended ended;
  std::array<pollfd, 2> streams = {{{out[0], POLLIN, 0}, {err[0], POLLIN, 0}}};
  while (streams[0].fd >= 0 || streams[1].fd >= 0) {
    poll(streams.data(), streams.size(), 20);
    for (std::size_t i = 0; i < streams.size(); ++i) {
      if (streams[i].fd >= 0 && streams[i].revents != 0 &&
          !drain(streams[i].fd, i == 0 ? ended.out : ended.err)) {
        streams[i].fd = -1;
      }
    }
    if (options.watch) options.watch(process, ended.err);
  }
  close(out[0]);
  close(err[0]);
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended;
}
