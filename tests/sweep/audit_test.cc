#include <filesystem>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "project.h"

using nlohmann::json;

namespace {

const std::vector<std::string> audited = {"sweep",   "graph.toml", "--over", "decoder.weight=0,0.5",
                                          "--seeds", "2",          "--set",  "train.epochs=4"};
const std::string little = "--seeds 1 --epochs 3 --attackers linear,two_layer";

json results_of(const Project& project, const std::vector<std::string>& more) {
  std::vector<std::string> words = audited;
  words.insert(words.end(), more.begin(), more.end());
  words.emplace_back("--json");
  const Ended ended = project.run(words);
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  return json::parse(ended.out);
}

json audit_of(const Project& project, const std::string& sweep, const json& run) {
  return json::parse(project.read(sweep + "/" + run["folder"].get<std::string>() + "/audit.json"));
}

}  // namespace

TEST_CASE("a sweep audits every run against the run of weight 0 with the same seed") {
  const Project project;
  const json report = results_of(project, {"--out", "s", "--audit-args=" + little});
  CHECK(report["curve"]["x"] == "best_attacker_mse");
  const json& plain = report["combinations"][0];
  const json& strong = report["combinations"][1];
  for (std::size_t seed = 0; seed < 2; ++seed) {
    const json audit = audit_of(project, "s", strong["runs"][seed]);
    CHECK_THAT(audit["baseline_run"].get<std::string>(),
               ContainsSubstring(plain["runs"][seed]["folder"].get<std::string>()));
    const json& figures = strong["runs"][seed]["figures"];
    CHECK(figures["gap_closed"] == audit["gap_closed"]);
    CHECK(figures["test_accuracy"] == audit["accuracy"]["test"]);
    CHECK(figures["best_attacker_mse"] ==
          audit["attackers"][strong["runs"][seed]["best_attacker"].get<std::string>()]["mse"]);
  }
  CHECK(strong["figures"]["best_attacker_mse"]["runs"] == 2);
  CHECK(strong["figures"].contains("membership_auc"));

  // Without baselines in the audits the gap is measured from the baseline's own audit, and comes to the same.
  const json alone = results_of(project, {"--out", "alone", "--audit-args=" + little + " --no-baseline"});
  CHECK(audit_of(project, "alone", alone["combinations"][1]["runs"][0])["baseline_run"].is_null());
  const double measured = alone["combinations"][1]["figures"]["gap_closed"]["mean"];
  CHECK(measured == Approx(strong["figures"]["gap_closed"]["mean"].get<double>()).margin(1e-6));
  CHECK(alone["combinations"][0]["figures"]["gap_closed"]["mean"] == 0.0);
}
