#include "audit/memorisation.h"

#include <algorithm>
#include <cmath>

#include "audit/ranking.h"
#include "data/permutation.h"

namespace generalizer {
namespace {

MembershipFigures figures(const std::vector<double>& members, const std::vector<double>& others) {
  return {area_under_curve(members, others), true_positive_rate_at(members, others, 0.01)};
}

struct Gaussian {
  double mean = 0.0;
  double variance = 1.0;
  std::int64_t count = 0;

  double log_density(double x) const {
    return -0.5 * ((x - mean) * (x - mean) / variance + std::log(variance));
  }
};

/// Confidences of some images, and the Gaussian of each class; that of all stands in for classes with too few.
class Fitted {
 public:
  Fitted(const Answers& answers, std::span<const std::int64_t> images) {
    all_ = gaussian(answers, images, -1);
    for (std::int64_t label = 0; label < answers.classes; ++label) {
      const Gaussian own = gaussian(answers, images, static_cast<std::int32_t>(label));
      by_class_.push_back(own.count >= 2 ? own : all_);
    }
  }
  double log_density(const Answers& answers, std::size_t image) const {
    return by_class_[static_cast<std::size_t>(answers.labels[image])].log_density(answers.confidence(image));
  }

 private:
  /// Of the images with this label; of all with −1.
  static Gaussian gaussian(const Answers& answers, std::span<const std::int64_t> images, std::int32_t label) {
    Gaussian result;
    double sum = 0.0;
    double squares = 0.0;
    for (const std::int64_t i : images) {
      const auto image = static_cast<std::size_t>(i);
      if (label >= 0 && answers.labels[image] != label) continue;
      const double confidence = answers.confidence(image);
      sum += confidence;
      squares += confidence * confidence;
      ++result.count;
    }
    if (result.count == 0) return result;
    const auto count = static_cast<double>(result.count);
    result.mean = sum / count;
    result.variance = std::max(squares / count - result.mean * result.mean, 1e-6);
    return result;
  }

  Gaussian all_;
  std::vector<Gaussian> by_class_;
};

/// Two random halves.
std::vector<std::vector<std::int64_t>> halves(std::size_t images, std::uint64_t seed, const char* stream) {
  const std::vector<std::int64_t> order = permutation(static_cast<std::int64_t>(images), Philox(seed, stream_of(stream)));
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(images / 2);
  return {{order.begin(), middle}, {middle, order.end()}};
}

}  // namespace

std::int32_t Answers::predicted(std::size_t image) const {
  const auto begin = logits.begin() + static_cast<std::ptrdiff_t>(image * static_cast<std::size_t>(classes));
  return static_cast<std::int32_t>(std::max_element(begin, begin + classes) - begin);
}

double Answers::loss(std::size_t image) const {
  const float* row = logits.data() + image * static_cast<std::size_t>(classes);
  const double most = *std::max_element(row, row + classes);
  double sum = 0.0;
  for (std::int64_t k = 0; k < classes; ++k) sum += std::exp(row[k] - most);
  return std::log(sum) + most - row[labels[image]];
}

double Answers::confidence(std::size_t image) const {
  const float* row = logits.data() + image * static_cast<std::size_t>(classes);
  double most = -INFINITY;
  for (std::int64_t k = 0; k < classes; ++k) {
    if (k != labels[image]) most = std::max(most, static_cast<double>(row[k]));
  }
  double others = 0.0;
  for (std::int64_t k = 0; k < classes; ++k) {
    if (k != labels[image]) others += std::exp(row[k] - most);
  }
  return row[labels[image]] - most - std::log(others);
}

double Answers::mean_loss() const {
  double sum = 0.0;
  for (std::size_t i = 0; i < images(); ++i) sum += loss(i);
  return sum / static_cast<double>(images());
}

double Answers::accuracy() const {
  std::int64_t right = 0;
  for (std::size_t i = 0; i < images(); ++i) right += predicted(i) == labels[i] ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(images());
}

MembershipFigures loss_attack(const Answers& members, const Answers& others) {
  const auto scores = [](const Answers& answers) {
    std::vector<double> result;
    for (std::size_t i = 0; i < answers.images(); ++i) result.push_back(-answers.loss(i));
    return result;
  };
  return figures(scores(members), scores(others));
}

MembershipFigures likelihood_ratio_attack(const Answers& members, const Answers& others, std::uint64_t seed) {
  const auto in = halves(members.images(), seed, "members");
  const auto out = halves(others.images(), seed, "others");
  std::vector<double> member_scores;
  std::vector<double> other_scores;
  for (std::size_t half = 0; half < 2; ++half) {
    const Fitted fitted_in(members, in[1 - half]);
    const Fitted fitted_out(others, out[1 - half]);
    const auto score = [&](const Answers& answers, const std::vector<std::int64_t>& images, std::vector<double>& scores) {
      for (const std::int64_t i : images) {
        const auto image = static_cast<std::size_t>(i);
        scores.push_back(fitted_in.log_density(answers, image) - fitted_out.log_density(answers, image));
      }
    };
    score(members, in[half], member_scores);
    score(others, out[half], other_scores);
  }
  return figures(member_scores, other_scores);
}

std::optional<WrongLabels> wrong_labels(const Answers& training, std::span<const std::int32_t> true_labels) {
  WrongLabels result;
  for (std::size_t i = 0; i < training.images(); ++i) {
    if (training.labels[i] == true_labels[i]) continue;
    ++result.images;
    result.learnt_by_heart += training.predicted(i) == training.labels[i] ? 1.0 : 0.0;
    result.answered_rightly += training.predicted(i) == true_labels[i] ? 1.0 : 0.0;
  }
  if (result.images == 0) return std::nullopt;
  result.learnt_by_heart /= static_cast<double>(result.images);
  result.answered_rightly /= static_cast<double>(result.images);
  return result;
}

}  // namespace generalizer
