#pragma once

#include <string>

#include "program/ops/operand_checks.h"

/// What the ops share that read labels: logits F[N×K] and labels i32[N].
namespace generalizer::ops {

/// Throws unless the operands fit: `scores` names the first ("logits").
inline void require_labels(const TensorType& scores, const char* name, const TensorType& labels) {
  require_rank(scores.shape, name, 2, "batch×classes");
  const TensorType expected{DType::i32, Shape{scores.shape[0]}};
  if (labels != expected) {
    throw Error("the labels are " + to_string(labels) + " and must be " + to_string(expected) +
                ", one a row of the " + name + " " + scores.shape.to_string());
  }
}

/// The label of a row. Throws `DataError` when there is no such class.
inline std::int64_t label_of(const HostTensor& labels, std::int64_t row, std::int64_t classes) {
  const std::int64_t label = labels.as<const std::int32_t>()[row];
  if (label < 0 || label >= classes) {
    throw DataError("label " + std::to_string(label) + " is outside [0, " + std::to_string(classes) +
                    "), at record " + std::to_string(row) + " of its batch (counted from 0)");
  }
  return label;
}

}  // namespace generalizer::ops
