#pragma once

#include <dnnl.hpp>

#include "generalizer/backend.h"
#include "variables.h"

namespace generalizer::onednn {

class OnednnSession final : public Session {
 public:
  /// `threads`: 0 for every core that the process may use.
  explicit OnednnSession(int threads);
  std::string device() const override;

 protected:
  std::unique_ptr<Executable> do_compile(const Program& program) override;
  void do_declare_variable(const std::string& name, const TensorType& type) override {
    variables_.declare(name, type);
  }
  void do_write_variable(const std::string& name, std::span<const std::byte> bytes) override;
  void do_read_variable(const std::string& name, std::span<std::byte> bytes) override;

 private:
  int threads_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  Variables variables_;
};

/// "3.2.0"
std::string library_version();
/// "avx512_core": the best instructions that the library uses here.
std::string instruction_set();
/// Cores that this process may run on.
int available_cores();

}  // namespace generalizer::onednn
