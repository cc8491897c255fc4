#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "generalizer/program.h"

namespace generalizer::cuda {

constexpr int kBlockThreads = 256;
constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

/// Groups of elements that are reduced: element `k` of group `g` lies at `at`, an expression of the two. Every element is in one group.
struct Groups {
  std::int64_t groups = 1;
  std::int64_t count = 1;          ///< elements of a group
  std::string at;                  ///< "g * 10 + k"
  bool neighbours_differ = false;  ///< whether elements that lie side by side are in different groups: then so should threads be
  std::int64_t chunks = 1;         ///< parts that a group's elements are summed in, each giving a partial result
  bool operator==(const Groups&) const = default;
};

/// One sweep over a group's elements: `s0$`, `s1$`, … are the passes' results, which later terms may read.
struct Pass {
  std::string term;      ///< in double precision, of `a0[i]` and so on
  bool largest = false;  ///< the largest instead of the sum
  int level = 0;         ///< passes of a level share one loop; a term reads results of lower levels alone
  /// Not over the group's elements but over that many partial sums of it, which `term` reads in memory at `k`: before anything else.
  std::int64_t partials = 0;
};

/// How a work reads an operand.
enum class Access : std::uint8_t {
  none,
  element,  ///< its own element
  scalar,   ///< the operand's one number
  group,    ///< the number of its group
  memory,   ///< in some other way
};

enum class Form : std::uint8_t {
  map,      ///< each element of the result for itself
  grouped,  ///< elements of a group together
  total,    ///< a sum over all elements, in parts: what element the work adds is `body`, and each tile of its kernel leaves one partial sum
  finish,   ///< one number of partial sums: `body` of `whole`, their sum
  blocks,   ///< a block's threads together, in their own way; `g` is the block
  library,
  custom,
};

/// A piece of work finer than a node, or equal to it: what kernels are put together of. Text reads operands as `a0[…]`, `a1[…]` and assigns results as
/// `r0[i] = …`; `T` is the type of the first result that is floating, or else of the first result. What it reads as `a0[i]` alone, `i` being the element
/// that it makes, can come in a register from the work that makes it; what it reads as `a0[0]` alone is one number for all.
struct Work {
  Form form = Form::map;
  const Node* node = nullptr;
  std::vector<ValueId> operands, results;
  std::vector<Access> access;  ///< of each operand; found by `Works::add`
  std::int64_t items = 0;  ///< elements; of `blocks` the blocks
  std::string body;
  Groups groups;
  std::vector<Pass> passes;
  std::vector<std::pair<std::size_t, std::string>> of_element;  ///< results of the shape of the operand, as expressions of `a0[i]` and the passes' results
  std::vector<std::pair<std::size_t, std::string>> of_group;    ///< results with one number a group
  /// Whether something is known of a group only when a loop has gone over all its elements.
  bool sums_elements() const;
  bool literal = false;  ///< hangs on nothing: whoever reads it makes it again
};

/// A program as works, in an order in which they can run, and the values that only they know of.
class Works {
 public:
  /// Throws `BackendError` with op and scope for a custom op without a kernel for CUDA devices.
  explicit Works(const Program& program);

  const Program& program() const { return program_; }
  const std::vector<Work>& all() const { return all_; }
  const Work& operator[](std::size_t index) const { return all_[index]; }
  /// Values beyond the program's: partial sums, factors.
  ValueId add_value(TensorType type);
  std::size_t values() const { return program_.values().size() + added_.size(); }
  const TensorType& type(ValueId id) const;
  /// The value that a view is of, under all its names: works read and make no other.
  ValueId source(ValueId id) const { return sources_[static_cast<std::size_t>(id)]; }
  /// Whether the value is an output or assigned, under any of its names.
  bool kept(ValueId id) const { return static_cast<std::size_t>(id) < kept_.size() && kept_[static_cast<std::size_t>(id)]; }
  bool is_constant(ValueId id) const;
  /// The work that makes a value; null for inputs, variables and constants.
  const Work* maker(ValueId id) const;
  std::size_t maker_index(ValueId id) const { return makers_[static_cast<std::size_t>(id)]; }
  void add(Work work);
  /// A work's number of which there is one for all who ask with the same key: made by `make` at the first.
  template <class Make>
  ValueId shared(const std::string& key, Make&& make) {
    const auto found = shared_.find(key);
    if (found != shared_.end()) return found->second;
    return shared_[key] = make();
  }

 private:
  const Program& program_;
  std::vector<Work> all_;
  std::vector<TensorType> added_;
  std::vector<ValueId> sources_;
  std::vector<bool> kept_;
  std::vector<std::size_t> makers_;  ///< one a value
  std::map<std::string, ValueId> shared_;
};

/// Whether a kernel can be written for the op.
bool has_kernel(const std::string& op);

}  // namespace generalizer::cuda
