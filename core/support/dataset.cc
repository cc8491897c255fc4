#include "generalizer/dataset.h"

namespace generalizer {

ParameterSpec limit_parameter() {
  return at_least(parameter("limit", {ParameterType::integer}, std::int64_t{0},
                            "Take only the first this many images of each split; 0: all."),
                  0);
}

ParameterSpec class_names_parameter() {
  return parameter("class_names", {ParameterType::strings}, std::vector<std::string>(),
                   "Names of the classes, in the order of their labels; empty: the dataset's own.");
}

}  // namespace generalizer
