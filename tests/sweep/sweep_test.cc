#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "project.h"

using nlohmann::json;
namespace fs = std::filesystem;

namespace {

const std::vector<std::string> four_runs = {"sweep",   "graph.toml", "--over",    "decoder.weight=0,0.5",
                                            "--seeds", "2",          "--no-audit"};

std::vector<std::string> with(std::vector<std::string> words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::size_t files_named(const std::string& folder, const std::string& ending) {
  std::error_code none_yet;
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(folder, none_yet))
    count += entry.path().string().ends_with(ending) ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("a sweep trains every combination with every seed, and leaves table, curve and state") {
  const Project project;
  const Ended ended = project.run(with(four_runs, {"--jobs", "2", "--out", "s", "--json"}));
  CAPTURE(ended.err);
  REQUIRE(ended.code == 0);
  const json report = json::parse(ended.out);
  REQUIRE(report["combinations"].size() == 2);
  CHECK(report["combinations"][0]["figures"]["test_accuracy"]["runs"] == 2);
  CHECK(report["combinations"][1]["set"]["decoder.weight"] == "0.5");
  CHECK(report["curve"]["x"] == "decoder_loss");
  for (const char* file : {"s/sweep.json", "s/table.csv", "s/curve.svg", "s/graph.toml"})
    CHECK(fs::exists(project.path(file)));
  // Each run is one that `train` alone makes.
  const std::string run = report["combinations"][1]["runs"][1]["folder"];
  CHECK_THAT(project.read("s/" + run + "/graph.toml"),
             ContainsSubstring("seed = 2") && ContainsSubstring("weight = 0.5"));
  CHECK_THAT(ended.err,
             ContainsSubstring("[4/4]") && ContainsSubstring("2 combinations × 2 seeds, 2 at a time"));

  const Ended again = project.run(with(four_runs, {"--out", "s"}));
  CAPTURE(again.err);
  CHECK(again.code == 0);
  CHECK_THAT(again.err, ContainsSubstring("4 of 4 runs are done already"));
  CHECK_THAT(again.out,
             ContainsSubstring("decoder.weight") && ContainsSubstring("±") && ContainsSubstring("●"));
}

TEST_CASE("a sweep killed midway and continued gives the same table as one that wasn't") {
  Project project;
  project.replace("epochs = 2", "epochs = 60");
  const std::vector<std::string> words = with(four_runs, {"--set", "train.pictures=0"});
  REQUIRE(project.run(with(words, {"--out", "whole"})).code == 0);
  ProgramOptions options;
  int kills = 0;
  // Killed when a run is done and the next one is in the middle, each time again.
  options.watch = [&](int process, const std::string& err) {
    if (kills == 2 || err.find("] decoder.weight") == std::string::npos) return;
    if (files_named(project.path("killed/runs"), "log") < static_cast<std::size_t>(kills) + 2) return;
    kill(process, SIGKILL);
    ++kills;
  };
  int code = project.run(with(words, {"--out", "killed", "--jobs", "2"}), options).code;
  while (code == 128 + SIGKILL)
    code = project.run(with(words, {"--out", "killed", "--jobs", "2"}), options).code;
  REQUIRE(code == 0);
  CHECK(kills == 2);
  CHECK(project.read("killed/table.csv") == project.read("whole/table.csv"));
  CHECK(json::parse(project.read("killed/sweep.json"))["combinations"] ==
        json::parse(project.read("whole/sweep.json"))["combinations"]);
}

TEST_CASE("Ctrl-C lets the runs save, ends with 130, and --resume goes on") {
  Project project;
  project.replace("epochs = 2", "epochs = 400");
  bool sent = false;
  ProgramOptions options;
  options.watch = [&](int process, const std::string&) {
    // Once an epoch is done.
    if (sent || project.read("s/runs/01-weight-0-seed-1/metrics.jsonl").empty()) return;
    sent = true;
    kill(process, SIGINT);
  };
  const std::vector<std::string> one_seed = {
      "sweep", "graph.toml", "--over", "decoder.weight=0,0.5", "--no-audit", "--set", "train.pictures=0",
      "--out", "s"};
  const Ended ended = project.run(one_seed, options);
  CAPTURE(ended.err);
  CHECK(ended.code == 130);
  CHECK_THAT(ended.err, ContainsSubstring("generalizer sweep --resume"));
  CHECK_THAT(ended.err, !ContainsSubstring("error:"));
  const std::string before = project.read("s/runs/01-weight-0-seed-1/metrics.jsonl");
  CHECK_FALSE(before.empty());
  const Ended resumed = project.run({"sweep", "--resume", "s", "--json"});
  CAPTURE(resumed.err);
  REQUIRE(resumed.code == 0);
  CHECK(json::parse(resumed.out)["combinations"][0]["runs"][0]["state"] == "done");
  CHECK_THAT(project.read("s/runs/01-weight-0-seed-1/metrics.jsonl"), Catch::Matchers::StartsWith(before));
}

TEST_CASE("a wrong value is told before anything runs, at its option, all of them at once") {
  const Project project;
  const Ended ended = project.run({"sweep", "graph.toml", "--over", "decoder.weight=0,heavy", "--over",
                                   "train.batch=8,-1", "--out", "s"});
  CAPTURE(ended.err);
  CHECK(ended.code == 2);
  CHECK_THAT(ended.err,
             ContainsSubstring("--over decoder.weight=heavy") && ContainsSubstring("--over train.batch=-1"));
  CHECK_FALSE(fs::exists(project.path("s")));
  const Ended shape =
      project.run({"sweep", "graph.toml", "--over", "decoder.layers.pixels.units=36,35", "--out", "s"});
  CAPTURE(shape.err);
  CHECK(shape.code == 2);
  CHECK_THAT(shape.err, ContainsSubstring("decoder.layers.pixels.units=35"));
}

TEST_CASE("other arguments in a sweep's folder are refused, and so is a graph that has changed") {
  Project project;
  REQUIRE(project.run(with(four_runs, {"--out", "s"})).code == 0);
  const Ended other = project.run(
      {"sweep", "graph.toml", "--over", "decoder.weight=0,0.5", "--seeds", "3", "--no-audit", "--out", "s"});
  CHECK(other.code == 2);
  CHECK_THAT(other.err, ContainsSubstring("seeds: 2 there, 3 asked for"));
  project.replace("epochs = 2", "epochs = 3");
  const Ended changed = project.run(with(four_runs, {"--out", "s"}));
  CHECK(changed.code == 2);
  CHECK_THAT(changed.err, ContainsSubstring("epochs = 2") && ContainsSubstring("epochs = 3"));
  const Ended nothing = project.run({"sweep", "graph.toml", "--no-audit"});
  CHECK(nothing.code == 2);
  CHECK_THAT(nothing.err, ContainsSubstring("--over"));
  const Ended mixed = project.run({"sweep", "--resume", "s", "--seeds", "4"});
  CHECK(mixed.code == 2);
  CHECK_THAT(mixed.err, ContainsSubstring("leave out --seeds"));
}

TEST_CASE("a run that fails is reported, and the others go on") {
  const Project project;
  const Ended ended =
      project.run({"sweep", "graph.toml", "--over", "classifier.optimizer.learning_rate=1e-2,1e30",
                   "--no-audit", "--out", "s", "--json"});
  CAPTURE(ended.err);
  CHECK(ended.code == 1);
  CHECK_THAT(ended.err,
             ContainsSubstring(
                 "classifier.optimizer.learning_rate=1e30, seed 1: The training ended with exit code 1") &&
                 ContainsSubstring("no number"));
  const json report = json::parse(ended.out);
  CHECK(report["combinations"][0]["runs"][0]["state"] == "done");
  CHECK(report["combinations"][1]["runs"][0]["state"] == "failed");
}

TEST_CASE("the tasks of a Slurm job array, run by hand, give the table of the sweep") {
  const Project project;
  REQUIRE(project.run(with(four_runs, {"--out", "direct"})).code == 0);
  const Ended written = project.run(with(four_runs, {"--out", "array", "--slurm"}));
  CAPTURE(written.err);
  REQUIRE(written.code == 0);
  CHECK(files_named(project.path("array/runs"), "log") == 0);
  const auto task = [&](const std::string& number) {
    return std::system(("SLURM_ARRAY_TASK_ID=" + number + " " + project.path("array/job.sh") + " >" +
                        project.path("task.txt") + " 2>&1")
                           .c_str());
  };
  CHECK(WEXITSTATUS(std::system((project.path("array/job.sh") + " 2>" + project.path("task.txt")).c_str())) !=
        0);
  CHECK_THAT(project.read("task.txt"), ContainsSubstring("job array"));
  CHECK(task("2") == 0);
  const Ended half = project.run({"sweep", "--resume", "array", "--gather", "--json"});
  CHECK(json::parse(half.out)["combinations"][0]["runs"][0]["state"] == "waiting");
  CHECK(json::parse(half.out)["combinations"][1]["runs"][1]["state"] == "done");
  // The other one, and the first again beside it: two processes at work in one folder.
  const std::string job = project.path("array/job.sh") + " 2>>" + project.path("task.txt") + " >/dev/null";
  const std::string both = "SLURM_ARRAY_TASK_ID=1 " + job + " & SLURM_ARRAY_TASK_ID=2 " + job + " && wait $!";
  CHECK(std::system(both.c_str()) == 0);
  REQUIRE(project.run({"sweep", "--resume", "array", "--gather"}).code == 0);
  CHECK(project.read("array/table.csv") == project.read("direct/table.csv"));
}
