#include "race_detector.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace generalizer::test {
namespace {

std::uint32_t seen(const Clock& clock, std::size_t agent) { return agent < clock.size() ? clock[agent] : 0; }

}  // namespace

bool happens_before(const Moment& a, const Moment& b) { return a.count <= seen(b.before, a.agent); }

std::size_t RaceDetector::add_agent() {
  clocks_.emplace_back(clocks_.size() + 1, 0);
  return clocks_.size() - 1;
}

void RaceDetector::join(std::size_t agent, const Clock& clock) {
  Clock& own = clocks_[agent];
  if (own.size() < clock.size()) own.resize(clock.size(), 0);
  for (std::size_t other = 0; other < clock.size(); ++other) own[other] = std::max(own[other], clock[other]);
}

Moment RaceDetector::act(std::size_t agent, const std::string& what, const std::vector<Access>& accesses) {
  const Clock before = clocks_[agent];
  const Mark mark{agent, ++clocks_[agent][agent], names_.size()};
  names_.push_back(what);
  for (const Access& access : accesses) {
    if (access.bytes > 0) touch(access, mark);
  }
  return {agent, mark.count, before};
}

void RaceDetector::give_back(std::size_t agent, const std::string& what, std::uintptr_t begin, std::int64_t bytes) {
  act(agent, what, {{begin, bytes, true}});
  forget(begin, bytes);
}

void RaceDetector::forget(std::uintptr_t begin, std::int64_t bytes) {
  const std::uintptr_t end = begin + static_cast<std::uintptr_t>(bytes);
  split(begin);
  split(end);
  cells_.erase(cells_.lower_bound(begin), cells_.lower_bound(end));
}

/// Makes `at` the border of two cells where it lies within one.
void RaceDetector::split(std::uintptr_t at) {
  auto cell = cells_.upper_bound(at);
  if (cell == cells_.begin()) return;
  --cell;
  if (cell->first == at || cell->second.end <= at) return;
  Cell upper = cell->second;
  cell->second.end = at;
  cells_.emplace(at, std::move(upper));
}

void RaceDetector::fill_gaps(std::uintptr_t begin, std::uintptr_t end) {
  for (std::uintptr_t at = begin; at < end;) {
    const auto cell = cells_.lower_bound(at);
    const std::uintptr_t next = cell == cells_.end() ? end : std::min(cell->first, end);
    if (next > at) cells_[at].end = next;
    at = cell == cells_.end() || next == end ? end : cell->second.end;
  }
}

void RaceDetector::check(const Mark& earlier, const Mark& now, std::uintptr_t begin, std::uintptr_t end, const char* how) {
  if (earlier.count == 0 || earlier.count <= seen(clocks_[now.agent], earlier.agent)) return;
  races_.push_back(fmt::format("\"{}\" (agent {}) {} \"{}\" (agent {}), on {} bytes from {:#x}, and nothing orders the two", names_[now.what], now.agent, how,
                               names_[earlier.what], earlier.agent, end - begin, begin));
}

void RaceDetector::touch(const Access& access, const Mark& mark) {
  const std::uintptr_t begin = access.begin, end = begin + static_cast<std::uintptr_t>(access.bytes);
  split(begin);
  split(end);
  fill_gaps(begin, end);
  for (auto at = cells_.lower_bound(begin); at != cells_.end() && at->first < end; ++at) {
    Cell& cell = at->second;
    check(cell.write, mark, at->first, cell.end, access.write ? "writes over what was written by" : "reads what is written by");
    if (!access.write) {
      cell.reads[mark.agent] = mark;
      continue;
    }
    for (const auto& [agent, read] : cell.reads) check(read, mark, at->first, cell.end, "writes over what is read by");
    cell.reads.clear();
    cell.write = mark;
  }
}

}  // namespace generalizer::test
