#include "trainer/epoch_sums.h"

namespace generalizer {
namespace {

constexpr const char* prefix_text = "metrics/train/";

std::optional<double> mean(const Network& network, const std::string& sum, const std::string& images) {
  const auto& known = network.session().variables();
  if (!known.contains(std::string(prefix_text) + sum) || !known.contains(std::string(prefix_text) + images))
    return std::nullopt;
  const double count = network.scalar(std::string(prefix_text) + images);
  return count > 0 ? std::optional(network.scalar(std::string(prefix_text) + sum) / count) : std::nullopt;
}

}  // namespace

void clear_train_sums(Network& network) {
  for (const VariableDeclaration& variable : network.variables()) {
    if (variable.role == VariableRole::metric && variable.name.starts_with(prefix_text))
      network.set_scalar(variable.name, 0.0);
  }
}

ClassifierMetrics train_means(const Network& network) {
  return {mean(network, "loss", "images"), mean(network, "correct", "images")};
}

std::optional<double> decoder_train_mean(const Network& network, const std::string& decoder) {
  return mean(network, decoder + "/loss", decoder + "/images");
}

}  // namespace generalizer
