#include "generalizer/backend.h"
#include "generalizer/memory_plan.h"

namespace generalizer {
namespace {

class PlainHostBuffer final : public HostBuffer {
 public:
  explicit PlainHostBuffer(std::size_t bytes) : bytes_(bytes) {}
  std::span<std::byte> bytes() override { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

using Variables = std::map<std::string, TensorType>;

void require_same_type(const Variables& known, const std::string& name, const TensorType& type) {
  const auto found = known.find(name);
  if (found == known.end() || found->second == type) return;
  throw Error("The session holds the variable \"" + name + "\" as " + to_string(found->second) +
              ", and it was asked for as " + to_string(type) + ": give one of the two another name.");
}

const TensorType& require_known(const Variables& known, const std::string& name) {
  const auto found = known.find(name);
  if (found != known.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [candidate, type] : known) names.push_back(candidate);
  const std::string near = nearest_name(name, names);
  throw Error("The session has no variable \"" + name + "\"" +
              (near.empty() ? ": declare it, or compile a program that has it, first."
                            : "; did you mean \"" + near + "\"?"));
}

void require_bytes(const std::string& name, const TensorType& type, std::size_t bytes) {
  if (bytes == static_cast<std::size_t>(type.bytes())) return;
  throw Error("The host's buffer for the variable \"" + name + "\" (" + to_string(type) + ") has " +
              std::to_string(bytes) + " bytes and must have " + std::to_string(type.bytes()) + ".");
}

}  // namespace

std::unique_ptr<Executable> Session::compile(const Program& program) {
  program.verify();
  // All are checked before any is declared, so that a program that is refused leaves nothing behind.
  for (const ValueId id : program.variables()) {
    require_same_type(variables_, program.value(id).name, program.value(id).type);
  }
  for (const ValueId id : program.variables())
    declare_variable(program.value(id).name, program.value(id).type);
  return do_compile(keep_old_values(program));
}

void Session::declare_variable(const std::string& name, const TensorType& type) {
  require_same_type(variables_, name, type);
  if (variables_.contains(name)) return;
  do_declare_variable(name, type);
  variables_.emplace(name, type);
}

void Session::write_variable(const std::string& name, std::span<const std::byte> bytes) {
  require_bytes(name, require_known(variables_, name), bytes.size());
  do_write_variable(name, bytes);
}

void Session::read_variable(const std::string& name, std::span<std::byte> bytes) {
  require_bytes(name, require_known(variables_, name), bytes.size());
  do_read_variable(name, bytes);
}

MemoryReport Session::forecast(const Program& program) const {
  const ArenaPlan plan = plan_program(keep_old_values(program));
  return {plan.size, plan.unshared, 0};
}

std::unique_ptr<HostBuffer> Session::allocate_host(std::size_t bytes) {
  return std::make_unique<PlainHostBuffer>(bytes);
}

}  // namespace generalizer
