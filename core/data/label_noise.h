#pragma once

#include "data/subset.h"

namespace generalizer {

/// A dataset some of whose labels are wrong: each label is replaced, with the probability `part`, by one drawn uniformly from all classes, which
/// may be the right one (Zhang, Bengio, Hardt, Recht, Vinyals, 2017, "Understanding deep learning requires rethinking generalization").
///
/// Which and by what depends on the seed and the record's index alone, so every epoch and every resumed run sees the same wrong labels, and a larger
/// `part` keeps those of a smaller one.
class NoisyLabels final : public DatasetView {
 public:
  /// Throws `DataError` for a dataset without labels.
  NoisyLabels(std::shared_ptr<const Dataset> data, double part, std::uint64_t seed);
  std::int32_t label(std::int64_t index) const override;

 private:
  double part_;
  std::uint64_t seed_;
};

}  // namespace generalizer
