#include "curve.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "generalizer/random.h"
#include "trainer/epoch_sums.h"
#include "trainer/given.h"
#include "trainer/materials.h"
#include "trainer/order.h"
#include "trainer/rates.h"
#include "trainer/restarts.h"

namespace generalizer::parity {
namespace {

/// FNV-1a, 64 bits.
std::string checksum(const Batch& batch) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const auto bytes : {batch.images, batch.labels}) {
    for (const std::byte byte : bytes) hash = (hash ^ static_cast<std::uint64_t>(byte)) * 0x100000001B3ULL;
  }
  return fmt::format("{:016x}", hash);
}

template <class T>
void nudge_values(std::span<std::byte> bytes, const Philox& random, double nudge) {
  const std::span<T> values(reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<T>(values[i] * (1.0 + nudge * (2.0 * random.uniform(i) - 1.0)));
}

void nudge_weights(Network& network, const Nudge& nudge) {
  for (const VariableDeclaration& variable : network.variables()) {
    if (variable.role != VariableRole::weight) continue;
    std::vector<std::byte> bytes = network.read(variable.name);
    const Philox random(network.graph().spec().seed,
                        mix_streams(stream_of(("nudge/" + variable.name).c_str()), nudge.stream));
    if (network.floating() == DType::f64) {
      nudge_values<double>(bytes, random, nudge.size);
    } else {
      nudge_values<float>(bytes, random, nudge.size);
    }
    network.session().write_variable(variable.name, bytes);
  }
}

void note_losses(const Network& network, Curve& curve) {
  const auto note = [&](const std::string& player, std::optional<double> loss) {
    curve.losses[player].push_back(loss);
  };
  note("classifier", train_means(network).loss);
  for (const DecoderSpec& decoder : network.graph().spec().decoders)
    note(decoder.name.text, decoder_train_mean(network, decoder.name.text));
}

bool empty(const std::vector<std::optional<double>>& losses) {
  return std::none_of(losses.begin(), losses.end(), [](const auto& loss) { return loss.has_value(); });
}

double relative_difference(const std::optional<double>& found, const std::optional<double>& expected) {
  if (!found && !expected) return 0.0;
  constexpr double no_number = std::numeric_limits<double>::infinity();
  if (!found || !expected) return no_number;
  const auto a = static_cast<float>(*found), b = static_cast<float>(*expected);
  if (a == b) return 0.0;
  if (!std::isfinite(a) || !std::isfinite(b)) return no_number;
  return std::abs(static_cast<double>(a) - b) / std::max(std::abs(static_cast<double>(b)), 1e-30);
}

void require_same(const char* what, const std::string& graph, const std::string& found,
                  const std::string& expected, const char* advice) {
  if (found == expected) return;
  throw Error(fmt::format("the curves of {} are of two trainings: {} is {} here and {} in the saved one. {}",
                          graph, what, found, expected, advice));
}

std::string number(const std::optional<double>& loss) {
  return loss && std::isfinite(*loss) ? fmt::format("{:.9g}", *loss) : "null";
}
std::string number(double distance) {
  return std::isfinite(distance) ? fmt::format("{:.1e}", distance) : "null";
}

/// One line a player.
template <class T>
std::string table(const std::map<std::string, std::vector<T>>& lists) {
  std::string text;
  for (const auto& [player, values] : lists) {
    text += fmt::format("{}    {}: [", text.empty() ? "\n" : ",\n", nlohmann::json(player).dump());
    for (std::size_t i = 0; i < values.size(); ++i) text += (i == 0 ? "" : ", ") + number(values[i]);
    text += "]";
  }
  return "{" + text + "\n  }";
}

/// null is no number: a distance beyond all measure.
double distance_of(const nlohmann::json& json) {
  return json.is_null() ? std::numeric_limits<double>::infinity() : json.get<double>();
}

/// Ten times what rounding does: a backend rounds in every sum of every step, a nudge once.
double allowed_at(const Curve& expected, const std::string& player, std::size_t index, double tolerance) {
  const auto rounding = expected.rounding.find(player);
  if (rounding == expected.rounding.end() || index >= rounding->second.size()) return tolerance;
  return std::max(tolerance, 10.0 * rounding->second[index]);
}

}  // namespace

Curve record(const GraphSpec& spec, const Registry& registry, std::int64_t steps, Nudge nudge) {
  Materials materials(spec, registry);
  Network& network = materials.network;
  const Dataset& data = *materials.data.train;
  network.initialize();
  give_mean_images(network, data);
  if (nudge.size > 0.0) nudge_weights(network, nudge);
  const TrainingLength length = length_of(spec.train, data.size());
  LearningRates rates(network, length.steps, length.per_epoch);
  Restarts restarts(network, length.per_epoch);
  Curve curve{
      spec.name, network.session().device(), name_of(network.floating()), spec.train.batch, {}, steps, {},
      {}};
  TrainingState state;
  for (; state.step < steps; ++state.epoch) {
    const std::int64_t epoch = state.epoch + 1;
    Batcher batcher(data, network.session(), network.floating(), spec.train.batch,
                    epoch_order(data.size(), spec.seed, epoch, spec.train.shuffle), 0, epoch,
                    spec.data.prefetch);
    state.step_in_epoch = 0;
    restarts.epoch_begins(state);
    for (Batch batch = batcher.next(); batch.count > 0 && state.step < steps; batch = batcher.next()) {
      if (state.step == 0) curve.data = checksum(batch);
      clear_train_sums(network);
      rates.set(state);
      materials.alternation.run(batch, state.step + 1);
      note_losses(network, curve);
      ++state.step;
      ++state.step_in_epoch;
    }
  }
  std::erase_if(curve.losses, [](const auto& entry) { return empty(entry.second); });
  return curve;
}

void record_rounding(Curve& curve, const GraphSpec& spec, const Registry& registry, int trainings) {
  for (const auto& [player, losses] : curve.losses) curve.rounding[player].assign(losses.size(), 0.0);
  const double size = spec.precision == Precision::f64 ? 1e-15 : 1e-7;
  for (int training = 0; training < trainings; ++training) {
    const Curve nudged = record(spec, registry, curve.steps, {size, static_cast<std::uint64_t>(training)});
    for (auto& [player, distances] : curve.rounding) {
      double greatest = 0.0;
      for (std::size_t i = 0; i < distances.size(); ++i) {
        greatest =
            std::max(greatest, relative_difference(nudged.losses.at(player)[i], curve.losses.at(player)[i]));
        distances[i] = std::max(distances[i], greatest);
      }
    }
  }
}

std::vector<Deviation> compare(const Curve& found, const Curve& expected, double tolerance) {
  require_same("the graph", expected.graph, found.graph, expected.graph, "Compare curves of one graph.");
  require_same("the batch", expected.graph, std::to_string(found.batch), std::to_string(expected.batch),
               "Where the graph file was changed on purpose, save its curve again: scripts/gpu-check.sh "
               "--save-curves.");
  require_same("the first batch's checksum", expected.graph, found.data, expected.data,
               "The images, their order or their augmentation differ: take the data that "
               "scripts/gpu-check.sh --pack makes, or save the curves again.");
  std::vector<Deviation> deviations;
  for (const auto& [player, losses] : expected.losses) {
    Deviation deviation{player, 0.0, 0, std::nullopt, std::nullopt};
    const auto others = found.losses.find(player);
    if (others == found.losses.end())
      throw Error(fmt::format("the training of {} has no player \"{}\", which its saved curve has.",
                              found.graph, player));
    const std::size_t steps = std::min(losses.size(), others->second.size());
    for (std::size_t i = 0; i < steps; ++i) {
      const double difference = relative_difference(others->second[i], losses[i]);
      const auto step = static_cast<std::int64_t>(i + 1);
      if (difference > deviation.greatest || deviation.at == 0)
        deviation.greatest = difference, deviation.at = step;
      if (difference > tolerance && !deviation.above) deviation.above = step;
      if (difference > allowed_at(expected, player, i, tolerance) && !deviation.wrong) deviation.wrong = step;
    }
    deviations.push_back(deviation);
  }
  return deviations;
}

std::string to_text(const Curve& curve) {
  const auto quoted = [](const std::string& text) { return nlohmann::json(text).dump(); };
  std::string text = fmt::format(
      "{{\n  \"graph\": {},\n  \"device\": {},\n  \"precision\": {},\n  \"batch\": {},\n  \"data\": {},\n  "
      "\"steps\": {},\n",
      quoted(curve.graph), quoted(curve.device), quoted(curve.precision), curve.batch, quoted(curve.data),
      curve.steps);
  text += "  \"losses\": " + table(curve.losses);
  if (!curve.rounding.empty()) text += ",\n  \"rounding\": " + table(curve.rounding);
  return text + "\n}\n";
}

Curve read_curve(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream)
    throw Error(fmt::format(
        "{}: there is no such curve. Save the curves: scripts/gpu-check.sh --save-curves.", file.string()));
  try {
    const nlohmann::json json = nlohmann::json::parse(stream);
    Curve curve{json.at("graph"),
                json.at("device"),
                json.at("precision"),
                json.at("batch"),
                json.at("data"),
                json.at("steps"),
                {},
                {}};
    for (const auto& [player, losses] : json.at("losses").items()) {
      for (const nlohmann::json& loss : losses)
        curve.losses[player].push_back(loss.is_null() ? std::nullopt : std::optional(loss.get<double>()));
    }
    if (!json.contains("rounding")) return curve;
    for (const auto& [player, distances] : json.at("rounding").items()) {
      for (const nlohmann::json& distance : distances)
        curve.rounding[player].push_back(distance_of(distance));
    }
    return curve;
  } catch (const nlohmann::json::exception& error) {
    throw Error(
        fmt::format("{} is no saved curve: {}. Save the curves again: scripts/gpu-check.sh --save-curves.",
                    file.string(), error.what()));
  }
}

}  // namespace generalizer::parity
