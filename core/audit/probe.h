#pragma once

#include <string>
#include <vector>

#include "audit/attack.h"

namespace generalizer {

/// How much of a column of further labels can be read off by a linear probe (Alain, Bengio, 2017, "Understanding intermediate layers using linear
/// classifier probes"): a softmax regression trained on standardised numbers with early stopping. Accuracies on the test set.
struct ProbeResult {
  std::string column;
  std::int64_t classes = 0;
  double accuracy = 0.0;        ///< from the representation
  double from_pixels = 0.0;     ///< from the image itself
  double majority_class = 0.0;  ///< of answering the training set's most frequent label
};

/// One a column of the data; none where it has none.
std::vector<ProbeResult> probe_extra_labels(const AttackedRepresentation& representation, const AuditImages& images, const GraphSpec& like,
                                            const AttackSettings& settings, const Registry& registry);

}  // namespace generalizer
