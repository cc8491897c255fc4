#pragma once

#include <map>
#include <memory>
#include <string>

#include "generalizer/backend.h"
#include "lanes.h"

namespace generalizer::cuda {

/// The variables on one device, and what is compiled for it.
class CudaSession final : public Session {
 public:
  explicit CudaSession(std::unique_ptr<Device> device) : device_(std::move(device)), lanes_(*device_) {}
  std::string device() const override { return device_->name(); }
  void synchronize() override;
  std::unique_ptr<HostBuffer> allocate_host(std::size_t bytes) override { return lanes_.pinned.take(bytes); }
  std::optional<std::int64_t> free_bytes() const override { return device_->free_bytes(); }
  /// To the byte what compiling it would allocate on the device.
  MemoryReport forecast(const Program& program) const override;

 private:
  std::unique_ptr<Executable> do_compile(const Program& program) override;
  void do_declare_variable(const std::string& name, const TensorType& type) override;
  /// Returns at once; what runs later sees the new values.
  void do_write_variable(const std::string& name, std::span<const std::byte> bytes) override;
  void do_read_variable(const std::string& name, std::span<std::byte> bytes) override;

  std::unique_ptr<Device> device_;
  Lanes lanes_;
  std::map<std::string, std::unique_ptr<Memory>> memory_;
};

}  // namespace generalizer::cuda
