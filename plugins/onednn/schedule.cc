#include "schedule.h"

namespace generalizer::onednn {

PrimitiveInstruction::PrimitiveInstruction(dnnl::primitive primitive, const dnnl::engine& engine,
                                           dnnl::stream stream, const std::vector<Argument>& arguments,
                                           const Descriptor& scratchpad)
    : primitive_(std::move(primitive)), stream_(std::move(stream)) {
  const auto add = [&](int name, const Descriptor& layout) {
    memories_.push_back(dnnl::memory(layout, engine, DNNL_MEMORY_NONE));
    arguments_.push_back({name, memories_.back().get()});
  };
  for (const Argument& argument : arguments) {
    add(argument.name, argument.where.layout);
    buffers_.push_back(argument.where.buffer);
  }
  add(DNNL_ARG_SCRATCHPAD, scratchpad);
}

void PrimitiveInstruction::bind(const Pointers& pointers, std::byte* scratchpad) {
  for (std::size_t i = 0; i < buffers_.size(); ++i)
    memories_[i].set_data_handle(pointers.at<void*>(buffers_[i]));
  memories_.back().set_data_handle(scratchpad);
}

void PrimitiveInstruction::run(const Pointers&) {
  dnnl::error::wrap_c_api(dnnl_primitive_execute(primitive_.get(), stream_.get(),
                                                 static_cast<int>(arguments_.size()), arguments_.data()),
                          "could not execute a primitive");
}

}  // namespace generalizer::onednn
