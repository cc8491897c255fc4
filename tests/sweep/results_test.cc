#include "sweep/results.h"

#include "catch.h"
#include "support/files.h"
#include "support/temporary_folder.h"
#include "sweep/axis_ticks.h"
#include "sweep/curve.h"
#include "trainer/run_folder.h"

using namespace generalizer;
using Json = nlohmann::ordered_json;

namespace {

Json audit_json() {
  return Json::parse(
      R"({"tap": "embedding", "in_loop": {"mse": 0.073}, "mean_image": {"mse": 0.0866}, "class_mean": {"mse": 0.0524},
    "baseline": {"linear": {"mse": 0.026}, "two_layer": {"mse": 0.0168}},
    "attackers": {"linear": {"mse": 0.028, "psnr": 15.5, "ssim": 0.5, "ms_ssim": 0.8}, "two_layer": {"mse": 0.0164, "psnr": 17.9, "ssim": 0.7, "ms_ssim": null}},
    "gap_closed": -0.0112, "accuracy": {"train": 0.93, "test": 0.894}, "membership": {"auc": 0.52, "tpr_at_1_percent_fpr": 0.012}})");
}

SweepRun run_with(std::uint64_t seed, std::map<std::string, double> values) {
  SweepRun run{seed, "runs/x", SweepRun::State::done};
  run.figures.values = std::move(values);
  return run;
}

/// Weight 0 and weight 2, two seeds each, of figures that are easily averaged.
SweepResults two_rows() {
  SweepResults results;
  results.rows.push_back(
      {{{"decoder.weight", "0"}},
       {run_with(0, {{"test_accuracy", 0.90}, {"best_attacker_mse", 0.010}, {"class_mean_mse", 0.050}}),
        run_with(1, {{"test_accuracy", 0.92}, {"best_attacker_mse", 0.012}, {"class_mean_mse", 0.050}})}});
  results.rows.push_back(
      {{{"decoder.weight", "2"}},
       {run_with(0, {{"test_accuracy", 0.88}, {"best_attacker_mse", 0.030}, {"class_mean_mse", 0.050}}),
        run_with(1, {{"test_accuracy", 0.90}, {"best_attacker_mse", 0.031}, {"class_mean_mse", 0.050}})}});
  return results;
}

std::size_t count(const std::string& text, const std::string& piece) {
  std::size_t n = 0;
  for (std::size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("a run's figures are its audit's, of the attacker with the lowest mse; null is no figure") {
  const testing::TemporaryFolder folder;
  const RunFolder run = RunFolder::create(folder / "run", "x");
  replace_file(run.graph(), std::string("name = \"x\"\n"));
  const RunFigures figures = figures_of(run.path(), nullptr, audit_json());
  CHECK(figures.best_attacker == "two_layer");
  CHECK(figures.values.at("best_attacker_mse") == 0.0164);
  CHECK(figures.values.at("best_attacker_psnr") == 17.9);
  CHECK_FALSE(figures.values.contains("best_attacker_ms_ssim"));
  CHECK(figures.values.at("test_accuracy") == 0.894);
  CHECK(figures.values.at("gap_closed") == -0.0112);
  CHECK(figures.values.at("membership_auc") == 0.52);
}

TEST_CASE("where noise is handed out, a run's figures say what is recovered with it on and with it off") {
  const testing::TemporaryFolder folder;
  const RunFolder run = RunFolder::create(folder / "run", "x");
  replace_file(run.graph(), std::string("name = \"x\"\n"));
  Json audit = audit_json();
  CHECK_FALSE(figures_of(run.path(), nullptr, audit).values.contains("noise_on_attacker_mse"));
  audit["taps"] = Json::parse(R"([{"tap": "embedding", "hand_outs": [
    {"noise": true, "draws": 1, "attackers": {"a": {"mse": 0.05}}, "gap_closed": 0.9},
    {"noise": true, "draws": 16, "attackers": {"a": {"mse": 0.04}, "b": {"mse": 0.06}}, "gap_closed": null},
    {"noise": false, "draws": 1, "attackers": {"a": {"mse": 0.03}}, "gap_closed": 0.4}]}])");
  const RunFigures figures = figures_of(run.path(), nullptr, audit);
  CHECK(figures.values.at("noise_on_attacker_mse") == 0.04);
  CHECK_FALSE(figures.values.contains("noise_on_gap_closed"));
  CHECK(figures.values.at("noise_off_attacker_mse") == 0.03);
  CHECK(figures.values.at("noise_off_gap_closed") == 0.4);
}

TEST_CASE(
    "without an audit the figures are the last epoch's, or those of the best that early stopping went back "
    "to") {
  const testing::TemporaryFolder folder;
  const RunFolder run = RunFolder::create(folder / "run", "x");
  replace_file(run.graph(), std::string("name = \"x\"\n"));
  std::vector<EpochMetrics> epochs(3);
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    epochs[i].epoch = static_cast<std::int64_t>(i) + 1;
    epochs[i].test.accuracy = 0.5 + 0.1 * static_cast<double>(i);
    epochs[i].decoders["a"].test_loss = 0.05;
    epochs[i].decoders["b"].test_loss = 0.04;
  }
  run.write_metrics(epochs);
  CHECK(figures_of(run.path(), Json{{"end", "finished"}}, nullptr).values.at("test_accuracy") == Approx(0.7));
  CHECK(figures_of(run.path(), Json{{"end", "finished"}}, nullptr).values.at("decoder_loss") == 0.04);
  const Json stopped = Json::parse(R"({"end": "stopped_early", "best": {"epoch": 2}})");
  CHECK(figures_of(run.path(), stopped, nullptr).values.at("test_accuracy") == Approx(0.6));
}

TEST_CASE("the gap that is closed is measured from the baseline's run with the same seed to the class mean") {
  SweepResults results = two_rows();
  summarize(results, {std::nullopt, 0}, true);
  CHECK(results.rows[1].runs[0].figures.values.at("gap_closed") == Approx(0.5));
  CHECK(results.rows[1].runs[1].figures.values.at("gap_closed") == Approx(0.5));
  CHECK(results.rows[0].figures.at("gap_closed").mean == Approx(0.0));
}

TEST_CASE("table, CSV and JSON hold every combination with its estimates") {
  SweepResults results = two_rows();
  results.rows[1].runs[1].state = SweepRun::State::failed;
  results.rows[1].runs[1].figures.values.clear();
  summarize(results, {std::nullopt, 0}, true);
  CHECK(results.rows[0].pareto);
  CHECK(results.rows[1].pareto);
  const std::string text = table_text(results);
  CHECK_THAT(text, ContainsSubstring("decoder.weight") && ContainsSubstring("91.00 ± 12.71 %") &&
                       ContainsSubstring("1 of 2") && ContainsSubstring("50.00 %"));
  const std::string csv = table_csv(results);
  CHECK(count(csv, "\n") == 3);
  CHECK_THAT(csv,
             ContainsSubstring(
                 "number,decoder.weight,runs,pareto,test_accuracy,test_accuracy_low,test_accuracy_high") &&
                 ContainsSubstring("\n2,2,1,1,0.88,,"));
  const Json json = to_json(results);
  CHECK(json[0]["set"]["decoder.weight"] == "0");
  CHECK(json[0]["figures"]["test_accuracy"]["mean"].get<double>() == Approx(0.91));
  CHECK(json[1]["figures"]["test_accuracy"]["low"].is_null());
  CHECK(json[1]["runs"][1]["state"] == "failed");
}

TEST_CASE("results read back from sweep.json give the same table and curve") {
  SweepResults results = two_rows();
  summarize(results, {std::nullopt, 0}, true);
  const SweepResults again = results_from_json(to_json(results), results.forgetting);
  CHECK(table_text(again) == table_text(results));
  CHECK(curve_svg(again) == curve_svg(results));
}

TEST_CASE(
    "the curve has a point a combination, the intervals, the Pareto-optimal ones marked, and escapes what "
    "files say") {
  SweepResults results = two_rows();
  results.rows.push_back(
      {{{"name", "<script>\"&"}}, {run_with(0, {{"test_accuracy", 0.80}, {"best_attacker_mse", 0.020}})}});
  summarize(results, {std::nullopt, 0, std::nullopt}, true);
  const std::string svg = curve_svg(results);
  CHECK(count(svg, "<circle") == 3);
  CHECK(count(svg, "class=\"combination pareto\"") == 2);
  CHECK(count(svg, "class=\"bar\"") == 6);
  CHECK(count(svg, "class mean") == 1);
  CHECK(svg.find("<script>") == std::string::npos);
  CHECK_THAT(svg, ContainsSubstring("&lt;script&gt;"));
  CHECK_THAT(curve_svg(SweepResults{}), ContainsSubstring("No combination has a finished run yet."));
}

TEST_CASE("ticks are round, tell themselves apart, and lie within their range") {
  const AxisTicks ticks = ticks_for(0.0112, 0.0523, 7);
  CHECK(ticks.low < 0.0112);
  CHECK(ticks.high > 0.0523);
  REQUIRE(ticks.at.size() >= 4);
  CHECK(ticks.at[0] == Approx(0.01));
  CHECK(ticks.at[1] == Approx(0.02));
  CHECK(ticks.decimals == 2);
  CHECK_FALSE(ticks_for(5.0, 5.0, 5).at.empty());  // one point alone
}
