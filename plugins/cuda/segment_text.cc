#include "segment_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <set>

#include "generalizer/op.h"
#include "writer.h"

namespace generalizer::cuda {
namespace {

using Kind = Segment::Kind;
/// What a work's text calls an operand or a result: `a0` and "[i]", in what it has become.
using Naming = std::function<std::string(bool operand, std::size_t index, const std::string& subscript)>;

/// `text` with the names of operands and results replaced, and `$` by `mark`.
std::string renamed(const std::string& text, const std::string& mark, const Naming& name) {
  const auto part_of_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  std::string made;
  for (std::size_t at = 0; at < text.size();) {
    const bool begins = at == 0 || !part_of_name(text[at - 1]);
    if (begins && (text[at] == 'a' || text[at] == 'r') && at + 1 < text.size() && is_digit(text[at + 1])) {
      std::size_t end = at + 1;
      while (end < text.size() && is_digit(text[end])) ++end;
      if (end == text.size() || !part_of_name(text[end])) {
        const std::string subscript = text.substr(end, 3);
        const bool plain = subscript == "[i]" || subscript == "[0]" || subscript == "[g]";
        const std::string given = plain ? subscript : "";
        made += name(text[at] == 'a', std::stoul(text.substr(at + 1, end - at - 1)), given);
        at = end + given.size();
        continue;
      }
    }
    if (text[at] == '$') {
      made += mark;
    } else {
      made += text[at];
    }
    ++at;
  }
  return made;
}

class SegmentWriter {
 public:
  SegmentWriter(const Works& works, const Fusion& fusion, const Sizes& sizes, const Segment& segment, const Kernel& kernel)
      : works_(works), fusion_(fusion), sizes_(sizes), segment_(segment), kernel_(kernel), tiles_(tiles_of(segment)) {}

  SegmentText write() {
    std::set<std::string> ops;
    for (const std::size_t w : segment_.works) ops.insert(works_[w].node->op->name);
    std::string names;
    for (const std::string& op : ops) names += (names.empty() ? "" : ", ") + op;
    line("      // " + names);
    write_constants();
    switch (segment_.kind) {
      case Kind::single:
        write_single();
        break;
      case Kind::linear:
        write_linear();
        break;
      case Kind::grouped:
        write_grouped();
        break;
      case Kind::blocks:
        write_blocks();
        break;
      case Kind::call:
        break;
    }
    return std::move(made_);
  }

 private:
  void line(const std::string& text) { made_.body += text + "\n"; }

  bool holds(std::size_t w) const { return std::find(segment_.works.begin(), segment_.works.end(), w) != segment_.works.end(); }
  bool made_here(ValueId id) const { return works_.maker_index(id) != kNobody && holds(works_.maker_index(id)) && !works_[works_.maker_index(id)].literal; }
  bool is_literal(ValueId id) const { return works_.maker(id) != nullptr && works_.maker(id)->literal; }
  const char* type(ValueId id) const { return device_type(works_.type(id).dtype); }
  static const char* own_type(const Works& works, const Work& work) {
    for (const ValueId id : work.node->outputs) {
      if (is_floating(works.type(id).dtype)) return device_type(works.type(id).dtype);
    }
    return device_type(works.type(work.node->outputs[0]).dtype);
  }

  std::string in(ValueId id) const {
    const auto found = std::find(kernel_.arguments.begin(), kernel_.arguments.begin() + static_cast<std::ptrdiff_t>(kernel_.reads), id);
    return "in" + std::to_string(found - kernel_.arguments.begin());
  }
  std::string out(ValueId id) const {
    const auto found = std::find(kernel_.arguments.begin() + static_cast<std::ptrdiff_t>(kernel_.reads), kernel_.arguments.end(), id);
    return "out" + std::to_string(found - kernel_.arguments.begin());
  }
  // Names count what this segment has, so that equal work gets equal text.
  std::size_t local(ValueId id) const { return locals_.emplace(id, locals_.size()).first->second; }
  std::string value(ValueId id) const { return "value" + std::to_string(local(id)); }
  std::string one(ValueId id) const { return "one" + std::to_string(local(id)); }
  std::string of_group(ValueId id) const { return "group" + std::to_string(local(id)); }
  std::string mark(std::size_t w) const { return "_" + std::to_string(marks_.emplace(w, marks_.size()).first->second); }

  /// A work's text in its own scope, with `T`.
  std::string text(std::size_t w, const std::string& body) const {
    const Work& work = works_[w];
    return renamed(body, mark(w), [&](bool operand, std::size_t k, const std::string& subscript) -> std::string {
      if (!operand) return value(work.results.at(k));
      const ValueId id = work.operands.at(k);
      switch (work.access[k]) {
        case Access::element:
          return is_literal(id) ? one(id) : value(id);
        case Access::scalar:
          return segment_.kind == Kind::single && !is_literal(id) ? value(id) : one(id);
        case Access::group:
          return is_literal(id) ? one(id) : of_group(id);
        case Access::memory:
        case Access::none:
          break;
      }
      return in(id) + subscript;
    });
  }
  std::string scoped(std::size_t w, const std::string& body) const { return fmt::format("{{ typedef {} T;\n{}\n}}", own_type(works_, works_[w]), text(w, body)); }

  /// Numbers that are the same for all elements: literals, and what is read once.
  void write_constants() {
    std::set<ValueId> known;
    for (const std::size_t w : segment_.works) {
      for (std::size_t k = 0; k < works_[w].operands.size(); ++k) {
        const ValueId id = works_[w].operands[k];
        if (works_[w].access[k] == Access::memory || works_[w].access[k] == Access::none) continue;
        if (is_literal(id)) {
          write_literal(id, known);
        } else if (works_[w].access[k] == Access::scalar && segment_.kind != Kind::single && known.insert(id).second) {
          line(fmt::format("      const {} {} = {}[0];", type(id), one(id), in(id)));
        }
      }
      // A literal that lies in memory, too.
      if (works_[w].literal) {
        for (const ValueId id : works_[w].results) write_literal(id, known);
      }
    }
  }
  void write_literal(ValueId id, std::set<ValueId>& known) {
    if (!known.insert(id).second) return;
    const std::size_t w = works_.maker_index(id);
    const Work& work = works_[w];
    for (const ValueId operand : work.operands) write_literal(operand, known);
    const std::string body = renamed(work.body, mark(w), [&](bool operand, std::size_t k, const std::string&) {
      return operand ? one(work.operands.at(k)) : one(work.results.at(k));
    });
    line(fmt::format("      {} {};\n      {{ typedef {} T;\n{}      }}", type(id), one(id), own_type(works_, work), body));
  }

  /// The works that make elements which these need, and themselves, in order.
  std::vector<std::size_t> needed_for(const std::set<std::size_t>& wanted) const {
    std::set<std::size_t> needed = wanted;
    for (std::size_t k = segment_.works.size(); k-- > 0;) {
      if (!needed.contains(segment_.works[k])) continue;
      for (const ValueId id : works_[segment_.works[k]].operands) {
        if (made_here(id)) needed.insert(works_.maker_index(id));
      }
    }
    return {needed.begin(), needed.end()};
  }

  /// What those works read of the element from memory.
  std::vector<ValueId> loads_of(const std::vector<std::size_t>& works) const {
    std::vector<ValueId> loads;
    for (const std::size_t w : works) {
      for (std::size_t k = 0; k < works_[w].operands.size(); ++k) {
        const ValueId id = works_[w].operands[k];
        const bool element = works_[w].access[k] == Access::element || (segment_.kind == Kind::single && works_[w].access[k] == Access::scalar);
        if (element && !made_here(id) && !is_literal(id) && std::find(loads.begin(), loads.end(), id) == loads.end()) loads.push_back(id);
      }
    }
    return loads;
  }

  bool stored(ValueId id) const { return fusion_.in_memory(id); }
  static bool is_total(const Work& work) { return work.form == Form::total; }

  /// What a work makes of the element `i`.
  void write_element(std::size_t w) {
    const Work& work = works_[w];
    if (work.literal) {
      for (const ValueId id : work.results) line(fmt::format("        const {} {} = {};", type(id), value(id), one(id)));
    } else if (work.form == Form::map) {
      for (const ValueId id : work.results) line(fmt::format("        {} {};", type(id), value(id)));
      line("        " + scoped(w, work.body));
    } else if (work.form == Form::grouped) {
      for (const auto& [result, expression] : work.of_element) {
        const ValueId id = work.results[result];
        line(fmt::format("        {0} {1};\n        {{ typedef {2} T; {1} = ({0})({3}); }}", type(id), value(id), own_type(works_, work), text(w, expression)));
      }
    } else if (work.form == Form::total) {
      line(fmt::format("        total{} += {};", mark(w), text(w, work.body)));
    }
  }

  /// Results of elements that lie in memory.
  std::vector<ValueId> stores() const {
    std::vector<ValueId> ids;
    for (const std::size_t w : segment_.works) {
      const Work& work = works_[w];
      for (std::size_t r = 0; r < work.results.size(); ++r) {
        const bool of_element = work.form == Form::map || work.form == Form::finish ||
                                std::any_of(work.of_element.begin(), work.of_element.end(), [&](const auto& made) { return made.first == r; });
        if (of_element && stored(work.results[r])) ids.push_back(work.results[r]);
      }
    }
    return ids;
  }

  void begin_totals() {
    for (const std::size_t w : segment_.works) {
      if (is_total(works_[w])) line(fmt::format("      double total{} = 0.0;", mark(w)));
    }
  }
  void end_totals() {
    for (const std::size_t w : segment_.works) {
      if (!is_total(works_[w])) continue;
      made_.barriers = true;
      line(fmt::format("      const double whole{0} = block_sum(total{0}, shared);\n      if (threadIdx.x == 0) {1}[tile] = whole{0};", mark(w), out(works_[w].results[0])));
    }
  }

  void write_linear() {
    const std::int64_t together = tiles_.together;
    const std::vector<ValueId> loads = loads_of(segment_.works), made = stores();
    begin_totals();
    line(fmt::format("      const I end = (tile + 1) * {0} < {1} ? (tile + 1) * {0} : {1};", literal(tiles_.elements), literal(segment_.items)));
    line(fmt::format("      for (I at = tile * {} + threadIdx.x * {}; at < end; at += {}) {{", literal(tiles_.elements), together, kBlockThreads * together));
    if (together > 1) {
      for (const ValueId id : loads) line(fmt::format("      const Pack<{0}, {1}> load{2} = *(const Pack<{0}, {1}>*)({3} + at);", type(id), together, local(id), in(id)));
      for (const ValueId id : made) line(fmt::format("      Pack<{}, {}> store{};", type(id), together, local(id)));
      line(fmt::format("#pragma unroll\n      for (int q = 0; q < {}; ++q) {{\n        const I i = at + q;", together));
      for (const ValueId id : loads) line(fmt::format("        const {} {} = load{}.at[q];", type(id), value(id), local(id)));
    } else {
      line("        const I i = at;");
      for (const ValueId id : loads) line(fmt::format("        const {} {} = {}[i];", type(id), value(id), in(id)));
    }
    for (const std::size_t w : segment_.works) write_element(w);
    for (const ValueId id : made) line(together > 1 ? fmt::format("        store{}.at[q] = {};", local(id), value(id)) : fmt::format("        {}[i] = {};", out(id), value(id)));
    if (together > 1) {
      line("      }");
      for (const ValueId id : made) line(fmt::format("      *(Pack<{}, {}>*)({} + at) = store{};", type(id), together, out(id), local(id)));
    }
    line("      }");
    end_totals();
  }

  /// The block's threads together add up partial sums; one of them does the rest.
  void write_single() {
    for (const std::size_t w : segment_.works) {
      const Work& work = works_[w];
      if (work.form != Form::finish) continue;
      made_.barriers = true;
      const ValueId partial = work.operands[0];
      const std::int64_t count = sizes_.partials(partial) > 0 ? sizes_.partials(partial) : works_.type(partial).shape.elements();
      line(fmt::format("      double whole{0} = 0.0;\n      for (int k = threadIdx.x; k < {1}; k += {2}) whole{0} += {3}[k];\n      whole{0} = block_sum(whole{0}, shared);",
                       mark(w), count, kBlockThreads, in(partial)));
    }
    line("      if (threadIdx.x == 0) {\n        const I i = 0;");
    for (const ValueId id : loads_of(segment_.works)) line(fmt::format("        const {} {} = {}[0];", type(id), value(id), in(id)));
    for (const std::size_t w : segment_.works) {
      const Work& work = works_[w];
      if (work.form == Form::finish) {
        std::string expression = work.body;
        expression.replace(expression.find("whole"), 5, "whole" + mark(w));
        line(fmt::format("        const {0} {1} = ({0})({2});", type(work.results[0]), value(work.results[0]), expression));
      } else {
        write_element(w);
      }
    }
    for (const ValueId id : stores()) line(fmt::format("        {}[0] = {};", out(id), value(id)));
    line("      }");
  }

  void write_blocks() {
    const std::size_t w = segment_.works.front();
    const Work& work = works_[w];
    made_.barriers = true;
    const std::string body = renamed(work.body, "", [&](bool operand, std::size_t k, const std::string& subscript) {
      return (operand ? in(work.operands.at(k)) : out(work.results.at(k))) + subscript;
    });
    line(fmt::format("      const I g = tile;\n      typedef {} T;\n{}", own_type(works_, work), body));
  }

  // Groups. A loop for each level of passes; what lies between is computed anew in each, and the last one writes.

  /// The loop in which a value of an element is known.
  int level_of(ValueId id) const {
    if (!made_here(id)) return 0;
    const std::size_t w = works_.maker_index(id);
    int level = levels_.at(w);
    for (const Pass& pass : works_[w].passes) level = pass.partials > 0 ? level : std::max(level, levels_.at(w) + pass.level + 1);
    return level;
  }
  /// Whether a loop over elements goes through the pass.
  bool passes_at(std::size_t w, const Pass& pass, int level) const { return pass.partials == 0 && levels_.at(w) + pass.level == level; }
  void find_levels() {
    for (const std::size_t w : segment_.works) {
      int level = 0;
      for (const ValueId id : works_[w].operands) level = std::max(level, level_of(id));
      levels_[w] = level;
    }
  }

  void write_grouped() {
    const Groups& groups = segment_.groups;
    const std::string side = literal(tiles_.side_by_side), lanes = literal(tiles_.lanes);
    line(groups.neighbours_differ ? fmt::format("      const int lane = threadIdx.x / {0}, beside = threadIdx.x % {0};", side)
                                  : fmt::format("      const int lane = threadIdx.x % {0}, beside = threadIdx.x / {0};", lanes));
    const std::int64_t rows = tiles_.count / groups.chunks;
    line(fmt::format("      const I chunk = tile / {0}, g = tile % {0} * {1} + beside;\n      const bool active = g < {2};", literal(rows), side, literal(groups.groups)));
    const std::int64_t part = (groups.count + groups.chunks - 1) / groups.chunks;
    line(fmt::format("      const I end = (chunk + 1) * {0} < {1} ? (chunk + 1) * {0} : {1};", literal(part), literal(groups.count)));
    write_group_operands();
    begin_totals();
    find_levels();
    int last = 0;
    for (const std::size_t w : segment_.works) {
      const Work& work = works_[w];
      for (const Pass& pass : work.passes) last = pass.partials > 0 ? last : std::max(last, levels_.at(w) + pass.level);
      for (std::size_t p = 0; p < work.passes.size(); ++p)
        line(fmt::format("      double s{}{} = {};", p, mark(w), work.passes[p].largest ? "(-1.0 / 0.0)" : "0.0"));
      if (is_total(work)) last = std::max(last, levels_.at(w));
    }
    for (const ValueId id : stores()) last = std::max(last, level_of(id));
    write_partials();
    for (int level = 0; level <= last; ++level) write_loop(level, level == last, part);
    write_group_results();
    end_totals();
  }

  void write_group_operands() {
    std::set<ValueId> known;
    for (const std::size_t w : segment_.works) {
      for (std::size_t k = 0; k < works_[w].operands.size(); ++k) {
        const ValueId id = works_[w].operands[k];
        if (works_[w].access[k] != Access::group || is_literal(id) || !known.insert(id).second) continue;
        line(fmt::format("      {0} {1} = 0;\n      if (active) {1} = {2}[g];", type(id), of_group(id), in(id)));
      }
    }
  }

  /// Sums of what another kernel has summed in parts.
  void write_partials() {
    for (const std::size_t w : segment_.works) {
      for (std::size_t p = 0; p < works_[w].passes.size(); ++p) {
        const Pass& pass = works_[w].passes[p];
        if (pass.partials == 0) continue;
        const std::string sum = fmt::format("s{}{}", p, mark(w));
        line(fmt::format("      if (active) for (I k = lane; k < {}; k += {}) {} += {};", pass.partials, tiles_.lanes, sum, text(w, pass.term)));
        write_lanes(sum, pass);
      }
    }
  }
  /// From each thread's own sum that of its group.
  void write_lanes(const std::string& sum, const Pass& pass) {
    if (tiles_.lanes == 1) return;
    made_.barriers = true;
    line(fmt::format("      {0} = {1}({0}, shared, lane, {2}, {3});", sum, pass.largest ? "lanes_max" : "lanes_sum", tiles_.lanes,
                     segment_.groups.neighbours_differ ? tiles_.side_by_side : 1));
  }

  void write_loop(int level, bool last, std::int64_t part) {
    std::set<std::size_t> wanted;
    for (const std::size_t w : segment_.works) {
      const Work& work = works_[w];
      for (const Pass& pass : work.passes) {
        if (!passes_at(w, pass, level)) continue;
        for (const ValueId id : work.operands) {
          if (made_here(id)) wanted.insert(works_.maker_index(id));
        }
      }
      if (last && is_total(work)) wanted.insert(w);
    }
    if (last) {
      for (const ValueId id : stores()) wanted.insert(works_.maker_index(id));
    }
    const std::vector<std::size_t> works = needed_for(wanted);
    std::vector<std::size_t> reading = works;
    for (const std::size_t w : segment_.works) {
      const bool folds = std::any_of(works_[w].passes.begin(), works_[w].passes.end(), [&](const Pass& pass) { return passes_at(w, pass, level); });
      if (folds) reading.push_back(w);
    }
    line(fmt::format("      if (active) for (I k = chunk * {} + lane; k < end; k += {}) {{\n        const I i = {};", literal(part), literal(tiles_.lanes), segment_.groups.at));
    for (const ValueId id : loads_of(reading)) line(fmt::format("        const {} {} = {}[i];", type(id), value(id), in(id)));
    for (const std::size_t w : works) write_element(w);
    each_pass(level, [&](std::size_t w, std::size_t p, const std::string& sum) {
      const std::string term = text(w, works_[w].passes[p].term);
      line(works_[w].passes[p].largest ? fmt::format("        {{ typedef {1} T; {0} = larger({0}, {2}); }}", sum, own_type(works_, works_[w]), term)
                                       : fmt::format("        {{ typedef {1} T; {0} += {2}; }}", sum, own_type(works_, works_[w]), term));
    });
    if (last) {
      for (const ValueId id : stores()) line(fmt::format("        {}[i] = {};", out(id), value(id)));
    }
    line("      }");
    each_pass(level, [&](std::size_t w, std::size_t p, const std::string& sum) { write_lanes(sum, works_[w].passes[p]); });
  }

  void each_pass(int level, const std::function<void(std::size_t w, std::size_t p, const std::string& sum)>& f) {
    for (const std::size_t w : segment_.works) {
      for (std::size_t p = 0; p < works_[w].passes.size(); ++p) {
        if (passes_at(w, works_[w].passes[p], level)) f(w, p, fmt::format("s{}{}", p, mark(w)));
      }
    }
  }

  void write_group_results() {
    for (const std::size_t w : segment_.works) {
      for (const auto& [result, expression] : works_[w].of_group) {
        const ValueId id = works_[w].results[result];
        if (!stored(id)) continue;
        // A sum over elements is the chunk's; what else there is of a group is the same for all its chunks.
        line(fmt::format("      if (active && lane == 0{}) {{ typedef {} T; {}[chunk * {} + g] = ({})({}); }}", works_[w].sums_elements() ? "" : " && chunk == 0",
                         own_type(works_, works_[w]), out(id), literal(segment_.groups.groups), type(id), text(w, expression)));
      }
    }
  }

  const Works& works_;
  const Fusion& fusion_;
  const Sizes& sizes_;
  const Segment& segment_;
  const Kernel& kernel_;
  Tiles tiles_;
  SegmentText made_;
  std::map<std::size_t, int> levels_;  ///< of a work's operands: the loop in which they are known
  mutable std::map<ValueId, std::size_t> locals_;
  mutable std::map<std::size_t, std::size_t> marks_;
};

}  // namespace

SegmentText text_of(const Works& works, const Fusion& fusion, const Sizes& sizes, const Segment& segment, const Kernel& kernel) {
  return SegmentWriter(works, fusion, sizes, segment, kernel).write();
}

}  // namespace generalizer::cuda
