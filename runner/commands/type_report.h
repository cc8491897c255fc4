#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "generalizer/registry.h"

namespace generalizer {

/// A type of any kind, or a custom op, as `generalizer plugins` shows it.
struct Described {
  std::string kind;  ///< "layer", "loss", "optimizer", "dataset", "backend", "op"
  std::string name;
  std::string summary;
  std::string file;                                        ///< the plugin's
  const std::vector<ParameterSpec>* parameters = nullptr;  ///< null for an op
  const LayerType* layer = nullptr;                        ///< of these the one that its kind says
  const LossType* loss = nullptr;
  const OptimizerType* optimizer = nullptr;
  const DatasetType* dataset = nullptr;
  const BackendType* backend = nullptr;
  const OpDefinition* op = nullptr;
};

/// All that is registered, kind by kind.
std::vector<Described> all_types(const Registry& registry);

/// A backend's state here: "available: …", or why not.
std::string report_text(const BackendReport& report);
nlohmann::ordered_json report_json(const BackendReport& report);

/// Everything of one type for people: its keys and those that all of its kind have, what shapes a layer makes of which and with what weights, an example.
std::string type_text(const Described& type);
/// The same for programs.
nlohmann::ordered_json type_json(const Described& type);

}  // namespace generalizer
