// A descriptor that doesn't fit in one way, chosen by the build. Calling anything in it would end the
// program.
#include <cstdlib>

#include "generalizer/plugin.h"

#ifndef MAGIC_END
#define MAGIC_END '\0'
#endif
#ifndef API_VERSION
#define API_VERSION GENERALIZER_API_VERSION
#endif
#ifndef FINGERPRINT
#define FINGERPRINT GENERALIZER_FINGERPRINT
#endif
#ifndef REGISTER
#define REGISTER [](generalizer::Registry&) { std::abort(); }
#endif

extern "C" __attribute__((visibility("default"))) const GeneralizerPlugin generalizer_plugin;
const GeneralizerPlugin generalizer_plugin = {{'G', 'E', 'N', 'P', 'L', 'U', 'G', MAGIC_END},
                                              API_VERSION,
                                              FINGERPRINT,
                                              "misfit",
                                              "0.1",
                                              "MIT",
                                              REGISTER};
