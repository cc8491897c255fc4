#include "generalizer/memory_plan.h"

#include <algorithm>
#include <numeric>

namespace generalizer {
namespace {

std::int64_t round_up(std::int64_t bytes, std::int64_t alignment) {
  return (bytes + alignment - 1) / alignment * alignment;
}

bool live_together(const Lifetime& a, const Lifetime& b) { return a.first <= b.last && b.first <= a.last; }

/// A buffer that has its place.
struct Placed {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::size_t index = 0;  ///< of its lifetime
};

/// The lowest offset where `size` bytes fit between the buffers that live at the same time. `placed` is in order of
/// offsets.
std::int64_t lowest_gap(const std::vector<Placed>& placed, const std::vector<Lifetime>& lifetimes,
                        std::size_t index, std::int64_t size) {
  std::int64_t offset = 0;
  for (const Placed& other : placed) {
    if (!live_together(lifetimes[other.index], lifetimes[index])) continue;
    if (other.begin - offset >= size) break;
    offset = std::max(offset, other.end);
  }
  return offset;
}

void check(const std::vector<Lifetime>& lifetimes, std::int64_t alignment) {
  if (alignment < 1)
    throw Error("an arena can't be planned with an alignment of " + std::to_string(alignment) +
                " bytes; it has to be 1 or more");
  for (std::size_t i = 0; i < lifetimes.size(); ++i) {
    const Lifetime& l = lifetimes[i];
    if (l.bytes < 0 || l.last < l.first) {
      throw Error("lifetime " + std::to_string(i) + " of an arena is malformed: " + std::to_string(l.bytes) +
                  " bytes, made at " + std::to_string(l.first) + " and last read at " +
                  std::to_string(l.last));
    }
  }
}

}  // namespace

ArenaPlan plan_arena(const std::vector<Lifetime>& lifetimes, std::int64_t alignment) {
  check(lifetimes, alignment);
  std::vector<std::size_t> order(lifetimes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return lifetimes[a].bytes > lifetimes[b].bytes; });

  ArenaPlan plan;
  plan.offsets.assign(lifetimes.size(), 0);
  std::vector<Placed> placed;
  for (const std::size_t index : order) {
    const std::int64_t size = round_up(lifetimes[index].bytes, alignment);
    if (size == 0) continue;
    const std::int64_t begin = lowest_gap(placed, lifetimes, index, size);
    const Placed place{begin, begin + size, index};
    placed.insert(std::upper_bound(placed.begin(), placed.end(), place,
                                   [](const Placed& a, const Placed& b) { return a.begin < b.begin; }),
                  place);
    plan.offsets[index] = begin;
    plan.size = std::max(plan.size, place.end);
    plan.unshared += size;
  }
  return plan;
}

std::vector<Lifetime> lifetimes_of(const Program& program, const Placement& placement,
                                   const std::function<std::int64_t(ValueId)>& bytes) {
  const auto end = static_cast<std::int32_t>(std::max<std::size_t>(program.nodes().size(), 1) - 1);
  std::vector<Lifetime> lifetimes(program.values().size());
  const auto life_of = [&](ValueId value) -> Lifetime& {
    return lifetimes[static_cast<std::size_t>(placement.owner[static_cast<std::size_t>(value)])];
  };
  const auto needed_until = [&](ValueId value, std::int32_t position) {
    life_of(value).last = std::max(life_of(value).last, position);
  };

  for (std::size_t i = 0; i < lifetimes.size(); ++i) {
    const auto id = static_cast<ValueId>(i);
    const Value& owner = program.value(placement.owner[i]);
    if (owner.kind == ValueKind::variable) continue;
    Lifetime& life = life_of(id);
    life.bytes = std::max(life.bytes, bytes ? bytes(id) : program.value(id).type.bytes());
    life.first = owner.kind == ValueKind::input ? 0 : owner.producer;
    needed_until(id, owner.kind == ValueKind::input ? end : program.value(id).producer);
  }
  for (std::size_t position = 0; position < program.nodes().size(); ++position) {
    for (const ValueId input : program.nodes()[position].inputs)
      needed_until(input, static_cast<std::int32_t>(position));
  }
  for (const Output& output : program.outputs()) needed_until(output.value, end);
  for (const Assignment& copy : placement.copies) needed_until(copy.value, end);
  for (std::size_t i = 0; i < lifetimes.size(); ++i) {
    if (lifetimes[i].bytes == 0) lifetimes[i] = {};  // owns no arena memory
  }
  return lifetimes;
}

ArenaPlan plan_program(const Program& program) {
  return plan_arena(lifetimes_of(program, place_values(program)));
}

}  // namespace generalizer
