#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

#include <dnnl.hpp>

#include "generalizer/program.h"
#include "layout.h"
#include "memory.h"

namespace generalizer::onednn {

/// The session's variables, each in the layout of the kernels that use it. Reordered only where the host reads or writes.
class Variables {
 public:
  Variables(const dnnl::engine& engine, const dnnl::stream& stream) : engine_(engine), stream_(stream) {}

  void declare(const std::string& name, const TensorType& type);
  void write(const std::string& name, std::span<const std::byte> row_major);
  void read(const std::string& name, std::span<std::byte> row_major);

  /// Whether a compiled program relies on where and how the variable lies: then it stays as it is.
  bool is_bound(const std::string& name) const { return at(name).bound; }
  /// Settles the layout, keeping the content. Later calls change nothing.
  void bind(const std::string& name, const Descriptor& layout);
  const Descriptor& layout(const std::string& name) const { return at(name).layout; }
  std::byte* data(const std::string& name) const { return at(name).memory.data(); }

 private:
  struct Variable {
    TensorType type;
    Descriptor layout;
    AlignedMemory memory;
    bool bound = false;
  };
  const Variable& at(const std::string& name) const;
  void reorder(const Descriptor& from_layout, std::byte* from, const Descriptor& to_layout, std::byte* to);

  dnnl::engine engine_;
  dnnl::stream stream_;
  std::map<std::string, Variable> variables_;
};

}  // namespace generalizer::onednn
