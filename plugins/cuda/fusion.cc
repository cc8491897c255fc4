#include "fusion.h"

#include <algorithm>
#include <set>

#include "library_step.h"

namespace generalizer::cuda {
namespace {

using Kind = Segment::Kind;

std::size_t at(ValueId id) { return static_cast<std::size_t>(id); }

/// Joins works to segments, starting from one for each. A join is made only when neither of the two waits for something that waits for the other.
class Joiner {
 public:
  explicit Joiner(const Works& works) : works_(works), segment_of_(works.all().size()), segments_(works.all().size()) {
    for (std::size_t w = 0; w < works.all().size(); ++w) {
      segment_of_[w] = w;
      segments_[w] = alone(works[w]);
      segments_[w].works = {w};
    }
    for (std::size_t w = 0; w < works.all().size(); ++w) {
      if (!works[w].literal) continue;
      segments_[w].works.clear();  // made anew by each reader, unless it has to lie in memory
    }
    keep_literals_in_memory();
  }

  std::vector<Segment> join() {
    take_along();
    for (std::size_t w = 0; w < works_.all().size(); ++w) {
      for (const ValueId id : works_[w].operands) {
        const std::size_t other = works_.maker_index(id);
        if (other != kNobody && !works_[other].literal) try_to_join(segment_of_[other], segment_of_[w]);
      }
    }
    std::vector<Segment> made;
    for (Segment& segment : segments_) {
      std::sort(segment.works.begin(), segment.works.end());
      if (!segment.works.empty()) made.push_back(std::move(segment));
    }
    return made;
  }

 private:
  static Segment alone(const Work& work) {
    Segment segment;
    segment.items = work.items;
    segment.groups = work.groups;
    switch (work.form) {
      case Form::map:
      case Form::total:
      case Form::finish:
        segment.kind = work.items == 1 && work.form != Form::total ? Kind::single : Kind::linear;
        break;
      case Form::grouped:
        segment.kind = Kind::grouped;
        break;
      case Form::blocks:
        segment.kind = Kind::blocks;
        break;
      case Form::library:
      case Form::custom:
        segment.kind = Kind::call;
        break;
    }
    return segment;
  }

  /// A literal that is no register's: an output, or an operand of a call.
  void keep_literals_in_memory() {
    for (std::size_t w = works_.all().size(); w-- > 0;) {
      const Work& work = works_[w];
      for (std::size_t k = 0; k < work.operands.size(); ++k) {
        const std::size_t made = works_.maker_index(work.operands[k]);
        if (made != kNobody && works_[made].literal && work.access[k] == Access::memory) segments_[made].works = {made};
      }
      for (const ValueId id : work.results) {
        if (work.literal && works_.kept(id)) segments_[w].works = {w};
      }
    }
  }

  /// Nodes that a library's call does besides its product.
  void take_along() {
    const Readers readers(works_.program());
    for (std::size_t w = 0; w < works_.all().size(); ++w) {
      if (works_[w].form != Form::library) continue;
      for (const Node* node : taken_along(works_.program(), *works_[w].node, readers)) {
        std::vector<std::size_t> parts;  // of a node all or none
        for (std::size_t other = 0; other < works_.all().size(); ++other) {
          if (works_[other].node == node) parts.push_back(other);
        }
        const bool can = std::all_of(parts.begin(), parts.end(), [&](std::size_t other) {
          return segments_[segment_of_[other]].works.size() == 1 && !waits_around(w, segment_of_[other]);
        });
        if (!can) break;
        for (const std::size_t other : parts) unite(w, segment_of_[other]);
      }
    }
  }

  /// Whether a path leads from one segment to another through a third.
  bool path_around(std::size_t from, std::size_t to) const {
    std::vector<std::size_t> open;
    std::vector<bool> seen(segments_.size());
    seen[to] = true;
    const auto visit = [&](std::size_t segment) {
      for (const std::size_t w : segments_[segment].works) {
        for (const ValueId id : works_[w].operands) {
          const std::size_t made = works_.maker_index(id);
          if (made == kNobody || segments_[segment_of_[made]].works.empty()) continue;
          const std::size_t before = segment_of_[made];
          if (segment == to && before == from) continue;
          if (!seen[before]) open.push_back(before);
          seen[before] = true;
        }
      }
    };
    visit(to);
    while (!open.empty()) {
      const std::size_t segment = open.back();
      open.pop_back();
      if (segment == from) return true;
      visit(segment);
    }
    return false;
  }
  bool waits_around(std::size_t one, std::size_t other) const { return path_around(one, other) || path_around(other, one); }

  bool same_loop(const Segment& one, const Segment& other) const {
    const auto loops = [](Kind kind) { return kind == Kind::linear || kind == Kind::grouped; };
    if (one.kind == Kind::single && other.kind == Kind::single) return true;
    if (!loops(one.kind) || !loops(other.kind) || one.items != other.items) return false;
    return one.kind != Kind::grouped || other.kind != Kind::grouped || one.groups == other.groups;
  }

  /// Whether all that goes from one to the other can go in registers.
  bool by_register(const Segment& from, const Segment& to) const {
    for (const std::size_t w : to.works) {
      for (std::size_t k = 0; k < works_[w].operands.size(); ++k) {
        const std::size_t made = works_.maker_index(works_[w].operands[k]);
        if (made == kNobody || std::find(from.works.begin(), from.works.end(), made) == from.works.end()) continue;
        const Access access = works_[w].access[k];
        if (access != Access::element && !(access == Access::scalar && to.kind == Kind::single)) return false;
        if (!makes_elements(works_[made], works_[w].operands[k])) return false;
        // What hangs on a group's sum comes after a whole loop, and sums in chunks have no second one.
        if (works_[made].sums_elements() && (in_chunks(to) || in_chunks(from))) return false;
      }
    }
    return true;
  }
  static bool in_chunks(const Segment& segment) { return segment.groups.chunks > 1; }

  static bool makes_elements(const Work& work, ValueId id) {
    if (work.form == Form::map || work.form == Form::finish) return true;
    return std::any_of(work.of_element.begin(), work.of_element.end(), [&](const auto& result) { return work.results[result.first] == id; });
  }

  std::size_t reads_of(const Segment& one, const Segment& other) const {
    std::set<ValueId> reads, made;
    for (const Segment* segment : {&one, &other}) {
      for (const std::size_t w : segment->works) {
        reads.insert(works_[w].operands.begin(), works_[w].operands.end());
        made.insert(works_[w].results.begin(), works_[w].results.end());
      }
    }
    return static_cast<std::size_t>(std::count_if(reads.begin(), reads.end(), [&](ValueId id) { return !made.contains(id); }));
  }

  void try_to_join(std::size_t one, std::size_t other) {
    if (one == other || segments_[one].works.empty() || segments_[other].works.empty()) return;
    const Segment &a = segments_[one], &b = segments_[other];
    if (!same_loop(a, b) || !by_register(a, b) || !by_register(b, a)) return;
    // One thread does the single numbers, in no loop: as many as a launch has arguments for, with room for what it writes.
    const bool single = a.kind == Kind::single;
    if ((!single && a.works.size() + b.works.size() > kMostWorks) || reads_of(a, b) > (single ? kMostArguments / 2 : kMostReads)) return;
    if (waits_around(one, other)) return;
    unite(one, other);
  }

  void unite(std::size_t one, std::size_t other) {
    Segment &into = segments_[one], &from = segments_[other];
    for (const std::size_t w : from.works) segment_of_[w] = one;
    into.works.insert(into.works.end(), from.works.begin(), from.works.end());
    if (from.kind == Kind::grouped && into.kind != Kind::call) {
      into.kind = Kind::grouped;
      into.groups = from.groups;
    }
    from.works.clear();
  }

  const Works& works_;
  std::vector<std::size_t> segment_of_;
  std::vector<Segment> segments_;
};

/// Puts segments in an order, and those that can run at once in one launch.
class Scheduler {
 public:
  Scheduler(const Works& works, std::vector<Segment> segments)
      : works_(works), segments_(std::move(segments)), before_(segments_.size()), after_(segments_.size()), done_(segments_.size()) {
    std::vector<std::size_t> made_by(works.values(), kNobody);
    for (std::size_t s = 0; s < segments_.size(); ++s) {
      for (const std::size_t w : segments_[s].works) {
        for (const ValueId id : works_[w].results) made_by[at(id)] = s;
      }
    }
    for (std::size_t s = 0; s < segments_.size(); ++s) {
      for (const std::size_t w : segments_[s].works) {
        for (const ValueId id : works_[w].operands) {
          const std::size_t other = made_by[at(id)];
          if (other == kNobody || other == s) continue;
          before_[s].insert(other);
          after_[other].insert(s);
        }
      }
    }
  }

  std::vector<Launch> order() {
    std::vector<Launch> launches;
    for (std::size_t left = segments_.size(); left > 0;) {
      launches.push_back(next());
      left -= launches.back().segments.size();
    }
    return launches;
  }

 private:
  bool ready(std::size_t s) const {
    return !done_[s] && std::all_of(before_[s].begin(), before_[s].end(), [&](std::size_t other) { return done_[other]; });
  }
  bool is_call(std::size_t s) const { return segments_[s].kind == Kind::call; }
  /// Nobody waits for it: updates, metrics. They come last, all together.
  bool is_last(std::size_t s) const { return !is_call(s) && after_[s].empty(); }

  /// A call, so that kernels gather behind it; else a kernel of all that is ready.
  Launch next() {
    std::vector<std::size_t> calls, kernels, last;
    for (std::size_t s = 0; s < segments_.size(); ++s) {
      if (ready(s)) (is_call(s) ? calls : is_last(s) ? last : kernels).push_back(s);
    }
    std::vector<std::size_t> chosen;
    if (!calls.empty()) {
      chosen = {calls.front()};
    } else if (!kernels.empty()) {
      std::erase_if(kernels, [&, first = kernels.front()](std::size_t s) { return s != first && bytes_made_by(s) > kHoisted; });
      chosen = as_many_as_fit(kernels);
    } else {
      chosen = as_many_as_fit(last);
    }
    if (chosen.empty()) throw Error("The segments of program \"" + works_.program().name() + "\" wait for each other in a circle: a mistake of the CUDA backend.");
    Launch launch;
    for (const std::size_t s : chosen) launch.segments.push_back(segments_[s]);
    for (const std::size_t s : chosen) done_[s] = true;
    return launch;
  }

  /// What runs before its turn must not hold much memory for it.
  static constexpr std::int64_t kHoisted = std::int64_t{1} << 20;
  std::int64_t bytes_made_by(std::size_t s) const {
    std::int64_t bytes = 0;
    for (const std::size_t w : segments_[s].works) {
      for (const ValueId id : works_[w].results) bytes += works_.type(id).bytes();
    }
    return bytes;
  }
  /// The first, and of the others those with which the arguments aren't too many.
  std::vector<std::size_t> as_many_as_fit(const std::vector<std::size_t>& segments) const {
    std::vector<std::size_t> chosen;
    std::set<ValueId> arguments;
    for (const std::size_t s : segments) {
      std::set<ValueId> with = arguments;
      for (const std::size_t w : segments_[s].works) {
        with.insert(works_[w].operands.begin(), works_[w].operands.end());
        with.insert(works_[w].results.begin(), works_[w].results.end());
      }
      if (!chosen.empty() && with.size() > kMostArguments) continue;
      arguments = std::move(with);
      chosen.push_back(s);
    }
    return chosen;
  }

  const Works& works_;
  std::vector<Segment> segments_;
  std::vector<std::set<std::size_t>> before_, after_;
  std::vector<bool> done_;
};

}  // namespace

Fusion::Fusion(const Works& works) : in_memory_(works.values()) {
  launches_ = Scheduler(works, Joiner(works).join()).order();
  std::vector<const Segment*> made_by(works.values(), nullptr);
  for (const Launch& launch : launches_) {
    for (const Segment& segment : launch.segments) {
      for (const std::size_t w : segment.works) {
        for (const ValueId id : works[w].results) {
          made_by[at(id)] = &segment;
          in_memory_[at(id)] = works.kept(id) || segment.kind == Kind::blocks;
        }
      }
    }
  }
  for (const Launch& launch : launches_) {
    for (const Segment& segment : launch.segments) {
      for (const std::size_t w : segment.works) {
        for (std::size_t k = 0; k < works[w].operands.size(); ++k) {
          const ValueId id = works[w].operands[k];
          const Segment* maker = made_by[at(id)];
          if (maker == nullptr || maker == &segment || works[w].access[k] == Access::none) continue;
          const bool anew = std::any_of(maker->works.begin(), maker->works.end(), [&](std::size_t other) { return works[other].literal; });
          if (!anew || works[w].access[k] == Access::memory) in_memory_[at(id)] = true;
        }
      }
    }
  }
}

}  // namespace generalizer::cuda
