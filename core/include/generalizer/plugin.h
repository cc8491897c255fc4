#pragma once

#include <cstdint>

#include "generalizer/registry.h"

/// Raised whenever a header under include/generalizer/ changes so that a plugin built before would misbehave.
#define GENERALIZER_API_VERSION 4

/// What must be equal in host and plugin for C++ objects to pass between them: compiler family and ABI, standard library ABI, language level and
/// build options that change layout.
#define GENERALIZER_STRINGIZE_(x) #x
#define GENERALIZER_STRINGIZE(x) GENERALIZER_STRINGIZE_(x)
#if defined(__clang__)
#define GENERALIZER_COMPILER "clang"
#else
#define GENERALIZER_COMPILER "gcc"
#endif
#if defined(_GLIBCXX_DEBUG)
#define GENERALIZER_CHECKED_ "-checked"
#else
#define GENERALIZER_CHECKED_ ""
#endif
#if defined(__SANITIZE_ADDRESS__)
#define GENERALIZER_SANITIZED_ "-asan"
#elif defined(__SANITIZE_THREAD__)
#define GENERALIZER_SANITIZED_ "-tsan"
#else
#define GENERALIZER_SANITIZED_ ""
#endif
#define GENERALIZER_FINGERPRINT                                                                            \
  GENERALIZER_COMPILER "-abi" GENERALIZER_STRINGIZE(__GXX_ABI_VERSION) "-libstdc++" GENERALIZER_STRINGIZE( \
      _GLIBCXX_USE_CXX11_ABI) GENERALIZER_CHECKED_ GENERALIZER_SANITIZED_

extern "C" {

/// What a plugin exports under the symbol `generalizer_plugin`. The loader reads the plain data and refuses a plugin that does not fit before it calls
/// anything in it. Fields are only ever appended; the first four never move.
struct GeneralizerPlugin {
  char magic[8];              ///< "GENPLUG\0"
  std::uint32_t api_version;  ///< GENERALIZER_API_VERSION of the headers it was built with
  const char* fingerprint;    ///< GENERALIZER_FINGERPRINT of its build
  const char* name;
  const char* version;
  const char* licence;                                     ///< SPDX identifier
  void (*register_with)(generalizer::Registry& registry);  ///< adds its types; may throw `Error`
};
}

/// Defines the exported descriptor. Use once in a plugin:
///
///     GENERALIZER_PLUGIN("my_layers", "1.0", "MIT", [](generalizer::Registry& r) { r.add_layer(my_layer()); })
#define GENERALIZER_PLUGIN(plugin_name, plugin_version, plugin_licence, ...)                    \
  extern "C" __attribute__((visibility("default"))) const GeneralizerPlugin generalizer_plugin; \
  const GeneralizerPlugin generalizer_plugin = {{'G', 'E', 'N', 'P', 'L', 'U', 'G', '\0'},      \
                                                GENERALIZER_API_VERSION,                        \
                                                GENERALIZER_FINGERPRINT,                        \
                                                plugin_name,                                    \
                                                plugin_version,                                 \
                                                plugin_licence,                                 \
                                                __VA_ARGS__};
