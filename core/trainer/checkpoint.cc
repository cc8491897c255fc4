#include "trainer/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace generalizer {
namespace {

constexpr const char* suffix = ".safetensors";

nlohmann::json to_json(const TrainingState& state) {
  nlohmann::json watches = nlohmann::json::object();
  for (const auto& [name, watch] : state.watches) {
    nlohmann::json& json = watches[name] = {
        {"best_epoch", watch.best_epoch}, {"waiting", watch.waiting}, {"factor", watch.factor}};
    if (watch.best) json["best"] = *watch.best;
  }
  return {{"epoch", state.epoch},
          {"step_in_epoch", state.step_in_epoch},
          {"step", state.step},
          {"watches", std::move(watches)}};
}

std::map<std::string, WatchState> watches_of(const nlohmann::json& state) {
  std::map<std::string, WatchState> watches;
  const auto saved = state.find("watches");
  if (saved == state.end()) return watches;
  for (const auto& [name, json] : saved->items()) {
    WatchState& watch = watches[name];
    if (json.contains("best")) watch.best = json.at("best").get<double>();
    watch.best_epoch = json.at("best_epoch").get<std::int64_t>();
    watch.waiting = json.at("waiting").get<std::int64_t>();
    watch.factor = json.at("factor").get<double>();
  }
  return watches;
}

TrainingState state_of(const std::filesystem::path& path, const TensorFile& file) {
  const auto text = file.metadata.find("state");
  const auto json =
      text == file.metadata.end() ? nlohmann::json() : nlohmann::json::parse(text->second, nullptr, false);
  try {
    return {json.at("epoch").get<std::int64_t>(), json.at("step_in_epoch").get<std::int64_t>(),
            json.at("step").get<std::int64_t>(), watches_of(json)};
  } catch (const nlohmann::json::exception&) {
    throw DataError(path.string() +
                    " is no checkpoint of a training: it does not say at which step it was made.");
  }
}

/// Throws unless the file holds exactly what the network needs.
void check_fit(const std::filesystem::path& path, const TensorFile& file, const Network& network) {
  for (const VariableDeclaration& variable : network.variables()) {
    const NamedTensor* tensor = file.find(variable.name);
    if (tensor == nullptr)
      throw DataError(path.string() + " has no \"" + variable.name + "\": it belongs to another network.");
    if (tensor->type != variable.type) {
      throw DataError(path.string() + " has \"" + variable.name + "\" as " + to_string(tensor->type) +
                      " and the network needs " + to_string(variable.type) +
                      ": it belongs to another network.");
    }
  }
}

}  // namespace

Snapshot take_snapshot(const Network& network, const TrainingState& state) {
  Snapshot snapshot{state, {}};
  for (const VariableDeclaration& variable : network.variables()) {
    snapshot.variables.push_back({variable.name, variable.type, network.read(variable.name)});
  }
  return snapshot;
}

namespace {

void write_snapshot(const std::filesystem::path& path, Snapshot snapshot) {
  // "format" is what PyTorch's own reader asks for.
  write_safetensors(path, {{{"state", to_json(snapshot.state).dump()}, {"format", "pt"}},
                           std::move(snapshot.variables)});
}

}  // namespace

std::filesystem::path save_checkpoint(const std::filesystem::path& folder, Snapshot snapshot,
                                      std::int64_t keep) {
  const std::filesystem::path path = folder / fmt::format("step-{:09}{}", snapshot.state.step, suffix);
  write_snapshot(path, std::move(snapshot));

  const std::vector<std::filesystem::path> all = checkpoints_of(folder);
  for (std::size_t i = static_cast<std::size_t>(keep); i < all.size(); ++i) {
    std::error_code ignored;  // one checkpoint too many harms nobody
    std::filesystem::remove(all[i], ignored);
  }
  return path;
}

std::filesystem::path save_best(const std::filesystem::path& folder, Snapshot snapshot) {
  const std::filesystem::path path = folder / (std::string("best") + suffix);
  write_snapshot(path, std::move(snapshot));
  return path;
}

std::vector<std::filesystem::path> checkpoints_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == suffix && entry.path().filename().string().starts_with("step-"))
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end(), std::greater<>());
  return files;
}

RestoredCheckpoint restore_checkpoint(const std::filesystem::path& path, Network& network) {
  const TensorFile file = read_safetensors(path);
  const TrainingState state = state_of(path, file);
  check_fit(path, file, network);
  for (const VariableDeclaration& variable : network.variables())
    network.session().write_variable(variable.name, file.find(variable.name)->bytes);
  return {path, state};
}

RestoredCheckpoint restore_newest(const std::filesystem::path& folder, Network& network,
                                  const std::function<void(const std::string&)>& warning) {
  std::string reasons;
  for (const std::filesystem::path& path : checkpoints_of(folder)) {
    try {
      return restore_checkpoint(path, network);
    } catch (const DataError& error) {
      warning(std::string(error.what()) + " It was passed over.");
      reasons += std::string("\n  ") + error.what();
    }
  }
  throw DataError("there is no good checkpoint in " + folder.string() +
                  (reasons.empty() ? ": it holds none at all." : ":" + reasons));
}

}  // namespace generalizer
