#include "sweep/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/overrides.h"
#include "context.h"
#include "data/splits.h"
#include "graph/graph.h"
#include "graph/warnings.h"
#include "lower/steps.h"
#include "terminal/format.h"
#include "trainer/sound_graph.h"
#include "trainer/trainer.h"

namespace generalizer {
namespace {

std::vector<Override> overrides_of(const SweepPlan& plan, const Combination& combination) {
  std::vector<Override> overrides;
  for (const std::string& set : plan.sets) overrides.push_back({set});
  if (!plan.backend.empty()) overrides.push_back({"backend=" + plan.backend});
  for (const Variation& assignment : combination) overrides.push_back({assignment.text()});
  return overrides;
}

/// The option that an assignment comes from, as messages name it.
std::string option_of(const SweepPlan& plan, const Variation& assignment) {
  const bool of_axis = std::any_of(plan.axes.begin(), plan.axes.end(), [&](const Axis& axis) {
    return axis.key == assignment.key &&
           std::find(axis.values.begin(), axis.values.end(), assignment.value) != axis.values.end();
  });
  return (of_axis ? "--over " : "--case ") + assignment.text();
}

/// Collects the mistakes of all combinations, each once.
class Mistakes {
 public:
  explicit Mistakes(const SweepPlan& plan) : plan_(plan) {}

  void add(const GraphError& error, const Combination& combination) {
    for (Diagnostic diagnostic : error.diagnostics()) {
      const std::string place = name_option(diagnostic.where, combination);
      const std::string key = fmt::format("{}\n{}:{}\n{}", diagnostic.where.file, diagnostic.where.line,
                                          diagnostic.where.column, diagnostic.message);
      if (!seen_.insert(key).second) continue;
      if (place.empty() && !combination.empty() && diagnostic.where.context.empty() &&
          diagnostic.where.known())
        diagnostic.where.context = "with " + label_of(combination);
      all_.push_back(std::move(diagnostic));
    }
  }

  void throw_if_any() const {
    if (!all_.empty()) throw GraphError(all_);
  }

 private:
  /// Names the option of the sweep in place of the --set that it stands for; gives its name, "" for another place.
  std::string name_option(SourcePosition& where, const Combination& combination) const {
    for (const Variation& assignment : combination) {
      if (where.file == "--set " + assignment.text()) return where.file = option_of(plan_, assignment);
    }
    return "";
  }

  const SweepPlan& plan_;
  std::set<std::string> seen_;
  std::vector<Diagnostic> all_;
};

/// The data's shape, opened once for all graphs with the same [data].
class DataShapes {
 public:
  explicit DataShapes(const Registry& registry) : registry_(registry) {}

  const DataShape& of(const GraphSpec& spec) {
    for (const auto& [data, shape] : known_) {
      if (data == spec.data) return shape;
    }
    const Splits data = open_splits(spec, registry_);
    if (data.train->image_shape() != data.test->image_shape()) {
      throw DataError("The training images are " + data.train->image_shape().to_string() +
                      " and the test images " + data.test->image_shape().to_string() +
                      "; one network can't take both.");
    }
    return known_.emplace_back(spec.data, shape_of(*data.train)).second;
  }

 private:
  const Registry& registry_;
  std::vector<std::pair<DataSpec, DataShape>> known_;
};

bool has_negative_term(const GraphSpec& spec) {
  return std::any_of(spec.decoders.begin(), spec.decoders.end(), [](const DecoderSpec& decoder) {
    return decoder.sign == Sign::negative && decoder.weight != 0.0;
  });
}

bool has(const Combination& combination, const Variation& variation) {
  return std::find(combination.begin(), combination.end(), variation) != combination.end();
}

bool has_all(const Combination& combination, const Combination& wanted) {
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](const Variation& variation) { return has(combination, variation); });
}

/// How many keys two combinations give the same value; none when they differ in a key that must be the same.
std::optional<std::size_t> likeness(const Combination& one, const Combination& other,
                                    const Combination& named) {
  std::size_t alike = 0;
  for (const auto& [from, to] : {std::pair(&one, &other), std::pair(&other, &one)}) {
    for (const Variation& variation : *from) {
      const std::string table = first_key({variation.text()});
      const bool may_differ = table == "decoder" || (!named.empty() && table != "data");
      if (has(*to, variation)) {
        ++alike;
      } else if (!may_differ) {
        return std::nullopt;
      }
    }
  }
  return alike;
}

}  // namespace

std::vector<GraphSpec> check_combinations(Context& context, const SweepPlan& plan) {
  const std::vector<Combination> combinations = plan.combinations();
  const GraphSource source = read_source(plan.graph);
  std::vector<std::string> files;
  for (const Combination& combination : combinations) {
    for (const std::string& file : plugins_named_by(source, overrides_of(plan, combination))) {
      if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
    }
  }
  load_all_plugins(context, files, plan.plugin_paths);
  require_backend(context, plan.backend);

  std::vector<GraphSpec> specs;
  Mistakes mistakes(plan);
  DataShapes shapes(context.registry);
  std::set<std::string> warned;
  for (const Combination& combination : combinations) {
    try {
      GraphSpec spec = read_sound_graph(source, context.registry, overrides_of(plan, combination));
      const Graph graph(spec, shapes.of(spec), context.registry);
      check_weight_files(graph, all_variables(graph));
      std::vector<Diagnostic> warnings = warnings_of(spec, context.registry);
      const std::vector<Diagnostic> of_graph = warnings_of(graph);
      warnings.insert(warnings.end(), of_graph.begin(), of_graph.end());
      const std::string text = warnings.empty() ? "" : render(warnings, "warning");
      if (!text.empty() && warned.insert(text).second) context.terminal.note(text);
      const BackendReport backend = context.registry.find_backend(spec.backend.type.text)->report();
      if (!backend.available)
        throw BackendError("The backend " + spec.backend.type.text + " can't be had here: " + backend.reason);
      specs.push_back(std::move(spec));
    } catch (const GraphError& error) {
      mistakes.add(error, combination);
    }
  }
  mistakes.throw_if_any();
  return specs;
}

Baselines baselines_of(const SweepPlan& plan, const std::vector<GraphSpec>& specs) {
  const std::vector<Combination> combinations = plan.combinations();
  const auto can_serve = [&](std::size_t i) {
    return plan.baseline.empty() ? !specs[i].decoders.empty() && !has_negative_term(specs[i])
                                 : has_all(combinations[i], plan.baseline);
  };
  Baselines baselines(combinations.size());
  bool any = false;
  for (std::size_t k = 0; k < combinations.size(); ++k) any = any || can_serve(k);
  if (!any && !plan.baseline.empty()) {
    std::string labels;
    for (const Combination& combination : combinations) labels += "\n  " + label_of(combination);
    throw UsageError("No combination of this sweep has the values of --baseline " + label_of(plan.baseline) +
                     ". They are:" + labels);
  }
  for (std::size_t i = 0; i < combinations.size(); ++i) {
    if (can_serve(i)) continue;
    std::size_t most = 0;
    for (std::size_t k = 0; k < combinations.size(); ++k) {
      if (!can_serve(k)) continue;
      const auto alike = likeness(combinations[i], combinations[k], plan.baseline);
      if (!alike || (baselines[i] && *alike <= most)) continue;
      most = *alike;
      baselines[i] = k;
    }
  }
  return baselines;
}

}  // namespace generalizer
