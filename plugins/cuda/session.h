#pragma once

#include <map>
#include <memory>
#include <string>

#include "device.h"
#include "generalizer/backend.h"

namespace generalizer::cuda {

/// Memory on a device, given back at the end.
class Memory {
 public:
  Memory(Device& device, std::int64_t bytes) : device_(device), bytes_(bytes), address_(bytes == 0 ? 0 : device.allocate(bytes)) {}
  ~Memory() {
    if (address_ != 0) device_.release(address_);
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  Address address() const { return address_; }
  std::int64_t bytes() const { return bytes_; }

 private:
  Device& device_;
  std::int64_t bytes_;
  Address address_;
};

/// The variables on one device, and what is compiled for it.
class CudaSession final : public Session {
 public:
  explicit CudaSession(std::unique_ptr<Device> device) : device_(std::move(device)) {}
  std::string device() const override { return device_->name(); }
  void synchronize() override { device_->synchronize(); }

 private:
  std::unique_ptr<Executable> do_compile(const Program& program) override;
  void do_declare_variable(const std::string& name, const TensorType& type) override;
  void do_write_variable(const std::string& name, std::span<const std::byte> bytes) override;
  void do_read_variable(const std::string& name, std::span<std::byte> bytes) override;

  std::unique_ptr<Device> device_;
  std::map<std::string, std::unique_ptr<Memory>> memory_;
};

}  // namespace generalizer::cuda
