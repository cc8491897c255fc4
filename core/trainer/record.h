#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "trainer/network.h"

namespace generalizer {

/// run.json: the program's version, the backend and device really used, libraries, seed, host, command, start, and the data's shape and class names, so
/// that a run can be used again where its dataset is not.
nlohmann::json make_record(const Network& network, const Dataset& data, const Registry& registry, const std::string& command);

/// The data's shape from a record. Throws `DataError` when it isn't there.
DataShape data_shape_of(const nlohmann::json& record);

/// The names of the classes, in the order of their labels; none where the data had none, or the record is older than they are.
std::vector<std::string> class_names_of(const nlohmann::json& record);

/// Throws `DataError` when the class names that a run was trained with are not the data's: a folder of images that came or went moves every label behind it,
/// and what was learnt of one class would be counted for another. Without names on either side there is nothing to compare.
void check_class_names(const std::vector<std::string>& trained, const Dataset& data);

}  // namespace generalizer
