#include "inspection/inspect.h"

#include <fmt/format.h>

#include <algorithm>

#include "inspection/checks.h"

namespace generalizer {
namespace {

std::string kernels_of(const OpDefinition& op) {
  std::string text = "reference";
  if (op.cpu) text += ", cpu";
  if (op.cuda) text += ", cuda";
  return text;
}

class Collection {
 public:
  Collection(std::string file, Registry& registry, const std::vector<WrittenCase>& cases)
      : file_(std::move(file)), registry_(registry), cases_(cases), reference_(*registry.find_backend("reference")) {}

  std::vector<Check> take() && {
    each("layer", registry_.layer_names(), [&](const std::string& name) { layer(*registry_.find_layer(name)); });
    each("loss", registry_.loss_names(), [&](const std::string& name) { loss(*registry_.find_loss(name)); });
    each("optimizer", registry_.optimizer_names(), [&](const std::string& name) { optimizer(*registry_.find_optimizer(name)); });
    each("op", registry_.op_names(), [&](const std::string& name) { op(*registry_.find_op(name)); });
    each("dataset", registry_.dataset_names(), [&](const std::string& name) { dataset(*registry_.find_dataset(name)); });
    each("backend", registry_.backend_names(), [&](const std::string& name) { backend(*registry_.find_backend(name)); });
    return std::move(checks_);
  }

 private:
  template <class Add>
  void each(const std::string& kind, const std::vector<std::string>& names, Add add) {
    for (const std::string& name : names) {
      if (registry_.origin(kind, name) != file_) continue;
      subject_ = kind + " " + name;
      add(name);
    }
  }

  void add(std::string name, std::function<Finding(const Tell&)> run) { checks_.push_back({subject_, std::move(name), std::move(run)}); }

  /// A check on uses that are made when it runs: making them calls the plugin.
  template <class MakeUses, class Run>
  void add_on(const std::string& name, MakeUses make, Run run) {
    add(name, [make, run](const Tell& tell) {
      tell("while its uses were built");
      const std::vector<Use> uses = make(tell);
      if (uses.empty()) return skipped("There is no use of it to try.");
      tell("on " + uses.front().text());
      return run(uses, tell);
    });
  }

  void declaration(const std::string& name, const std::string& summary, const std::vector<ParameterSpec>& parameters) {
    add("declaration", [=](const Tell&) {
      return judged(problems_of_declaration(name, summary, parameters),
                    fmt::format("{} parameter{}", parameters.size(), parameters.size() == 1 ? "" : "s"));
    });
  }

  std::vector<const BackendType*> backends() const {
    std::vector<const BackendType*> all;
    for (const std::string& name : registry_.backend_names()) all.push_back(registry_.find_backend(name));
    return all;
  }

  /// Those that are here; asked only when a check runs.
  std::vector<const BackendType*> available() const {
    std::vector<const BackendType*> all = backends();
    std::erase_if(all, [](const BackendType* backend) { return !backend->report().available; });
    return all;
  }

  template <class MakeUses>
  void parity(MakeUses make) {
    for (const BackendType* backend : backends())
      add_on("f32 on " + backend->name, make,
             [this, backend](const std::vector<Use>& uses, const Tell& tell) { return check_parity(uses, *backend, reference_, tell); });
  }

  template <class MakeUses>
  void threads(MakeUses make) {
    add_on("threads", make, [this](const std::vector<Use>& uses, const Tell&) { return check_threads(uses, available()); });
  }

  void layer(const LayerType& type) {
    declaration(type.name, type.summary, type.parameters);
    const auto uses = [this, &type](const Tell&) { return uses_of(type, cases_); };
    add("uses", [uses, &type](const Tell& tell) {
      tell("while it was built on typical inputs");
      const std::vector<Use> all = uses(tell);
      return all.empty() ? failed("With parameters made up by its declaration it takes no typical input. " + refusal_of(type))
                         : judge_uses(all);
    });
    add_on("elsewhere", uses, [](const std::vector<Use>& all, const Tell&) { return check_elsewhere(all); });
    add_on("parameters", uses, [this, &type](const std::vector<Use>& all, const Tell& tell) {
      return check_parameters(type.parameters, smallest(all), reference_, tell);
    });
    add_on("shapes", uses, [](const std::vector<Use>& all, const Tell& tell) { return check_shapes(all, tell); });
    add_on("evaluation", uses, [this](const std::vector<Use>& all, const Tell& tell) { return check_evaluation(all, reference_, tell); });
    add_on("gradients", uses, [this, &type](const std::vector<Use>& all, const Tell& tell) { return check_gradients(type.parameters, all, reference_, tell); });
    parity(uses);
    for (const BackendType* backend : backends()) {
      add_on("trained on " + backend->name, uses, [this, &type, backend](const std::vector<Use>& all, const Tell&) {
        return check_training(type, all, backend->name, registry_);
      });
    }
    threads(uses);
  }

  static Finding judge_uses(const std::vector<Use>& uses) {
    std::string text;
    for (const Use& use : uses) {
      try {
        (void)use.built();
      } catch (const Error& error) {  // one that was written down: made-up ones are built before they are taken
        return failed("On " + use.text() + ": " + text_of(error));
      }
      text += (text.empty() ? "" : "; ") + use.text();
    }
    return passed(text);
  }

  void loss(const LossType& type) {
    declaration(type.name, type.summary, type.parameters);
    const auto uses = [&type](const Tell&) { return uses_of(type); };
    add("uses", [uses](const Tell& tell) {
      const std::vector<Use> all = uses(tell);
      return all.empty() ? failed("It takes neither vectors N×12 nor images N×1×16×16 nor N×3×12×14 to compare.") : judge_uses(all);
    });
    add_on("parameters", uses, [this, &type](const std::vector<Use>& all, const Tell& tell) {
      return check_parameters(type.parameters, smallest(all), reference_, tell);
    });
    add_on("mean", uses, [this](const std::vector<Use>& all, const Tell&) { return check_mean(all, reference_); });
    add_on("gradients", uses, [this, &type](const std::vector<Use>& all, const Tell& tell) { return check_gradients(type.parameters, all, reference_, tell); });
    parity(uses);
    threads(uses);
  }

  void optimizer(const OptimizerType& type) {
    declaration(type.name, type.summary, type.parameters);
    const auto uses = [&type](const Tell&) { return uses_of(type); };
    add_on("parameters", uses, [this, &type](const std::vector<Use>& all, const Tell& tell) {
      return check_parameters(type.parameters, smallest(all), reference_, tell);
    });
    add_on("updates", uses, [this](const std::vector<Use>& all, const Tell&) { return check_optimizer(all, reference_); });
    parity(uses);
    threads(uses);
  }

  /// How the layers, losses and optimizers of the same plugin use the op.
  std::vector<Use> uses_in_types(const OpDefinition& op, const Tell& tell) const {
    std::vector<Use> all;
    const auto take = [&](const std::string& kind, const std::string& name, auto uses) {
      constexpr std::size_t enough = 16;
      if (registry_.origin(kind, name) != file_ || all.size() >= enough) return;
      tell("while it was looked for in the " + kind + " " + name);
      for (Use& use : uses_of(op, uses(), reference_)) all.push_back(std::move(use));
    };
    for (const std::string& name : registry_.layer_names())
      take("layer", name, [&] { return uses_of(*registry_.find_layer(name), cases_); });
    for (const std::string& name : registry_.loss_names())
      take("loss", name, [&] { return uses_of(*registry_.find_loss(name)); });
    for (const std::string& name : registry_.optimizer_names())
      take("optimizer", name, [&] { return uses_of(*registry_.find_optimizer(name)); });
    return all;
  }

  void op(const OpDefinition& definition) {
    add("declaration", [&definition](const Tell&) { return judged(problems_of_op(definition), "kernels: " + kernels_of(definition)); });
    add("shape rule", [&definition](const Tell& tell) { return check_shape_rule(definition, tell); });
    const auto uses = [this, &definition](const Tell& tell) { return uses_in_types(definition, tell); };
    if (definition.gradient)
      add_on("gradients", uses, [this](const std::vector<Use>& all, const Tell& tell) { return check_gradients({}, all, reference_, tell); });
    add_on("memory", uses, [&definition](const std::vector<Use>& all, const Tell& tell) { return check_memory(definition, all, tell); });
    add_on("cpu kernel", uses, [&definition](const std::vector<Use>& all, const Tell&) { return check_cpu_kernel(definition, all); });
    add_on("kernel threads", uses, [&definition](const std::vector<Use>& all, const Tell& tell) { return check_kernel_threads(definition, all, tell); });
    parity(uses);
    threads(uses);
  }

  void dataset(const DatasetType& type) {
    declaration(type.name, type.summary, type.parameters);
    add("missing files", [&type](const Tell&) { return check_missing_files(type); });
    add("images", [&type](const Tell& tell) { return check_images(type, tell); });
  }

  void backend(const BackendType& type) {
    declaration(type.name, type.summary, type.parameters);
    add("report", [&type](const Tell&) {
      const BackendReport report = type.report();
      if (report.available) return report.floating_types.empty() ? failed("It says that it is here, and computes in no type.") : passed(listed_devices(report));
      return report.reason.empty() ? failed("It says that it isn't here, and not why.") : skipped(report.reason);
    });
    for (const std::string& name : registry_.layer_names()) {
      const LayerType& layer = *registry_.find_layer(name);
      add_on("layer " + name, [this, &layer](const Tell&) { return uses_of(layer, cases_); },
             [this, &type](const std::vector<Use>& uses, const Tell& tell) { return check_parity(uses, type, reference_, tell); });
    }
  }

  static std::string listed_devices(const BackendReport& report) {
    std::string text;
    for (const std::string& device : report.devices) text += (text.empty() ? "" : ", ") + device;
    return text;
  }

  std::string file_;
  Registry& registry_;
  std::vector<WrittenCase> cases_;
  const BackendType& reference_;
  std::string subject_;
  std::vector<Check> checks_;
};

}  // namespace

std::vector<Check> checks_of(const std::string& file, Registry& registry, const std::vector<WrittenCase>& cases) {
  if (registry.find_backend("reference") == nullptr)
    throw PluginError("The backend \"reference\" is needed to check a plugin, and isn't loaded. " + registry.where_searched());
  // Shared by the checks, which outlive this call.
  const auto collection = std::make_shared<Collection>(file, registry, cases);
  std::vector<Check> checks = std::move(*collection).take();
  for (Check& check : checks) {
    check.run = [collection, run = std::move(check.run)](const Tell& tell) { return run(tell); };
  }
  return checks;
}

}  // namespace generalizer
