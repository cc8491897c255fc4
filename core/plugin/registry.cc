#include "generalizer/registry.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "plugin/name_conflict.h"

namespace generalizer {
namespace {

/// Types of one kind by name, each with the file of the plugin that brought it.
template <class Type>
struct Table {
  struct Entry {
    Type type;
    std::string file;
  };

  const Type* find(const std::string& name) const {
    const auto found = entries.find(name);
    return found == entries.end() ? nullptr : &found->second.type;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& [name, entry] : entries) result.push_back(name);
    return result;
  }
  std::string origin(const std::string& name) const {
    const auto found = entries.find(name);
    return found == entries.end() ? std::string() : found->second.file;
  }

  std::string kind;
  std::map<std::string, Entry> entries;
};

/// Keys that a table of a graph file has of its own, so that no plugin may declare them.
std::set<std::string> reserved_keys(const std::string& kind) {
  if (kind == "layer")
    return {"name", "type", "inputs", "repeat", "freeze", "learning_rate_factor", "l1", "l2"};
  if (kind == "loss") return {"type", "weight"};
  if (kind == "optimizer") return {"type", "clip_norm", "clip_value", "schedule"};
  if (kind == "dataset") return {"type", "validation", "label_noise", "prefetch", "augment"};
  return {"type"};
}

void check_parameters(const std::string& what, const std::vector<ParameterSpec>& parameters,
                      const std::set<std::string>& reserved) {
  std::set<std::string> seen;
  for (const ParameterSpec& spec : parameters) {
    const std::string key = "the parameter \"" + spec.name + "\" of the " + what;
    if (spec.name.empty()) throw PluginError("A parameter of the " + what + " has no name.");
    if (reserved.contains(spec.name)) {
      throw PluginError("It declares " + key +
                        ", but graph files use that key themselves. Give the parameter another name.");
    }
    if (!seen.insert(spec.name).second) throw PluginError("It declares " + key + " twice.");
    if (spec.types.empty())
      throw PluginError("It declares " + key + " without saying which types of value it takes.");
    check_parameters(what, spec.fields, {});
  }
}

std::string plain_stem(const std::string& file) {
  std::string stem = std::filesystem::path(file).stem().string();
  return stem.starts_with("lib") ? stem.substr(3) : stem;
}

/// A plugin's own op, in the form of the other types: it has no parameters.
struct CustomOp {
  std::string name;
  const OpDefinition* definition = nullptr;
  std::vector<ParameterSpec> parameters = {};
};

}  // namespace

struct Registry::State {
  Table<LayerType> layers{"layer", {}};
  Table<LossType> losses{"loss", {}};
  Table<OptimizerType> optimizers{"optimizer", {}};
  Table<DatasetType> datasets{"dataset", {}};
  Table<BackendType> backends{"backend", {}};
  Table<CustomOp> ops{"op", {}};

  std::vector<PluginRecord> plugins;
  std::optional<PluginRecord> current;           ///< between begin_plugin and end_plugin
  std::vector<std::function<void()>> take_back;  ///< what the current plugin added, undone
  std::vector<std::string> searched_folders;
  std::vector<PluginFailure> failures;

  template <class Type>
  void add(Table<Type>& table, Type type, bool complete, const char* missing) {
    const std::string what = table.kind + " \"" + type.name + "\"";
    const std::string file = current ? current->file : "the program itself";
    if (type.name.empty()) throw PluginError(file + " registers a " + table.kind + " without a name.");
    if (!complete) throw PluginError(file + " registers the " + what + " without " + missing + ".");
    if (const std::string other = table.origin(type.name); !other.empty()) {
      throw NameConflict("The " + what + " is registered twice: by " + other + " and by " + file +
                         ". Names must be different; remove one of the two plugins from where plugins are "
                         "searched, or rename its type.");
    }
    try {
      check_parameters(what, type.parameters, reserved_keys(table.kind));
    } catch (const PluginError& error) {
      throw PluginError(file + " can't be used. " + error.what());
    }
    const std::string name = type.name;
    table.entries.emplace(name, typename Table<Type>::Entry{std::move(type), file});
    if (!current) return;
    current->provides.push_back(table.kind + " " + name);
    take_back.push_back([&table, name] { table.entries.erase(name); });
  }
};

Registry::Registry() : state_(std::make_unique<State>()) {}
Registry::~Registry() = default;

void Registry::add_layer(LayerType type) {
  const bool complete = static_cast<bool>(type.build);
  state_->add(state_->layers, std::move(type), complete, "a build function");
}
void Registry::add_loss(LossType type) {
  const bool complete = static_cast<bool>(type.build);
  state_->add(state_->losses, std::move(type), complete, "a build function");
}
void Registry::add_optimizer(OptimizerType type) {
  const bool complete = static_cast<bool>(type.build);
  state_->add(state_->optimizers, std::move(type), complete, "a build function");
}
void Registry::add_dataset(DatasetType type) {
  const bool complete = static_cast<bool>(type.open);
  state_->add(state_->datasets, std::move(type), complete, "an open function");
}
void Registry::add_backend(BackendType type) {
  const bool complete = type.open && type.report;
  state_->add(state_->backends, std::move(type), complete, "an open and a report function");
}

void Registry::add_op(const OpDefinition& op) {
  if (find_builtin_op(op.name) != nullptr) {
    const std::string file = state_->current ? state_->current->file : "the program itself";
    throw PluginError(file + " registers the op \"" + op.name +
                       "\", which is the name of a built-in op. Give it a name of its own.");
  }
  const bool complete = op.infer && op.reference;
  state_->add(state_->ops, {op.name, &op}, complete, "an infer rule and a reference kernel");
}

const LayerType* Registry::find_layer(const std::string& name) const { return state_->layers.find(name); }
const LossType* Registry::find_loss(const std::string& name) const { return state_->losses.find(name); }
const OptimizerType* Registry::find_optimizer(const std::string& name) const {
  return state_->optimizers.find(name);
}
const DatasetType* Registry::find_dataset(const std::string& name) const {
  return state_->datasets.find(name);
}
const BackendType* Registry::find_backend(const std::string& name) const {
  return state_->backends.find(name);
}

const OpDefinition* Registry::find_op(const std::string& name) const {
  const CustomOp* op = state_->ops.find(name);
  return op == nullptr ? nullptr : op->definition;
}

std::vector<std::string> Registry::layer_names() const { return state_->layers.names(); }
std::vector<std::string> Registry::loss_names() const { return state_->losses.names(); }
std::vector<std::string> Registry::optimizer_names() const { return state_->optimizers.names(); }
std::vector<std::string> Registry::dataset_names() const { return state_->datasets.names(); }
std::vector<std::string> Registry::backend_names() const { return state_->backends.names(); }

std::vector<std::string> Registry::op_names() const { return state_->ops.names(); }

std::string Registry::origin(const std::string& kind, const std::string& name) const {
  if (kind == "layer") return state_->layers.origin(name);
  if (kind == "loss") return state_->losses.origin(name);
  if (kind == "optimizer") return state_->optimizers.origin(name);
  if (kind == "dataset") return state_->datasets.origin(name);
  if (kind == "backend") return state_->backends.origin(name);
  if (kind == "op") return state_->ops.origin(name);
  return {};
}

const std::vector<PluginRecord>& Registry::plugins() const { return state_->plugins; }
const std::vector<std::string>& Registry::searched_folders() const { return state_->searched_folders; }
const std::vector<PluginFailure>& Registry::failures() const { return state_->failures; }

const PluginFailure* Registry::failure_of(const std::string& name) const {
  for (const PluginFailure& failure : state_->failures) {
    if (plain_stem(failure.file) == name) return &failure;
  }
  return nullptr;
}

std::string Registry::where_searched() const {
  std::string text;
  if (state_->searched_folders.empty()) {
    text = "No folder was searched for plugins.";
  } else {
    text = "Plugins were searched in ";
    for (std::size_t i = 0; i < state_->searched_folders.size(); ++i)
      text += (i == 0 ? "" : ", ") + state_->searched_folders[i];
    text += ".";
  }
  for (const PluginFailure& failure : state_->failures) text += " " + failure.reason;
  return text;
}

void Registry::begin_plugin(PluginRecord record) {
  if (state_->current) throw Error("The plugin " + state_->current->file + " is still being registered.");
  record.provides.clear();
  state_->current = std::move(record);
  state_->take_back.clear();
}

void Registry::end_plugin(bool keep) {
  if (!state_->current) throw Error("No plugin is being registered.");
  if (keep) {
    state_->plugins.push_back(std::move(*state_->current));
  } else {
    for (const auto& undo : state_->take_back) undo();
  }
  state_->take_back.clear();
  state_->current.reset();
}

void Registry::add_searched_folder(std::string folder) {
  auto& folders = state_->searched_folders;
  if (std::find(folders.begin(), folders.end(), folder) == folders.end())
    folders.push_back(std::move(folder));
}

void Registry::add_failure(PluginFailure failure) {
  for (const PluginFailure& known : state_->failures) {
    if (known.file == failure.file) return;  // its folder was searched twice
  }
  state_->failures.push_back(std::move(failure));
}

}  // namespace generalizer
