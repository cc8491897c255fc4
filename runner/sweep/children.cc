#include "sweep/children.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "generalizer/error.h"

namespace generalizer {
namespace {

int open_file(const std::filesystem::path& path, int how) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | how, 0644);
  if (file < 0) throw Error("The file " + path.string() + " can't be written: " + std::strerror(errno) + ".");
  return file;
}

/// The environment for a child of so many threads; what the user has set stays.
void set_threads(std::size_t threads) {
  ::setenv("OMP_NUM_THREADS", std::to_string(threads).c_str(), 0);
  ::setenv("OMP_WAIT_POLICY", "passive", 0);
}

/// In the new process: becomes the program. From fork to exec only what is safe there, so words and environment were made before.
[[noreturn]] void become(char* const* words, const ChildCommand& command, pid_t parent,
                         const cpu_set_t& cores, int out, int log) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(130);  // it was killed before it could be watched
  ::sched_setaffinity(0, sizeof cores, &cores);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  if (command.keep_open >= 0) ::fcntl(command.keep_open, F_SETFD, 0);
  if (!command.folder.empty() && ::chdir(command.folder.c_str()) != 0) {
    const char text[] = "error: the folder in which the sweep was started is no longer there.\n";
    [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, text, sizeof text - 1);
    ::_exit(126);
  }
  ::execv(words[0], words);
  const char text[] = "error: the program itself can't be started again; was it moved?\n";
  [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, text, sizeof text - 1);
  ::_exit(127);
}

}  // namespace

Cores::Cores(std::size_t parts) : per_part_(1) {
  cpu_set_t usable;
  if (::sched_getaffinity(0, sizeof usable, &usable) == 0) {
    for (int core = 0; core < CPU_SETSIZE; ++core) {
      if (CPU_ISSET(core, &usable)) cores_.push_back(core);
    }
  }
  per_part_ = std::max<std::size_t>(1, cores_.size() / parts);
}

cpu_set_t Cores::part(std::size_t index) const {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (std::size_t i = 0; i < per_part_ && !cores_.empty(); ++i)
    CPU_SET(cores_[(index * per_part_ + i) % cores_.size()], &set);
  return set;
}

Children::~Children() {
  for (const auto& child : running_) {
    if (child) ::kill(child->process, SIGTERM);
  }
  for (const auto& child : running_) {
    if (child) ::waitpid(child->process, nullptr, 0);
  }
}

bool Children::has_room() const {
  return std::any_of(running_.begin(), running_.end(), [](const auto& child) { return !child.has_value(); });
}

bool Children::empty() const {
  return std::none_of(running_.begin(), running_.end(), [](const auto& child) { return child.has_value(); });
}

void Children::start(const ChildCommand& command, std::function<void(int)> done) {
  const auto place =
      std::find_if(running_.begin(), running_.end(), [](const auto& child) { return !child.has_value(); });
  std::vector<char*> words;
  for (const std::string& word : command.words) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  set_threads(cores_.per_part());
  const cpu_set_t cores = cores_.part(static_cast<std::size_t>(place - running_.begin()));
  const int out = open_file(command.out, O_TRUNC);
  const int log = open_file(command.log, O_APPEND);
  const pid_t parent = ::getpid();
  const pid_t process = ::fork();
  if (process == 0) become(words.data(), command, parent, cores, out, log);
  ::close(out);
  ::close(log);
  if (process < 0) throw Error(std::string("No further process can be made: ") + std::strerror(errno) + ".");
  *place = Running{process, std::move(done)};
}

bool Children::wait() {
  for (auto& child : running_) {
    int status = 0;
    if (!child || ::waitpid(child->process, &status, WNOHANG) != child->process) continue;
    const Running ended = std::move(*child);
    child.reset();
    ended.done(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return true;
  }
  const timespec moment{0, 20'000'000};
  ::nanosleep(&moment, nullptr);
  return false;
}

void Children::interrupt() const {
  for (const auto& child : running_) {
    if (child) ::kill(child->process, SIGINT);
  }
}

}  // namespace generalizer
