#include "lowering.h"

#include <cstring>
#include <string>

#include "generalizer/error.h"
#include "kernels/elementwise.h"
#include "kernels/parallel.h"

// Where values lie: what `Lowering` says of reading and writing.
namespace generalizer::onednn {

BufferId Lowering::add_buffer(std::int64_t bytes, std::byte* fixed) {
  schedule_.buffers.push_back({bytes, fixed});
  return static_cast<BufferId>(schedule_.buffers.size()) - 1;
}

void Lowering::touch(BufferId id) {
  Buffer& buffer = schedule_.buffers[static_cast<std::size_t>(id)];
  const auto now = static_cast<std::int32_t>(schedule_.instructions.size());
  if (buffer.first < 0) buffer.first = now;
  buffer.last = now;
}

Located Lowering::variable(std::size_t source, const Descriptor& layout_if_unused) {
  const std::string& name = program_.values()[source].name;
  BufferId& buffer = variable_buffers_[source];
  if (buffer < 0) {
    variables_.bind(name, layout_if_unused);
    buffer = add_buffer(static_cast<std::int64_t>(variables_.layout(name).get_size()), variables_.data(name));
  }
  const Located where{variables_.layout(name), buffer};
  if (locations_[source].empty()) locations_[source].push_back(where);
  return where;
}

Descriptor Lowering::layout(ValueId value) const {
  const std::size_t source = source_of(value);
  if (!locations_[source].empty()) return locations_[source].front().layout;
  if (is_variable(source)) return variables_.layout(program_.values()[source].name);
  throw Error("the value \"" + program_.value(value).name + "\" is read before it is made");
}

bool Lowering::lies_in(ValueId value, const Descriptor& wanted) const {
  const std::size_t source = source_of(value);
  if (is_variable(source) && locations_[source].empty() &&
      !variables_.is_bound(program_.values()[source].name))
    return true;
  return same_bytes(layout(value), wanted);
}

Located Lowering::read(ValueId value, const Descriptor& wanted) {
  const std::size_t source = source_of(value);
  const bool casts = wanted.get_data_type() == DataType::bf16;
  // A variable itself is never rounded.
  const std::optional<Descriptor> unrounded = casts ? in_type(wanted, DataType::f32) : wanted;
  if (is_variable(source)) variable(source, unrounded.value_or(plain(wanted.get_dims())));
  for (const Located& known : locations_[source]) {
    if (same_bytes(known.layout, wanted)) return {wanted, known.buffer};
  }
  if (casts && unrounded) {
    for (const Located& known : locations_[source]) {
      if (known.layout.get_data_type() != DataType::f32 || !same_bytes(known.layout, *unrounded)) continue;
      return cast(source, known, wanted);
    }
  }
  // By copy: reorders add to the list.
  const Located first = locations_[source].front();
  if (first.layout.get_dims() == wanted.get_dims()) {
    locations_[source].push_back(reordered(first, wanted));
    return locations_[source].back();
  }
  // The two have no dimensions in common, so the way leads through row-major order, which every reshape shares.
  if (!is_plain(first.layout)) {
    const Located row_major = read(value, plain(first.layout.get_dims()));
    if (is_plain(wanted) && !casts) return {wanted, row_major.buffer};
    locations_[source].push_back(reordered({plain(wanted.get_dims()), row_major.buffer}, wanted));
  } else {
    locations_[source].push_back(reordered({plain(wanted.get_dims()), first.buffer}, wanted));
  }
  return locations_[source].back();
}

/// Element for element, whatever the layout: the one that has it in f32 and the wanted one in bf16 are the same.
Located Lowering::cast(std::size_t source, const Located& from, const Descriptor& wanted) {
  const Dims all{from.floats()};
  const Located copy = reordered({plain(all), from.buffer}, plain(all, DataType::bf16));
  locations_[source].push_back({wanted, copy.buffer});
  return locations_[source].back();
}

Located Lowering::read_operand(ValueId value, const Descriptor& wanted, Products products) {
  return products == Products::rounded ? rounded(value, wanted) : read(value, wanted);
}

Located Lowering::rounded(ValueId value, const Descriptor& wanted) {
  std::vector<Located>& copies = rounded_[source_of(value)];
  for (const Located& known : copies) {
    if (same_bytes(known.layout, wanted)) return {wanted, known.buffer};
  }
  const Located from = read(value, wanted);
  const Located to{wanted, add_buffer(from.bytes())};
  emit({from.buffer, to.buffer}, [from, to, count = from.floats()](const Pointers& at) {
    const auto* x = at.at(from.buffer);
    auto* y = at.at(to.buffer);
    parallel_range(count, [=](std::int64_t begin, std::int64_t end) { round_to_bf16(x + begin, y + begin, end - begin); });
  });
  copies.push_back(to);
  return to;
}

Located Lowering::reordered(const Located& from, const Descriptor& wanted) {
  const Located to{wanted, add_buffer(static_cast<std::int64_t>(wanted.get_size()))};
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const dnnl::reorder::primitive_desc kernel(engine_, from.layout, engine_, wanted, attributes);
  emit(dnnl::reorder(kernel), kernel.scratchpad_desc(), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
  return to;
}

void Lowering::copy(const Located& from, const Located& to) {
  const auto bytes = static_cast<std::size_t>(to.bytes());
  emit({from.buffer, to.buffer}, [=, source = from.buffer, target = to.buffer](const Pointers& at) {
    std::memcpy(at.at<std::byte>(target), at.at<std::byte>(source), bytes);
  });
}

Located Lowering::place(ValueId result, const Descriptor& layout,
                        const std::vector<std::pair<ValueId, Located>>& operands) {
  const std::size_t source = source_of(result);
  auto& locations = locations_[source];
  if (place_in_variable(source, layout, !operands.empty())) return {layout, locations.front().buffer};
  for (const auto& [value, where] : operands) {
    const Buffer& buffer = schedule_.buffers[static_cast<std::size_t>(where.buffer)];
    if (buffer.fixed != nullptr || last_reads_[source_of(value)] != current_) continue;
    if (buffer.bytes != static_cast<std::int64_t>(layout.get_size())) continue;
    locations = {{layout, where.buffer}};
    return locations.front();
  }
  locations = {{layout, add_buffer(static_cast<std::int64_t>(layout.get_size()))}};
  return locations.front();
}

bool Lowering::place_in_variable(std::size_t source, const Descriptor& layout, bool elementwise) {
  for (std::size_t i = 0; i < assigned_.size(); ++i) {
    const Assignment& assignment = program_.assignments()[i];
    if (source_of(assignment.value) != source) continue;
    const auto target = static_cast<std::size_t>(assignment.variable);
    const NodeId last_read = last_reads_[target];
    if (last_read > current_ || (last_read == current_ && !elementwise)) continue;
    const Located& where = variable(target, layout);
    if (!same_bytes(where.layout, layout)) continue;
    assigned_[i] = true;
    locations_[source] = {{layout, where.buffer}};
    return true;
  }
  return false;
}

Located Lowering::constant(ValueId result, AlignedMemory content) {
  const BufferId buffer = add_buffer(type(result).bytes(), content.data());
  schedule_.owned.push_back(std::move(content));
  locations_[source_of(result)] = {{plain(type(result)), buffer}};
  return locations_[source_of(result)].front();
}

}  // namespace generalizer::onednn
