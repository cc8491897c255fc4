#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "generalizer/parameter.h"
#include "generalizer/program.h"

namespace generalizer {

/// What a backend says of itself and of this machine; never throws to get.
struct BackendReport {
  bool available = false;
  std::string reason;                            ///< why not, and what to do about it; empty when available
  std::vector<std::string> devices;              ///< "2 × Intel Xeon, AVX-512"
  std::map<std::string, std::string> libraries;  ///< name → version really loaded
  std::vector<DType> floating_types;             ///< what `precision` may be
  /// How it can compute products of f32: what else `precision` may be.
  std::vector<Arithmetic> arithmetics = {Arithmetic::exact};
};

/// Bytes that an executable takes on its device.
struct MemoryReport {
  std::int64_t arena = 0;       ///< values of one run, overlapped by lifetime
  std::int64_t unshared = 0;    ///< what the arena would be without overlap
  std::int64_t scratchpad = 0;  ///< the library's own work space
};

/// What compiling a program comes to, as far as it can be known on a machine without the device.
struct CompileReport {
  MemoryReport memory;
  std::int64_t kernels = 0;        ///< made for this program
  std::int64_t launches = 0;       ///< of kernels, in one run
  std::int64_t library_calls = 0;  ///< in one run
  std::vector<std::string> targets;  ///< what the kernels were compiled for: "sm_90", "compute_90"
};

/// Host memory that the device can copy from and to fast (pinned on a GPU, plain on a CPU).
class GENERALIZER_EXPORT HostBuffer {
 public:
  virtual ~HostBuffer() = default;
  virtual std::span<std::byte> bytes() = 0;  ///< To be written anew: waits until what was given to `set_input` from here has been copied. From any thread.
};

/// A program compiled for one session. Memory, kernels and layouts are chosen; running allocates nothing.
/// Every transfer is explicit and in plain row-major order.
class GENERALIZER_EXPORT Executable {
 public:
  virtual ~Executable() = default;

  /// Copies from the host into input `index` of the program; what lies in a `HostBuffer` is read later: see there. Throws `Error` when the size is wrong.
  void set_input(std::size_t index, std::span<const std::byte> bytes);
  /// Runs the program once. May return before the device has finished; reading waits.
  void run() { do_run(); }
  /// Copies output `index` of the last run to the host.
  void get_output(std::size_t index, std::span<std::byte> bytes);
  MemoryReport memory() const { return do_memory(); }
  const Program& program() const { return program_; }

 protected:
  explicit Executable(Program program) : program_(std::move(program)) {}
  virtual void do_set_input(std::size_t index, std::span<const std::byte> bytes) = 0;
  virtual void do_run() = 0;
  virtual void do_get_output(std::size_t index, std::span<std::byte> bytes) = 0;
  virtual MemoryReport do_memory() const = 0;

 private:
  Program program_;
};

/// One device in use: the variables that live on it, shared by every program compiled for it.
class GENERALIZER_EXPORT Session {
 public:
  virtual ~Session() = default;

  /// Compiles a verified program; variables that the session does not have yet begin as zeros. The executable must not outlive the session.
  /// Throws `BackendError` naming op, scope, shapes and types when there is no kernel.
  std::unique_ptr<Executable> compile(const Program& program);
  /// Host → variable, row-major. Throws `Error` for an unknown name or a wrong size.
  void write_variable(const std::string& name, std::span<const std::byte> bytes);
  /// Variable → host, row-major, after everything that has been run.
  void read_variable(const std::string& name, std::span<std::byte> bytes);
  /// Declares a variable ahead of any program; zeros. The same name with another type is an `Error`.
  void declare_variable(const std::string& name, const TensorType& type);
  const std::map<std::string, TensorType>& variables() const { return variables_; }
  /// Bytes that variables and programs can still take on the device; none where that is no fixed number or isn't known.
  virtual std::optional<std::int64_t> free_bytes() const { return std::nullopt; }
  /// What the program would take on the device. Compiles nothing and allocates nothing.
  virtual MemoryReport forecast(const Program& program) const;
  /// Waits until the device has done all that was asked.
  virtual void synchronize() {}
  virtual std::unique_ptr<HostBuffer> allocate_host(std::size_t bytes);
  /// The device really used, for the run's record: "onednn 3.2.0, avx512_core, 2 threads".
  virtual std::string device() const = 0;

 protected:
  virtual std::unique_ptr<Executable> do_compile(const Program& program) = 0;
  virtual void do_declare_variable(const std::string& name, const TensorType& type) = 0;
  virtual void do_write_variable(const std::string& name, std::span<const std::byte> bytes) = 0;
  virtual void do_read_variable(const std::string& name, std::span<std::byte> bytes) = 0;

 private:
  std::map<std::string, TensorType> variables_;
};

/// A kind of backend: what a plugin registers.
struct BackendType {
  std::string name;  ///< "onednn"
  std::string summary;
  std::vector<ParameterSpec> parameters;  ///< of `backend = { type = "onednn", threads = 2 }`
  std::function<BackendReport()> report;
  /// Throws `BackendError` saying what is missing and which backend works instead.
  std::function<std::unique_ptr<Session>(const Parameters&)> open;
  /// Compiles a program as far as that goes without a device, for `check`; empty where a backend has nothing to compile ahead. Throws `BackendError`
  /// as `Session::compile`, and when what is needed to compile isn't here.
  std::function<CompileReport(const Program&)> compile_ahead = {};
};

}  // namespace generalizer
