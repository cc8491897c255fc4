#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "trainer/network.h"

namespace generalizer {

/// run.json: the program's version, the backend and device really used, libraries, seed, host, command, start, and the data's shape, so that a run
/// can be used again where its dataset is not.
nlohmann::json make_record(const Network& network, const Registry& registry, const std::string& command);

/// The data's shape from a record. Throws `DataError` when it isn't there.
DataShape data_shape_of(const nlohmann::json& record);

}  // namespace generalizer
