// The plugin itself is thin: CUDA's libraries take a tenth of a second to load, and a program that doesn't use them shouldn't wait for them. They, and all
// that calls them, are in cuda/device.so beside this file, which is opened when somebody asks for the backend.
#include "generalizer/plugin.h"

#include <dlfcn.h>

#include <filesystem>

#include "entry.h"

namespace {

using namespace generalizer;

const char here = 0;  // something that lies in this file

/// cuda/device.so in the folder of this file.
std::string device_library() {
  Dl_info self{};
  if (dladdr(&here, &self) == 0 || self.dli_fname == nullptr) return "cuda/device.so";
  return (std::filesystem::path(self.dli_fname).parent_path() / "cuda" / "device.so").string();
}

struct Entry {
  const cuda::DeviceEntry* functions = nullptr;
  std::string reason;  ///< why there are none
};

Entry open_library() {
  const std::string file = device_library();
  // Never closed: CUDA's libraries start threads.
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    return {nullptr, std::string("The libraries of the CUDA backend can't be loaded: ") + dlerror() +
                         ". Install cuBLAS, cuDNN and NVRTC, or add their folder to LD_LIBRARY_PATH; backend = \"onednn\" works without them."};
  }
  const auto* functions = static_cast<const cuda::DeviceEntry*>(dlsym(library, cuda::kDeviceEntry));
  if (functions == nullptr) return {nullptr, file + " is no part of this plugin: install both anew."};
  return {functions, {}};
}

const Entry& entry() {
  static const Entry opened = open_library();
  return opened;
}

BackendReport report() {
  if (entry().functions != nullptr) return entry().functions->report();
  BackendReport none;
  none.reason = entry().reason;
  return none;
}

std::unique_ptr<Session> open(const Parameters& parameters) {
  if (entry().functions == nullptr) throw BackendError("The backend \"cuda\" can't be used here. " + entry().reason);
  return entry().functions->open(parameters.integer("device"));
}

CompileReport compile_ahead(const Program& program) {
  if (entry().functions == nullptr) throw PluginError("The graph can't be compiled for CUDA devices here. " + entry().reason);
  return entry().functions->compile_ahead(program);
}

BackendType cuda_backend() {
  return {.name = "cuda",
          .summary = "NVIDIA devices, in f32, tf32, bf16 or f64: kernels compiled for the graph, cuBLASLt, cuDNN; a step is one CUDA graph.",
          .parameters = {at_least(parameter("device", {ParameterType::integer}, std::int64_t{0}, "Which device, counted from 0."), 0)},
          .report = report,
          .open = open,
          .compile_ahead = compile_ahead};
}

}  // namespace

GENERALIZER_PLUGIN("cuda", GENERALIZER_VERSION, "Apache-2.0", [](generalizer::Registry& registry) { registry.add_backend(cuda_backend()); })
