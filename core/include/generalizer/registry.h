#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "generalizer/backend.h"
#include "generalizer/dataset.h"
#include "generalizer/layer.h"
#include "generalizer/loss.h"
#include "generalizer/optimizer.h"

namespace generalizer {

/// What one plugin brought, for `generalizer plugins`.
struct PluginRecord {
  std::string name;
  std::string version;
  std::string licence;
  std::string file;
  std::vector<std::string> provides;  ///< "layer conv2d", "backend onednn"
};

/// A plugin in a searched folder that could not be loaded. That stops nothing: asking for what it would have
/// brought does.
struct PluginFailure {
  std::string file;
  std::string reason;  ///< full sentences that name the file
};

/// Everything that plugins have registered. One is made by `main` and handed on; there is no global.
///
/// Each `add_…` throws `PluginError` naming both files when the name is taken. Pointers stay valid as long as
/// the registry.
class GENERALIZER_EXPORT Registry {
 public:
  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  void add_layer(LayerType type);
  void add_loss(LossType type);
  void add_optimizer(OptimizerType type);
  void add_dataset(DatasetType type);
  void add_backend(BackendType type);
  /// A custom op: its name, rules and kernels, for `plugins`, `test-plugin` and messages. Layers use the plugin's own definition with `apply`; it must
  /// live as long as the process, in a function's static. Throws `PluginError`, too, when a built-in op has the name.
  void add_op(const OpDefinition& op);

  const LayerType* find_layer(const std::string& name) const;
  const LossType* find_loss(const std::string& name) const;
  const OptimizerType* find_optimizer(const std::string& name) const;
  const DatasetType* find_dataset(const std::string& name) const;
  const BackendType* find_backend(const std::string& name) const;
  const OpDefinition* find_op(const std::string& name) const;  ///< of the custom ops

  std::vector<std::string> layer_names() const;
  std::vector<std::string> loss_names() const;
  std::vector<std::string> optimizer_names() const;
  std::vector<std::string> dataset_names() const;
  std::vector<std::string> backend_names() const;
  std::vector<std::string> op_names() const;  ///< of the custom ops

  /// The file of the plugin that registered it ("layer", "conv2d"); "" when nobody did.
  std::string origin(const std::string& kind, const std::string& name) const;

  const std::vector<PluginRecord>& plugins() const;
  /// Folders that were searched, in order, for "unknown type" messages.
  const std::vector<std::string>& searched_folders() const;
  const std::vector<PluginFailure>& failures() const;
  /// The failure of the plugin file that is called like a type ("cuda": cuda.so or libcuda.so); null when
  /// there is none. A backend that is asked for by name and stands here is a `PluginError` with this reason,
  /// not an unknown name.
  const PluginFailure* failure_of(const std::string& name) const;
  /// For "unknown type" messages: where plugins were searched, and which could not be loaded and why.
  std::string where_searched() const;

  // For the loader
  void begin_plugin(PluginRecord record);
  /// Ends the plugin begun last; when its registration threw, takes back all that it had added.
  void end_plugin(bool keep);
  void add_searched_folder(std::string folder);
  void add_failure(PluginFailure failure);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace generalizer
