#include "variables.h"

#include <cstring>

#include "generalizer/error.h"

namespace generalizer::onednn {

void Variables::declare(const std::string& name, const TensorType& type) {
  if (variables_.contains(name)) return;
  variables_.emplace(name, Variable{type, plain(type), AlignedMemory(type.bytes())});
}

const Variables::Variable& Variables::at(const std::string& name) const {
  const auto found = variables_.find(name);
  if (found == variables_.end()) {
    throw BackendError("backend \"onednn\" was asked for the variable \"" + name +
                       "\", which was never declared in this session.");
  }
  return found->second;
}

void Variables::reorder(const Descriptor& from_layout, std::byte* from, const Descriptor& to_layout,
                        std::byte* to) {
  dnnl::memory source(from_layout, engine_, from);
  dnnl::memory target(to_layout, engine_, to);
  dnnl::reorder(source, target).execute(stream_, source, target);
  stream_.wait();
}

void Variables::write(const std::string& name, std::span<const std::byte> row_major) {
  const Variable& variable = at(name);
  if (is_plain(variable.layout)) {
    std::memcpy(variable.memory.data(), row_major.data(), row_major.size());
    return;
  }
  AlignedMemory copy(variable.type.bytes());
  std::memcpy(copy.data(), row_major.data(), row_major.size());
  reorder(plain(variable.layout.get_dims()), copy.data(), variable.layout, variable.memory.data());
}

void Variables::read(const std::string& name, std::span<std::byte> row_major) {
  const Variable& variable = at(name);
  if (is_plain(variable.layout)) {
    std::memcpy(row_major.data(), variable.memory.data(), row_major.size());
    return;
  }
  AlignedMemory copy(variable.type.bytes());
  reorder(variable.layout, variable.memory.data(), plain(variable.layout.get_dims()), copy.data());
  std::memcpy(row_major.data(), copy.data(), row_major.size());
}

void Variables::bind(const std::string& name, const Descriptor& layout) {
  Variable& variable = variables_.at(name);
  if (variable.bound) return;
  variable.bound = true;
  if (same_bytes(variable.layout, layout)) return;
  AlignedMemory memory(static_cast<std::int64_t>(layout.get_size()));
  reorder(plain(layout.get_dims()), variable.memory.data(), layout, memory.data());
  variable.layout = layout;
  variable.memory = std::move(memory);
}

}  // namespace generalizer::onednn
