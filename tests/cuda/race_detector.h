#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace generalizer::test {

/// What each agent has come as far as, in its own count of acts (Mattern, 1989, "Virtual time and global states of distributed systems").
using Clock = std::vector<std::uint32_t>;

/// One act: which of its agent's, and all that came before it.
struct Moment {
  std::size_t agent = 0;
  std::uint32_t count = 0;
  Clock before;
};
bool happens_before(const Moment& a, const Moment& b);

struct Access {
  std::uintptr_t begin = 0;
  std::int64_t bytes = 0;
  bool write = false;
};

/// Finds accesses to the same bytes, one of them a write, that nothing orders. Agents (streams, threads of the host) act one by one; an act of an agent comes
/// after its earlier acts, and after what it has been made to wait for. Whether a race shows in this order of calls or not makes no difference.
class RaceDetector {
 public:
  std::size_t add_agent();
  /// The agent's next acts come after all that the clock has seen.
  void join(std::size_t agent, const Clock& clock);
  const Clock& clock(std::size_t agent) const { return clocks_[agent]; }

  /// `what` names the act in the description of a race.
  Moment act(std::size_t agent, const std::string& what, const std::vector<Access>& accesses);
  /// Memory that begins anew, whatever lay there before.
  void forget(std::uintptr_t begin, std::int64_t bytes);
  /// Memory that is given back. Everything that used it must come before.
  void give_back(std::size_t agent, const std::string& what, std::uintptr_t begin, std::int64_t bytes);

  /// In words: which two acts, on which bytes.
  const std::vector<std::string>& races() const { return races_; }

 private:
  struct Mark {
    std::size_t agent = 0;
    std::uint32_t count = 0;  ///< 0: nobody yet
    std::size_t what = 0;     ///< index into `names_`
  };
  /// Bytes [key, end) with the same history: the last write, and the reads since, the last of each agent.
  struct Cell {
    std::uintptr_t end = 0;
    Mark write;
    std::map<std::size_t, Mark> reads;
  };
  void split(std::uintptr_t at);
  void fill_gaps(std::uintptr_t begin, std::uintptr_t end);
  void check(const Mark& earlier, const Mark& now, std::uintptr_t begin, std::uintptr_t end, const char* how);
  void touch(const Access& access, const Mark& mark);

  std::vector<Clock> clocks_;
  std::map<std::uintptr_t, Cell> cells_;
  std::vector<std::string> names_;
  std::vector<std::string> races_;
};

}  // namespace generalizer::test
