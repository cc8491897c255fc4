#include "generalizer/backend.h"

namespace generalizer {
namespace {

/// "input 1 (\"labels\", i32[32]) of program \"train\"", for messages.
std::string place(const Program& program, const char* kind, std::size_t index, const std::string& name,
                  const TensorType& type) {
  return std::string(kind) + " " + std::to_string(index) + " (\"" + name + "\", " + to_string(type) +
         ") of program \"" + program.name() + "\"";
}

void require_index(const Program& program, const char* kind, std::size_t index, std::size_t count) {
  if (index < count) return;
  throw Error("Program \"" + program.name() + "\" has " + std::to_string(count) + " " + kind +
              "s, so it has no " + kind + " " + std::to_string(index) + " (they count from 0).");
}

void require_bytes(const Program& program, const char* kind, std::size_t index, const std::string& name,
                   const TensorType& type, std::size_t bytes) {
  if (bytes == static_cast<std::size_t>(type.bytes())) return;  // in the training loop: makes no text
  throw Error("The host's buffer for " + place(program, kind, index, name, type) + " has " +
              std::to_string(bytes) + " bytes and must have " + std::to_string(type.bytes()) + ".");
}

}  // namespace

void Executable::set_input(std::size_t index, std::span<const std::byte> bytes) {
  require_index(program_, "input", index, program_.inputs().size());
  const Value& input = program_.value(program_.inputs()[index]);
  require_bytes(program_, "input", index, input.name, input.type, bytes.size());
  do_set_input(index, bytes);
}

void Executable::get_output(std::size_t index, std::span<std::byte> bytes) {
  require_index(program_, "output", index, program_.outputs().size());
  const Output& output = program_.outputs()[index];
  const TensorType& type = program_.value(output.value).type;
  require_bytes(program_, "output", index, output.name, type, bytes.size());
  do_get_output(index, bytes);
}

}  // namespace generalizer
