#include "generalizer/dataset.h"

#include "generalizer/extra_labels.h"

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

std::vector<LabelColumn> extra_labels_of(const Dataset& data) {
  const auto* extra = dynamic_cast<const ExtraLabels*>(&data);
  return extra == nullptr ? std::vector<LabelColumn>{} : extra->extra_labels();
}

std::int32_t extra_label_of(const Dataset& data, std::size_t column, std::int64_t index) {
  return dynamic_cast<const ExtraLabels&>(data).extra_label(column, index);
}

}  // namespace generalizer
