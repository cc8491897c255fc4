#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "audit/representation.h"

namespace generalizer {

/// What the classifier says of images: their logits, and the labels that it should give.
struct Answers {
  std::int64_t classes = 0;
  std::vector<float> logits;         ///< images × classes
  std::vector<std::int32_t> labels;  ///< as the data gives them, wrong ones too

  std::size_t images() const { return labels.size(); }
  /// The class with the largest logit, the first of several.
  std::int32_t predicted(std::size_t image) const;
  /// −log p(label), in double precision.
  double loss(std::size_t image) const;
  /// log(p/(1 − p)) of the label's probability p: near to normal, where a loss isn't (Carlini et al., 2022).
  double confidence(std::size_t image) const;
  double mean_loss() const;
  double accuracy() const;
};

/// How well it can be told whether an image was trained on.
struct MembershipFigures {
  double auc = 0.0;
  double tpr_at_1_percent_fpr = 0.0;
};

struct Membership {
  MembershipFigures loss;              ///< see `loss_attack`
  MembershipFigures likelihood_ratio;  ///< see `likelihood_ratio_attack`
};

/// Whoever has a smaller loss was trained on (Yeom, Giacomelli, Fredrikson, Jha, 2018, "Privacy risk in machine learning: analyzing the connection to
/// overfitting").
MembershipFigures loss_attack(const Answers& members, const Answers& others);

/// The score of an image is log N(c | members of its class) − log N(c | others of its class), c its confidence: the parametric likelihood ratio of
/// Carlini et al., 2022, "Membership inference attacks from first principles", but with one Gaussian a class in place of one an image, fitted on the other half of the
/// members and of the others, in place of shadow models. It knows of half the images whether they were trained on, and so stands for a well-informed
/// attacker, not for the strongest. A class with fewer than two images on a side is taken together with all others.
MembershipFigures likelihood_ratio_attack(const Answers& members, const Answers& others, std::uint64_t seed);

/// What became of the training images whose label was replaced by another.
struct WrongLabels {
  std::int64_t images = 0;       ///< with a wrong label
  double learnt_by_heart = 0.0;  ///< share of them that is answered with the wrong label given
  double answered_rightly = 0.0; ///< share of them that is answered with the right label all the same
};
/// Nothing without any. `true_labels` of the same images.
std::optional<WrongLabels> wrong_labels(const Answers& training, std::span<const std::int32_t> true_labels);

}  // namespace generalizer
