#include "schedule.h"

#include <dnnl_debug.h>

#include "generalizer/error.h"

namespace generalizer::onednn {

PrimitiveInstruction::PrimitiveInstruction(std::string what, dnnl::primitive primitive,
                                           const dnnl::engine& engine, dnnl::stream stream,
                                           const std::vector<Argument>& arguments,
                                           const Descriptor& scratchpad)
    : what_(std::move(what)), primitive_(std::move(primitive)), stream_(std::move(stream)) {
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
  const dnnl_status_t status = dnnl_primitive_execute(primitive_.get(), stream_.get(),
                                                      static_cast<int>(arguments_.size()), arguments_.data());
  if (status == dnnl_success) return;
  throw BackendError("backend \"onednn\" failed in " + what_ + ": oneDNN says \"" + dnnl_status2str(status) +
                     "\". Where that is out_of_memory, use a smaller batch.");
}

}  // namespace generalizer::onednn
