#include "compiler.h"

#include <fmt/format.h>
#include <nvrtc.h>

#include <algorithm>

#include "generalizer/error.h"

namespace generalizer::cuda {
namespace {

void check(nvrtcResult result, const char* what) {
  if (result != NVRTC_SUCCESS) throw BackendError(fmt::format("NVRTC failed to {}: {}.", what, nvrtcGetErrorString(result)));
}

class NvrtcProgram {
 public:
  explicit NvrtcProgram(const std::string& source) {
    check(nvrtcCreateProgram(&program_, source.c_str(), "generalizer_kernels.cu", 0, nullptr, nullptr), "take a program");
  }
  ~NvrtcProgram() { nvrtcDestroyProgram(&program_); }
  NvrtcProgram(const NvrtcProgram&) = delete;
  NvrtcProgram& operator=(const NvrtcProgram&) = delete;
  nvrtcProgram get() const { return program_; }

  std::string log() const {
    std::size_t size = 0;
    if (nvrtcGetProgramLogSize(program_, &size) != NVRTC_SUCCESS || size < 2) return {};
    std::string text(size - 1, '\0');  // without the closing 0
    return nvrtcGetProgramLog(program_, text.data()) == NVRTC_SUCCESS ? text : std::string();
  }

 private:
  nvrtcProgram program_ = nullptr;
};

}  // namespace

std::vector<char> compile_cuda(const std::string& source, const std::string& architecture) {
  const NvrtcProgram program(source);
  const std::string option = "--gpu-architecture=" + architecture;
  const char* options[] = {option.c_str(), "--std=c++17"};
  if (nvrtcCompileProgram(program.get(), 2, options) != NVRTC_SUCCESS) {
    throw BackendError("NVRTC refuses the kernels for " + architecture +
                       ", which is a mistake of the CUDA backend, not of the graph. Its messages:\n" + program.log());
  }
  std::size_t size = 0;
  std::vector<char> code;
  if (architecture.starts_with("sm_")) {
    check(nvrtcGetCUBINSize(program.get(), &size), "give machine code");
    code.resize(size);
    check(nvrtcGetCUBIN(program.get(), code.data()), "give machine code");
  } else {
    check(nvrtcGetPTXSize(program.get(), &size), "give PTX");
    code.resize(size);
    check(nvrtcGetPTX(program.get(), code.data()), "give PTX");
  }
  return code;
}

std::string architecture_for(int major, int minor) {
  int count = 0;
  check(nvrtcGetNumSupportedArchs(&count), "list its architectures");
  std::vector<int> known(static_cast<std::size_t>(count));
  check(nvrtcGetSupportedArchs(known.data()), "list its architectures");
  const int wanted = 10 * major + minor;
  if (std::find(known.begin(), known.end(), wanted) != known.end()) return "sm_" + std::to_string(wanted);
  // Newer cards run PTX of older ones.
  int newest = 0;
  for (const int architecture : known) newest = architecture <= wanted ? std::max(newest, architecture) : newest;
  if (newest == 0) {
    throw BackendError(fmt::format("The device has compute capability {}.{}, which NVRTC {} no longer compiles for (at least {}.{}): use an older CUDA Toolkit, "
                                   "or backend = \"onednn\".",
                                   major, minor, nvrtc_version(), known.front() / 10, known.front() % 10));
  }
  return "compute_" + std::to_string(newest);
}

std::string nvrtc_version() {
  int major = 0, minor = 0;
  check(nvrtcVersion(&major, &minor), "say its version");
  return fmt::format("{}.{}", major, minor);
}

}  // namespace generalizer::cuda
