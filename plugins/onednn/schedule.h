#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <dnnl.hpp>

#include "layout.h"
#include "memory.h"

/// What compiling makes and running walks through: buffers, and instructions in order.
namespace generalizer::onednn {

using BufferId = std::int32_t;

/// Memory of the schedule. Its place is planned from the instructions that touch it, unless it is fixed: a variable's, an input's, a constant's.
struct Buffer {
  std::int64_t bytes = 0;
  std::byte* fixed = nullptr;
  std::int32_t first = -1;  ///< instruction that touches it first; −1: none does
  std::int32_t last = -1;
};

/// Where each buffer is, once that is known.
class Pointers {
 public:
  explicit Pointers(std::byte* const* pointers) : pointers_(pointers) {}
  template <class T = float>
  T* at(BufferId id) const {
    return reinterpret_cast<T*>(pointers_[id]);
  }

 private:
  std::byte* const* pointers_;
};

/// A value's bytes, in one layout.
struct Located {
  Descriptor layout;
  BufferId buffer = -1;
  std::int64_t bytes() const { return static_cast<std::int64_t>(layout.get_size()); }
  std::int64_t floats() const { return bytes() / 4; }  ///< with padding
};

class Instruction {
 public:
  virtual ~Instruction() = default;
  /// Called once, before the first run.
  virtual void bind(const Pointers&, std::byte* /*scratchpad*/) {}
  virtual void run(const Pointers& pointers) = 0;
};

/// One argument of a primitive: DNNL_ARG_… and the bytes.
struct Argument {
  int name = 0;
  Located where;
};

/// A primitive with its arguments laid out ahead, as the C++ interface would allocate at every run.
class PrimitiveInstruction final : public Instruction {
 public:
  /// `what`: op and scope, for messages.
  PrimitiveInstruction(std::string what, dnnl::primitive primitive, const dnnl::engine& engine,
                       dnnl::stream stream, const std::vector<Argument>& arguments,
                       const Descriptor& scratchpad);
  void bind(const Pointers& pointers, std::byte* scratchpad) override;
  void run(const Pointers& pointers) override;

 private:
  std::string what_;
  dnnl::primitive primitive_;
  dnnl::stream stream_;
  std::vector<dnnl::memory> memories_;  ///< the scratchpad's is the last
  std::vector<BufferId> buffers_;
  std::vector<dnnl_exec_arg_t> arguments_;
};

/// One of our own loops.
class KernelInstruction final : public Instruction {
 public:
  explicit KernelInstruction(std::function<void(const Pointers&)> kernel) : kernel_(std::move(kernel)) {}
  void run(const Pointers& pointers) override { kernel_(pointers); }

 private:
  std::function<void(const Pointers&)> kernel_;
};

struct Schedule {
  std::vector<Buffer> buffers;
  std::vector<std::unique_ptr<Instruction>> instructions;
  std::vector<AlignedMemory> owned;  ///< inputs and constants
  std::vector<BufferId> inputs;      ///< as in the program
  std::vector<BufferId> outputs;     ///< as in the program, row-major
  std::int64_t scratchpad_bytes = 0;
};

}  // namespace generalizer::onednn
