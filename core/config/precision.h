#pragma once

#include <string>
#include <vector>

#include "config/graph_spec.h"
#include "generalizer/backend.h"

namespace generalizer {

/// The precision of that name; f32 for what is no name of one.
Precision precision_called(const std::string& name);
/// What `precision` may be on this backend.
std::vector<Precision> precisions_of(const BackendReport& report);

}  // namespace generalizer
