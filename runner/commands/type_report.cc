#include "commands/type_report.h"

#include <fmt/format.h>

#include <map>

#include "catalogue/example.h"
#include "catalogue/trial.h"
#include "commands/describe_type.h"
#include "config/keys.h"
#include "config/precision.h"
#include "terminal/format.h"
#include "terminal/table.h"
#include "terminal/terminal.h"

namespace generalizer {
namespace {

/// What every table of the kind has beside the type's own parameters.
const std::vector<ParameterSpec>& common_keys(const std::string& kind) {
  static const std::vector<ParameterSpec> none;
  if (kind == "layer") return layer_keys();
  if (kind == "loss") return loss_keys();
  if (kind == "optimizer") return optimizer_keys();
  if (kind == "dataset") return data_keys();
  if (kind == "backend") return typed_keys();
  return none;
}

void add_rows(Table& table, const std::vector<ParameterSpec>& parameters, const std::string& before) {
  std::map<std::string, std::string> shown;  // tables of the same keys are shown once
  for (const ParameterSpec& spec : parameters) {
    // A long list of names stands where there is room for it, and once: a table's `type` has the names of its key.
    const bool many = spec.choices.size() > 3;
    const bool again = many && spec.name == "type" && !before.empty();
    const bool table_alone = !spec.fields.empty() && spec.types.size() == 1;
    const std::string fields = spec.fields.empty() ? "" : to_json(spec)["fields"].dump();
    const auto same = shown.find(fields);
    const bool known = !fields.empty() && same != shown.end();
    table.add({before + spec.name, describe_types(spec), table_alone ? "" : describe_default(spec),
               many ? "a name" : describe_range(spec),
               spec.help + (known            ? " Names and keys as of " + same->second + "."
                            : many && !again ? " One of " + describe_range(spec) + "."
                                             : "")});
    if (known) continue;
    if (!fields.empty()) shown[fields] = spec.name;
    add_rows(table, spec.fields, before + spec.name + ".");
  }
}

std::string keys_table(const std::vector<ParameterSpec>& parameters) {
  Table table({{"key"}, {"type"}, {"default"}, {"range"}, {"what it does"}});
  add_rows(table, parameters, "");
  return table.to_string(output_width());
}

/// "N×32×26×26"
std::string batched(const Shape& shape) { return "N×" + shape.to_string(); }

std::string taken_text(const LayerTrial& trial) {
  std::string text = batched(trial.input.shape);
  for (std::size_t i = 1; i < trial.inputs; ++i) text += ", " + batched(trial.input.shape);
  return text;
}

std::string weights_text(const LayerTrial& trial) {
  std::string text;
  for (const TrialWeight& weight : trial.weights) {
    text += (text.empty() ? "" : ", ") + weight.name + " " + weight.shape.to_string() +
            (weight.trained ? "" : " (statistic)");
  }
  return text.empty() ? "none" : text;
}

/// For a layer that takes none of the typical inputs with such parameters.
std::string untried_example(const LayerType& type) {
  std::vector<std::string> inputs(type.minimum_inputs, "layer");
  for (std::size_t i = 0; i < inputs.size(); ++i) inputs[i] += std::to_string(i + 1);
  return layer_example(type, typical_inputs().front().shape, inputs);
}

std::string layer_text(const LayerType& type) {
  const std::vector<LayerTrial> trials = try_layer(type);
  if (trials.empty())
    return "What it takes and gives hangs on its parameters.\n\nExample:\n  " + untried_example(type) + "\n";
  Table table({{"of"}, {"it takes"}, {"and gives"}, {"with the weights"}});
  for (const LayerTrial& trial : trials)
    table.add({trial.input.what, taken_text(trial), batched(trial.output), weights_text(trial)});
  return "Shapes, as in the example; N is the batch:\n" + table.to_string(output_width()) + "\nExample, of " +
         trials.front().input.what + ":\n  " + trials.front().example + "\n";
}

/// Each line moved in by two.
std::string indented(const std::string& text) {
  std::string out = "  ";
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] == '\n' && i + 1 < text.size()) out += "  ";
  }
  return out.ends_with('\n') ? out : out + "\n";
}

/// How a graph file uses a type other than a layer; "" for an op, which layers use.
std::string example_of(const Described& type) {
  if (type.loss != nullptr) return loss_example(*type.loss);
  if (type.optimizer != nullptr) return optimizer_example(*type.optimizer);
  if (type.dataset != nullptr) return dataset_example(*type.dataset);
  if (type.backend != nullptr) return backend_example(*type.backend);
  return {};
}

/// What it computes on, in a sentence; "" where there is nothing to say.
std::string use_of(const Described& type) {
  if (type.loss != nullptr) {
    return type.loss->target == LossTarget::labels
               ? "It compares N×K numbers, one a class, with N labels: for a classifier.\n"
           : type.loss->any_shape ? "It compares values with a target of any shape, image by image: for a decoder.\n"
                                  : "It compares values with a target of the same shape: for a decoder.\n";
  }
  if (type.op != nullptr) {
    return fmt::format(
        "Inputs: {}. Outputs: {}. Gradient: {}. Kernels: {}on any CPU by its reference kernel.\n",
        join(type.op->input_names, " and "), join(type.op->output_names, " and "),
        type.op->gradient ? "yes" : "none",
        std::string(type.op->cpu ? "fast on CPUs, " : "") + (type.op->cuda ? "on CUDA devices, " : ""));
  }
  return {};
}

nlohmann::ordered_json specs_json(const std::vector<ParameterSpec>& specs) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const ParameterSpec& spec : specs) json.push_back(to_json(spec));
  return json;
}

std::vector<std::int64_t> extents(const Shape& shape) { return {shape.begin(), shape.end()}; }

void add_trials(nlohmann::ordered_json& json, const LayerType& type) {
  const std::vector<LayerTrial> trials = try_layer(type);
  json["shapes"] = nlohmann::ordered_json::array();
  for (const LayerTrial& trial : trials) {
    nlohmann::ordered_json weights = nlohmann::ordered_json::array();
    for (const TrialWeight& weight : trial.weights)
      weights.push_back(
          {{"name", weight.name}, {"shape", extents(weight.shape)}, {"trained", weight.trained}});
    json["shapes"].push_back({{"input", extents(trial.input.shape)},
                              {"inputs", trial.inputs},
                              {"output", extents(trial.output)},
                              {"weights", weights},
                              {"example", trial.example}});
  }
  json["example"] = trials.empty() ? untried_example(type) : trials.front().example;
}

Described described(const Registry& registry, const std::string& kind, const std::string& name,
                    const std::string& summary, const std::vector<ParameterSpec>* parameters) {
  Described result;
  result.kind = kind;
  result.name = name;
  result.summary = summary;
  result.file = registry.origin(kind, name);
  result.parameters = parameters;
  return result;
}

template <class Type>
void append(std::vector<Described>& all, const Registry& registry, const std::string& kind, const Type* type,
            const Type* Described::*member) {
  all.push_back(described(registry, kind, type->name, type->summary, &type->parameters));
  all.back().*member = type;
}

}  // namespace

std::vector<Described> all_types(const Registry& registry) {
  std::vector<Described> all;
  for (const std::string& name : registry.layer_names())
    append(all, registry, "layer", registry.find_layer(name), &Described::layer);
  for (const std::string& name : registry.loss_names())
    append(all, registry, "loss", registry.find_loss(name), &Described::loss);
  for (const std::string& name : registry.optimizer_names())
    append(all, registry, "optimizer", registry.find_optimizer(name), &Described::optimizer);
  for (const std::string& name : registry.dataset_names())
    append(all, registry, "dataset", registry.find_dataset(name), &Described::dataset);
  for (const std::string& name : registry.backend_names())
    append(all, registry, "backend", registry.find_backend(name), &Described::backend);
  for (const std::string& name : registry.op_names()) {
    all.push_back(described(registry, "op", name, registry.find_op(name)->summary, nullptr));
    all.back().op = registry.find_op(name);
  }
  return all;
}

namespace {

std::string precisions_text(const BackendReport& report) {
  std::vector<std::string> precisions;
  for (const Precision precision : precisions_of(report)) precisions.push_back(name_of(precision));
  return "precision: " + join(precisions);
}

/// Line by line: what it runs on, each device by itself, and the libraries even where it can't run, so that what is missing shows.
std::string whole_report_text(const BackendReport& report) {
  std::string text = report.available ? "available:" : "not available here: " + report.reason;
  for (const std::string& device : report.devices) text += "\n  " + device;
  std::vector<std::string> libraries;
  for (const auto& [library, version] : report.libraries) libraries.push_back(library + " " + version);
  if (!libraries.empty()) text += "\nlibraries: " + join(libraries);
  return report.available ? text + "\n" + precisions_text(report) : text;
}

}  // namespace

std::string report_text(const BackendReport& report) {
  if (!report.available) return "not available here: " + report.reason;
  std::string text = "available: " + join(report.devices);
  for (const auto& [library, version] : report.libraries) text += fmt::format("; {} {}", library, version);
  return text + "; " + precisions_text(report);
}

nlohmann::ordered_json report_json(const BackendReport& report) {
  nlohmann::ordered_json json;
  json["available"] = report.available;
  json["reason"] = report.reason;
  json["devices"] = report.devices;
  json["libraries"] = report.libraries;
  json["floating_types"] = nlohmann::ordered_json::array();
  for (const DType type : report.floating_types) json["floating_types"].push_back(name_of(type));
  json["precisions"] = nlohmann::ordered_json::array();
  for (const Precision precision : precisions_of(report)) json["precisions"].push_back(name_of(precision));
  return json;
}

std::string type_text(const Described& type) {
  std::string text = fmt::format("{} {}: {}\nfrom {}\n", type.kind, type.name, type.summary, type.file);
  if (type.backend != nullptr) text += whole_report_text(type.backend->report()) + "\n";
  text += use_of(type);
  if (type.parameters != nullptr) {
    text += "\n" + (type.parameters->empty() ? "It has no keys of its own.\n" : keys_table(*type.parameters));
    text += fmt::format("\nKeys of every {}:\n", type.kind) + keys_table(common_keys(type.kind));
  }
  if (type.layer != nullptr) return text + "\n" + layer_text(*type.layer);
  const std::string example = example_of(type);
  return example.empty() ? text : text + "\nExample:\n" + indented(example);
}

nlohmann::ordered_json type_json(const Described& type) {
  nlohmann::ordered_json json;
  json["kind"] = type.kind;
  json["name"] = type.name;
  json["summary"] = type.summary;
  json["file"] = type.file;
  if (type.parameters != nullptr) {
    json["parameters"] = specs_json(*type.parameters);
    json["common"] = specs_json(common_keys(type.kind));
  }
  if (type.backend != nullptr) json["report"] = report_json(type.backend->report());
  if (type.layer != nullptr) {
    add_trials(json, *type.layer);
  } else if (const std::string example = example_of(type); !example.empty()) {
    json["example"] = example;
  }
  return json;
}

}  // namespace generalizer
