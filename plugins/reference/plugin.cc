#include "generalizer/plugin.h"

#include "session.h"

namespace {

generalizer::BackendType reference_backend() {
  return {.name = "reference",
          .summary =
              "Every op by its plain loop, in f32 or f64, on one thread: slow, and what other backends are "
              "compared with.",
          .parameters = {},
          .report =
              [] {
                generalizer::BackendReport report;
                report.available = true;
                report.devices = {"one thread of this machine's processor"};
                report.floating_types = {generalizer::DType::f32, generalizer::DType::f64};
                return report;
              },
          .open = [](const generalizer::Parameters&) -> std::unique_ptr<generalizer::Session> {
            return std::make_unique<generalizer::reference::ReferenceSession>();
          }};
}

}  // namespace

GENERALIZER_PLUGIN("reference", GENERALIZER_VERSION, "Apache-2.0",
                   [](generalizer::Registry& registry) { registry.add_backend(reference_backend()); })
