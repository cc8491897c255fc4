#include "config/typed.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "config/aliases.h"
#include "config/expectation.h"
#include "config/keys.h"
#include "config/quote.h"

namespace generalizer {
namespace {

const char* noun(TypeKind kind) {
  switch (kind) {
    case TypeKind::layer:
      return "layer type";
    case TypeKind::loss:
      return "loss";
    case TypeKind::optimizer:
      return "optimizer";
    case TypeKind::dataset:
      return "dataset type";
    case TypeKind::backend:
      return "backend";
  }
  return "type";
}

std::string name_of_a(TypeKind kind) {
  return (kind == TypeKind::optimizer ? "the name of an " : "the name of a ") + std::string(noun(kind));
}

const char* plural(TypeKind kind) {
  switch (kind) {
    case TypeKind::layer:
      return "layer types";
    case TypeKind::loss:
      return "losses";
    case TypeKind::optimizer:
      return "optimizers";
    case TypeKind::dataset:
      return "dataset types";
    case TypeKind::backend:
      return "backends";
  }
  return "types";
}

std::vector<std::string> names(TypeKind kind, const Registry& registry) {
  switch (kind) {
    case TypeKind::layer:
      return registry.layer_names();
    case TypeKind::loss:
      return registry.loss_names();
    case TypeKind::optimizer:
      return registry.optimizer_names();
    case TypeKind::dataset:
      return registry.dataset_names();
    case TypeKind::backend:
      return registry.backend_names();
  }
  return {};
}

template <typename T>
const std::vector<ParameterSpec>* parameters_of(const T* type) {
  return type == nullptr ? nullptr : &type->parameters;
}

const std::vector<ParameterSpec>* look_up(TypeKind kind, const std::string& name, const Registry& registry) {
  switch (kind) {
    case TypeKind::layer:
      return parameters_of(registry.find_layer(name));
    case TypeKind::loss:
      return parameters_of(registry.find_loss(name));
    case TypeKind::optimizer:
      return parameters_of(registry.find_optimizer(name));
    case TypeKind::dataset:
      return parameters_of(registry.find_dataset(name));
    case TypeKind::backend:
      return parameters_of(registry.find_backend(name));
  }
  return nullptr;
}

/// The table itself, or the table that the short form `"adam"` stands for. Nothing for another kind of value, which is reported.
std::optional<TomlNode> as_table(const TomlNode& node, TypeKind kind, const std::string& label,
                                 const TableContext& context, const Registry& registry) {
  if (node.broken) return std::nullopt;
  if (node.is(TomlNode::Kind::table)) return node;
  if (!node.is(TomlNode::Kind::string)) {
    context.found.add(
        node.where,
        label + " must be " + name_of_a(kind) + " or a table with a type, found " + describe(node),
        known_types(kind, registry));
    return std::nullopt;
  }
  TomlNode table;
  table.where = node.where;
  table.entries.push_back({"type", node.where, node});
  return table;
}

/// Takes the device off a backend's "NAME:DEVICE" and puts it under the key `device`. False when it can't be, which is reported.
bool split_device(TomlNode& table, const TableContext& context, const Registry& registry) {
  TomlNode& type = table.find("type")->value;
  const std::size_t colon = type.string.find(':');
  if (colon == std::string::npos || registry.find_backend(type.string) != nullptr) return true;
  const std::string name = type.string.substr(0, colon);
  const std::string digits = type.string.substr(colon + 1);
  const BackendType* backend = registry.find_backend(name);
  if (backend == nullptr) {
    type.string = name;  // what is wrong is the name
    return true;
  }
  TomlNode device;
  device.kind = TomlNode::Kind::integer;
  device.where = type.where;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), device.integer);
  if (failure != std::errc() || end != digits.data() + digits.size()) {
    context.found.add(
        type.where,
        "the device in backend " + quoted(type.string) + " must be an integer, found " + quoted(digits),
        "write " + quoted(name) + " or " + quoted(name + ":0"));
    return false;
  }
  if (find_key(backend->parameters, "device") == nullptr) {
    context.found.add(
        type.where,
        "backend " + quoted(name) + " has no devices to choose from, found " + quoted(type.string),
        "write " + quoted(name));
    return false;
  }
  if (const TomlEntry* twice = table.find("device")) {
    context.found.add(twice->where,
                      "the device is given twice: in the backend's type " + quoted(type.string) + " and here",
                      "remove one of the two");
    return false;
  }
  type.string = name;
  table.entries.push_back({"device", type.where, device});
  return true;
}

/// What every table of the kind has beside its type's parameters.
const std::vector<ParameterSpec>& common_keys(TypeKind kind) {
  switch (kind) {
    case TypeKind::layer:
      return layer_keys();
    case TypeKind::loss:
      return loss_keys();
    case TypeKind::optimizer:
      return optimizer_keys();
    case TypeKind::dataset:
      return data_keys();
    case TypeKind::backend:
      return typed_keys();
  }
  return typed_keys();
}

}  // namespace

std::string known_types(TypeKind kind, const Registry& registry) {
  const std::vector<std::string> known = names(kind, registry);
  const std::string list = known.empty() ? std::string("no ") + plural(kind) + " are known"
                                         : std::string("known ") + plural(kind) + ": " + listed(known);
  return list + ". " + registry.where_searched();
}

void refuse_absent_backend(const std::string& name, const Registry& registry) {
  if (const PluginFailure* failure = registry.failure_of(name)) throw PluginError(failure->reason);
  if (name != "cuda" && name != "onednn" && name != "reference") return;
  const std::vector<std::string> known = registry.backend_names();
  throw PluginError(
      "The backend " + quoted(name) + " can't be had: its plugin " + name + ".so is not there. " +
      (known.empty() ? "No other backend is there, either. "
                     : "Backends that are there: " + listed(known) + ". ") +
      registry.where_searched() + " Build the plugin, or name the folder that holds it with --plugin-path.");
}

void refuse_empty_registry(const Registry& registry) {
  if (!registry.layer_names().empty() || !registry.backend_names().empty() ||
      !registry.dataset_names().empty()) {
    return;
  }
  const std::vector<std::string>& folders = registry.searched_folders();
  std::string places;
  for (const std::string& folder : folders) places += (places.empty() ? " in " : ", ") + folder;
  std::string reasons;
  for (const PluginFailure& failure : registry.failures()) reasons += " " + failure.reason;
  throw PluginError(
      "No plugins were found" + places +
      ", so there are no layers, losses, optimizers, datasets and backends. The program looks in "
      "../lib/generalizer beside its own folder, in GENERALIZER_PLUGIN_PATH and where "
      "--plugin-path says." +
      reasons);
}

const std::vector<ParameterSpec>* find_type(TypeKind kind, const std::string& name,
                                            const SourcePosition& where, const std::string& place,
                                            const Registry& registry, Diagnostics& found,
                                            const std::vector<std::string>& blocks) {
  const std::vector<ParameterSpec>* parameters = look_up(kind, name, registry);
  if (parameters == nullptr && kind == TypeKind::backend) {
    // The graph is right, and this machine lacks something.
    refuse_absent_backend(name, registry);
  }
  if (parameters == nullptr && kind == TypeKind::layer && !function_advice(name).empty()) {
    found.add(where, "unknown layer type " + quoted(name) + " in " + place, function_advice(name));
  } else if (parameters == nullptr) {
    std::vector<std::string> known = blocks;
    for (const std::string& type : names(kind, registry)) known.push_back(type);
    found.add(where,
              std::string("unknown ") + noun(kind) + " " + quoted(name) + " in " + place + suggestion(name, known),
              (blocks.empty() ? "" : "this graph's blocks: " + listed(blocks) + "; ") + known_types(kind, registry));
  }
  return parameters;
}

std::optional<Located> read_type_name(const TomlNode& table, TypeKind kind, const std::string& label,
                                      const Registry& registry, Diagnostics& found) {
  const TomlEntry* type = table.find("type");
  if (type == nullptr) {
    found.add(table.where, "\"type\" is missing in " + label + "; it must be " + name_of_a(kind),
              known_types(kind, registry));
    return std::nullopt;
  }
  if (type->value.broken) return std::nullopt;
  if (type->value.is(TomlNode::Kind::string)) return Located{type->value.string, type->value.where};
  found.add(type->value.where,
            "\"type\" in " + label + " must be " + name_of_a(kind) + ", found " + describe(type->value),
            known_types(kind, registry));
  return std::nullopt;
}

TypedSpec read_typed(const TomlNode& node, TypeKind kind, const std::string& label,
                     const TableContext& context, const Registry& registry) {
  TypedSpec spec;
  std::optional<TomlNode> table = as_table(node, kind, label, context, registry);
  if (!table || !read_type_name(*table, kind, label, registry, context.found)) return spec;
  if (kind == TypeKind::backend && !split_device(*table, context, registry)) return spec;
  const TomlNode& type = table->find("type")->value;
  spec.type = {type.string, type.where};
  const auto* parameters =
      find_type(kind, spec.type.text, spec.type.where, context.name, registry, context.found);
  if (parameters == nullptr) return spec;

  const TableContext inner = context.inside(label + " (" + spec.type.text + ")");
  refuse_unknown_keys(*table, with_types_keys(common_keys(kind), *parameters), inner);
  spec.parameters = read_values(*table, *parameters, inner);
  return spec;
}

}  // namespace generalizer
