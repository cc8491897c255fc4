#include "audit/attack.h"

#include <algorithm>
#include <cmath>

#include "audit/packed.h"
#include "data/subset.h"

namespace generalizer {
namespace {

/// Draws of what is random that attackers learn from, one an epoch in turn: more of them make a stronger attack, and take more memory.
constexpr std::int64_t kTrainingDraws = 4;
/// Beyond those of the training images.
constexpr std::int64_t kTestStream = 1 << 20;

std::int64_t weights_of(const Network& network) {
  std::int64_t weights = 0;
  for (const VariableDeclaration& variable : network.variables()) {
    if (variable.role == VariableRole::weight) weights += variable.type.shape.elements();
  }
  return weights;
}

std::shared_ptr<const Dataset> packed(std::shared_ptr<const Representation> representation, std::shared_ptr<const Dataset> data,
                                      const AuditImages& images) {
  return std::make_shared<PackedImages>(std::move(representation), std::move(data), images.normalization);
}

Representation recreated(Network& network, const Dataset& data, const StopRequested& stop) {
  return output_over(
      network, [&](std::int64_t batch) { return prediction(network.graph(), batch); }, "attacker/output", data, stop);
}

/// The pixels of some images.
std::vector<float> rows_of(const Representation& pixels, const std::vector<std::int64_t>& images) {
  std::vector<float> rows;
  rows.reserve(images.size() * pixels.elements());
  for (const std::int64_t image : images) {
    const auto begin = pixels.values.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(image) * pixels.elements());
    rows.insert(rows.end(), begin, begin + static_cast<std::ptrdiff_t>(pixels.elements()));
  }
  return rows;
}

}  // namespace

AttackedRepresentation attacked(const Tap& tap, const HandOut& how, const AuditImages& images, const StopRequested& stop) {
  const std::int64_t draws = how.draws == 1 && tap.random(how) ? kTrainingDraws : 1;
  AttackedRepresentation result;
  std::optional<Standardization> standardization;
  for (std::int64_t draw = 0; draw < draws; ++draw) {
    auto train = std::make_shared<Representation>(tap.hand_out(*images.train, how, draw, stop));
    if (!standardization) standardization.emplace(*train, images.parts.fitted);
    standardization->apply(*train);
    result.train.push_back(std::move(train));
  }
  auto test = std::make_shared<Representation>(tap.hand_out(*images.test, how, kTestStream, stop));
  standardization->apply(*test);
  result.test = std::move(test);
  result.constant_units = standardization->constant_units();
  return result;
}

double AttackResult::mean_mse() const {
  double sum = 0.0;
  for (const AttackSeed& seed : seeds) sum += seed.test.mse;
  return sum / static_cast<double>(seeds.size());
}

double AttackResult::mse_deviation() const {
  if (seeds.size() < 2) return 0.0;
  const double mean = mean_mse();
  double sum = 0.0;
  for (const AttackSeed& seed : seeds) sum += (seed.test.mse - mean) * (seed.test.mse - mean);
  return std::sqrt(sum / static_cast<double>(seeds.size() - 1));
}

AttackResult attack(const Attacker& attacker, const AttackedRepresentation& representation, const AuditImages& images, const GraphSpec& like,
                    const AttackSettings& settings, const Registry& registry) {
  std::vector<std::shared_ptr<const Dataset>> train;
  for (const auto& draw : representation.train) train.push_back(packed(draw, images.train, images));
  const std::shared_ptr<const Dataset> test = packed(representation.test, images.test, images);
  const Shape image = images.train->image_shape();
  const Subset held_out(train.front(), images.parts.held_out);
  const std::vector<float> held_out_pixels = rows_of(images.train_pixels, images.parts.held_out);

  AttackResult result;
  result.name = attacker.name;
  result.file = attacker.file;
  result.definition = attacker.definition;
  for (std::int64_t seed = 0; seed < settings.seeds; ++seed) {
    Network network(attack_graph(attacker, representation.test->shape, image, like, settings.batch, static_cast<std::uint64_t>(seed), registry),
                    {train.front()->image_shape(), 0}, registry);
    result.weights = weights_of(network);
    AttackSeed one;
    one.seed = static_cast<std::uint64_t>(seed);
    one.fit = fit(network, train, images.parts,
                  {attacker.epochs.value_or(settings.epochs), settings.patience, settings.stop, [&](std::int64_t epoch) {
                     if (settings.epoch_done) settings.epoch_done(attacker.name, seed, epoch);
                   }});
    one.held_out_mse = mean_squared_difference(recreated(network, held_out, settings.stop).values, held_out_pixels);
    const Representation answers = recreated(network, *test, settings.stop);
    one.test = image_quality(answers.values, images.test_pixels.values, image);
    if (result.seeds.empty() || one.held_out_mse < result.strongest().held_out_mse) {
      result.best = result.seeds.size();
      const auto kept = std::min(answers.values.size(), answers.elements() * static_cast<std::size_t>(settings.pictures));
      result.recreated.assign(answers.values.begin(), answers.values.begin() + static_cast<std::ptrdiff_t>(kept));
    }
    result.seeds.push_back(one);
  }
  return result;
}

const AttackResult& strongest_of(const std::vector<AttackResult>& results) {
  return *std::min_element(results.begin(), results.end(), [](const AttackResult& a, const AttackResult& b) {
    return a.strongest().held_out_mse < b.strongest().held_out_mse;
  });
}

}  // namespace generalizer
