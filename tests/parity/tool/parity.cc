// Holds trainings on one backend against curves saved from another: see curve.h, and scripts/gpu-check.sh, which calls it.
//
//   parity save    --data DIR --curves DIR [--backend onednn] [--precision f32] [--steps 200] [--batch N] [--rounding 3] GRAPH.toml...
//   parity compare --data DIR --curves DIR  --backend cuda    [--precision f32] [--steps N] [--tolerance 1e-4] [--json] GRAPH.toml...
//
// DIR of --data holds the four files of Fashion-MNIST, or their beginnings (tests/parity/first_images.py makes those). Exit codes: 0 all agree,
// 1 some don't, 2 the command is wrong, 3 the backend can't be had.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "curve.h"
#include "plugin/loader.h"

namespace generalizer::parity {
namespace {

struct Options {
  std::vector<std::string> graphs;
  std::string data, curves, backend = "onednn", precision = "f32";
  std::int64_t steps = 200, batch = 0;  ///< batch 0: the graph's
  int rounding = 0;
  double tolerance = 1e-4;
  bool json = false;
};

GraphSpec read(const std::string& file, const Options& options, const Registry& registry) {
  std::vector<Override> overrides{{"backend=" + options.backend}, {"precision=" + options.precision}};
  if (options.batch > 0) overrides.push_back({"train.batch=" + std::to_string(options.batch)});
  GraphSpec spec = read_graph(file, registry, overrides);
  if (spec.data.type.text != "idx") return spec;
  overrides.push_back({"data.root=" + std::filesystem::absolute(options.data).string()});
  return read_graph(file, registry, overrides);
}

Curve train(const std::string& file, const Options& options, const Registry& registry) {
  std::fprintf(stderr, "%s: %lld steps on %s in %s\n", file.c_str(), static_cast<long long>(options.steps),
               options.backend.c_str(), options.precision.c_str());
  const GraphSpec spec = read(file, options, registry);
  Curve curve = record(spec, registry, options.steps);
  curve.precision = options.precision;
  if (options.rounding > 0) record_rounding(curve, spec, registry, options.rounding);
  return curve;
}

std::filesystem::path saved(const std::string& graph_file, const Options& options) {
  // What has fewer digits is held against f32.
  const char* extension = options.precision == "f64" ? ".f64.json" : ".f32.json";
  return std::filesystem::path(options.curves) / std::filesystem::path(graph_file).stem().concat(extension);
}

int save(const Options& options, const Registry& registry) {
  std::filesystem::create_directories(options.curves);
  for (const std::string& graph : options.graphs) {
    const std::string text = to_text(train(graph, options, registry));
    std::ofstream stream(saved(graph, options));
    if (!(stream << text).flush())
      throw Error(fmt::format("{} can't be written.", saved(graph, options).string()));
  }
  return 0;
}

nlohmann::ordered_json step_or_null(const std::optional<std::int64_t>& step) {
  return step ? nlohmann::ordered_json(*step) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json to_json(const Deviation& deviation, const Curve& expected, std::int64_t steps) {
  nlohmann::ordered_json json{{"player", deviation.player}};
  json["greatest"] = std::isfinite(deviation.greatest) ? nlohmann::ordered_json(deviation.greatest)
                                                       : nlohmann::ordered_json("no number");
  json["at_step"] = deviation.at;
  const auto rounding = expected.rounding.find(deviation.player);
  if (rounding != expected.rounding.end())
    json["rounding_alone"] = rounding->second.at(static_cast<std::size_t>(steps) - 1);
  json["above_tolerance_from"] = step_or_null(deviation.above);
  json["wrong_from"] = step_or_null(deviation.wrong);
  return json;
}

void show(const Deviation& deviation, double tolerance) {
  std::string text =
      fmt::format("  {:<14} greatest {:.2e} at step {}", deviation.player, deviation.greatest, deviation.at);
  if (deviation.above) text += fmt::format("; above {:g} from step {} on", tolerance, *deviation.above);
  if (deviation.wrong)
    text += fmt::format("; above ten times what rounding does from step {} on: WRONG", *deviation.wrong);
  std::fprintf(stderr, "%s\n", text.c_str());
}

/// One graph's entry of the report; one that can't be trained at all is an entry, too, and stops no other.
nlohmann::ordered_json compare_one(const std::string& file, const Options& options,
                                   const Registry& registry) {
  nlohmann::ordered_json json{{"graph", std::filesystem::path(file).stem().string()}};
  try {
    const Curve expected = read_curve(saved(file, options));
    Options here = options;
    here.steps = std::min(options.steps, expected.steps);
    here.batch = expected.batch;
    here.rounding = 0;
    const Curve found = train(file, here, registry);
    json["steps"] = here.steps;
    json["batch"] = here.batch;
    json["device"] = found.device;
    json["against"] = expected.device;
    bool agrees = true, within = true;
    for (const Deviation& deviation : compare(found, expected, options.tolerance)) {
      json["players"].push_back(to_json(deviation, expected, here.steps));
      agrees = agrees && !deviation.wrong;
      within = within && !deviation.above;
      show(deviation, options.tolerance);
    }
    json["within_tolerance"] = within;
    json["agrees"] = agrees;
  } catch (const Error& error) {
    std::fprintf(stderr, "  %s\n", error.what());
    json["agrees"] = false;
    json["error"] = error.what();
  }
  return json;
}

int compare_all(const Options& options, const Registry& registry) {
  nlohmann::ordered_json report{
      {"backend", options.backend}, {"precision", options.precision}, {"tolerance", options.tolerance}};
  report["graphs"] = nlohmann::ordered_json::array();
  std::size_t disagree = 0;
  for (const std::string& graph : options.graphs) {
    report["graphs"].push_back(compare_one(graph, options, registry));
    if (!report["graphs"].back()["agrees"]) ++disagree;
  }
  if (options.json) std::printf("%s\n", report.dump(2).c_str());
  std::fprintf(
      stderr,
      "%zu of %zu graphs follow their saved curves within %g, or within ten times what rounding alone does\n",
      options.graphs.size() - disagree, options.graphs.size(), options.tolerance);
  return disagree == 0 ? 0 : 1;
}

/// Why the backend can't be had; "" where it can.
std::string lacking(const std::string& name, const Registry& registry) {
  const BackendType* backend = registry.find_backend(name.substr(0, name.find(':')));
  if (backend == nullptr) {
    const PluginFailure* failure = registry.failure_of(name);
    return failure != nullptr
               ? failure->reason
               : fmt::format("no plugin brings the backend \"{}\"; {}", name, registry.where_searched());
  }
  return backend->report().reason;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App program("Holds trainings on one backend against curves saved from another.", "parity");
  program.require_subcommand(1);
  CLI::App* saving = program.add_subcommand("save", "Train, and save the losses of every step");
  CLI::App* comparing =
      program.add_subcommand("compare", "Train, and compare the losses of every step with the saved ones");
  for (CLI::App* command : {saving, comparing}) {
    command->add_option("GRAPH", options.graphs, "Graph files")->required()->check(CLI::ExistingFile);
    command
        ->add_option("--data", options.data, "Folder of Fashion-MNIST's four files, or of their beginnings")
        ->required()
        ->check(CLI::ExistingDirectory);
    command->add_option("--curves", options.curves, "Folder of the saved curves")->required();
    command->add_option("--backend", options.backend, "The backend to train on")->capture_default_str();
    command->add_option("--precision", options.precision, "The graph's precision")->capture_default_str();
    command->add_option("--steps", options.steps, "Classifier steps of each training")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
  }
  saving->add_option("--batch", options.batch,
                     "Another batch than the graph's; comparing takes the saved curve's");
  saving->add_option(
      "--rounding", options.rounding,
      "Also train so many times from nudged weights: how far does rounding alone carry each training?");
  comparing->add_option("--tolerance", options.tolerance, "The greatest relative difference of a loss")
      ->capture_default_str();
  comparing->add_flag("--json", options.json, "Print all figures as JSON on standard output");
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : 2;
  }
  Registry registry;
  const char* environment = std::getenv("GENERALIZER_PLUGIN_PATH");
  load_plugins({.graph_files = {},
                .paths = {},
                .environment = environment == nullptr ? "" : environment,
                .program = running_program()},
               registry);
  const std::string reason = lacking(options.backend, registry);
  if (!reason.empty()) {
    std::fprintf(stderr, "parity: %s\n", reason.c_str());
    return 3;
  }
  return saving->parsed() ? save(options, registry) : compare_all(options, registry);
}

}  // namespace
}  // namespace generalizer::parity

int main(int argc, char** argv) {
  try {
    return generalizer::parity::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "parity: %s\n", error.what());
    return 1;
  }
}
