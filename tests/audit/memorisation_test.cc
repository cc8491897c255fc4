#include "audit/memorisation.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "audit/ranking.h"
#include "catch.h"
#include "generalizer/random.h"
#include "places.h"

using namespace generalizer;

namespace {

/// Two classes; the logit of the right one is drawn from a normal distribution.
Answers answers(std::size_t images, double mean, double deviation, std::uint64_t stream) {
  Answers result;
  result.classes = 2;
  const Philox random(5, stream);
  for (std::size_t i = 0; i < images; ++i) {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - random.uniform(2 * i)));
    const double normal = radius * std::cos(6.283185307179586 * random.uniform(2 * i + 1));
    const auto label = static_cast<std::int32_t>(i % 2);
    result.labels.push_back(label);
    const auto logit = static_cast<float>(mean + deviation * normal);
    result.logits.push_back(label == 0 ? logit : 0.0F);
    result.logits.push_back(label == 1 ? logit : 0.0F);
  }
  return result;
}

}  // namespace

TEST_CASE("Areas under the curve and rates at 1 % false positives are scikit-learn's") {
  std::ifstream stream(project_folder() + "/tests/golden/audit.json");
  REQUIRE(stream);
  const nlohmann::json all = nlohmann::json::parse(stream);
  for (const nlohmann::json& golden : all.at("scores")) {
    const auto members = golden.at("members").get<std::vector<double>>();
    const auto others = golden.at("others").get<std::vector<double>>();
    CHECK(area_under_curve(members, others) == Approx(golden.at("auc").get<double>()));
    CHECK(true_positive_rate_at(members, others, 0.01) == Approx(golden.at("tpr").get<double>()));
  }
}

TEST_CASE("Loss and confidence of an answer are −log p and the logit of p") {
  Answers one;
  one.classes = 3;
  one.logits = {1.0F, 3.0F, 2.0F};
  one.labels = {2};
  const double sum = std::exp(1.0) + std::exp(3.0) + std::exp(2.0);
  const double p = std::exp(2.0) / sum;
  CHECK(one.predicted(0) == 1);
  CHECK(one.loss(0) == Approx(-std::log(p)));
  CHECK(one.confidence(0) == Approx(std::log(p / (1.0 - p))));
  one.logits = {-1000.0F, 1000.0F, 0.0F};  // where probabilities are 0 and 1 to all digits
  one.labels = {1};
  CHECK(one.loss(0) == 0.0);
  CHECK(one.confidence(0) == Approx(1000.0));
}

TEST_CASE("Members that look like all others can't be told from them") {
  const Answers members = answers(2000, 1.0, 1.0, 1);
  const Answers others = answers(2000, 1.0, 1.0, 2);
  CHECK(loss_attack(members, others).auc == Approx(0.5).margin(0.03));
  CHECK(likelihood_ratio_attack(members, others, 0).auc == Approx(0.5).margin(0.03));
}

TEST_CASE("Two normal distributions are told apart as well as theory says") {
  const Answers members = answers(4000, 2.0, 1.0, 1);
  const Answers others = answers(4000, 1.0, 1.0, 2);
  const double theory = 0.5 * std::erfc(-0.5);  // Φ(1/√2)
  CHECK(loss_attack(members, others).auc == Approx(theory).margin(0.02));
  CHECK(likelihood_ratio_attack(members, others, 0).auc == Approx(theory).margin(0.02));
}

TEST_CASE("A likelihood ratio sees members that scatter less, which a threshold doesn't") {
  const Answers members = answers(4000, 1.0, 0.2, 1);
  const Answers others = answers(4000, 1.0, 2.0, 2);
  CHECK(loss_attack(members, others).auc == Approx(0.5).margin(0.03));
  CHECK(likelihood_ratio_attack(members, others, 0).auc > 0.8);
}

TEST_CASE("Wrong labels are counted as learnt by heart or answered rightly all the same") {
  Answers training;
  training.classes = 3;
  training.labels = {0, 1, 2, 0};
  training.logits = {9, 0, 0, 9, 0, 0, 0, 0, 9, 0, 9, 0};  // answers 0, 0, 2, 1
  const std::vector<std::int32_t> right = {0, 0, 1, 2};
  const auto wrong = wrong_labels(training, right);
  REQUIRE(wrong);
  CHECK(wrong->images == 3);
  CHECK(wrong->learnt_by_heart == Approx(1.0 / 3));
  CHECK(wrong->answered_rightly == Approx(1.0 / 3));
  CHECK_FALSE(wrong_labels(training, training.labels));
}
