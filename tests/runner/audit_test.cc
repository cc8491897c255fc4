#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "project.h"

namespace {

/// Few steps: what is tested here is what the command says and leaves.
const std::vector<std::string> kQuick = {"--attackers", "linear", "--epochs", "3", "--seeds", "2", "--batch", "16"};

std::vector<std::string> arguments(std::vector<std::string> more) {
  std::vector<std::string> all = {"audit", "run"};
  all.insert(all.end(), kQuick.begin(), kQuick.end());
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

TEST_CASE("audit prints tables for people and leaves audit.json and pictures") {
  const Project project;
  project.train("run");
  const Ended ended = project.run(arguments({}));
  CAPTURE(ended.err);
  REQUIRE(ended.code == 0);
  CHECK_THAT(ended.out, ContainsSubstring("Tap embedding (8 numbers"));
  CHECK_THAT(ended.out, ContainsSubstring("class mean"));
  CHECK_THAT(ended.out, ContainsSubstring("autoencoder (in loop)"));
  CHECK_THAT(ended.out, ContainsSubstring("As it is handed out, without noise:"));
  CHECK_THAT(ended.out, ContainsSubstring("Gap between the baseline and the class mean closed:"));
  CHECK_THAT(ended.out, ContainsSubstring("loss threshold"));
  CHECK_THAT(ended.err, ContainsSubstring("Training the baseline"));
  CHECK_THAT(ended.err, ContainsSubstring("run/audit.json and run/audit/pictures.png"));
  CHECK(nlohmann::json::parse(project.read("run/audit.json")).at("attackers").contains("linear"));
  CHECK(std::filesystem::exists(project.path("run/audit/pictures.png")));
}

TEST_CASE("audit --json prints what it writes, and --out puts it elsewhere") {
  const Project project;
  project.train("run");
  const Ended ended = project.run(arguments({"--json", "--no-baseline", "--out", "elsewhere"}));
  CAPTURE(ended.err);
  REQUIRE(ended.code == 0);
  CHECK(nlohmann::json::parse(ended.out) == nlohmann::json::parse(project.read("elsewhere/audit.json")));
  CHECK(nlohmann::json::parse(ended.out).at("baseline_run").is_null());
  CHECK_FALSE(std::filesystem::exists(project.path("run/audit.json")));
}

TEST_CASE("audit tells what is wrong with its arguments, and exits with 2") {
  const Project project;
  project.train("run");
  const Ended file = project.run({"audit", "graph.toml"});
  CHECK(file.code == 2);
  CHECK_THAT(file.err, ContainsSubstring("is a file, not a run folder"));
  const Ended both = project.run(arguments({"--no-baseline", "--baseline", "run"}));
  CHECK(both.code == 2);
  CHECK_THAT(both.err, ContainsSubstring("exclude each other"));
  const Ended tap = project.run(arguments({"--tap", "embeding"}));
  CHECK(tap.code == 2);
  CHECK_THAT(tap.err, ContainsSubstring("did you mean \"embedding\"?"));
  project.write("mine.toml", "layers = [ { type = \"dense\", unts = 3 } ]\n");
  const Ended attacker = project.run(arguments({"--attacker", "mine.toml", "--no-baseline"}));
  CHECK(attacker.code == 2);
  CHECK_THAT(attacker.err, ContainsSubstring("mine.toml:1:30: error:"));
}

TEST_CASE("audit of data that is gone, or of a run without checkpoints, fails with 1") {
  const Project project;
  project.train("run");
  std::filesystem::rename(project.path("train-images"), project.path("moved"));
  const Ended gone = project.run(arguments({}));
  CHECK(gone.code == 1);
  CHECK_THAT(gone.err, ContainsSubstring("train-images"));
  std::filesystem::remove_all(project.path("run/checkpoints"));
  const Ended none = project.run(arguments({}));
  CHECK(none.code == 1);
  CHECK_THAT(none.err, ContainsSubstring("no good checkpoint"));
}

TEST_CASE("An audit that is interrupted leaves nothing half-written and exits with 130") {
  const Project project;
  project.train("run");
  bool asked = false;
  ProgramOptions options;
  options.watch = [&](int process, const std::string& err) {
    if (asked || err.find("attacking with") == std::string::npos) return;
    asked = true;
    kill(process, SIGINT);
  };
  const Ended ended = project.run({"audit", "run", "--no-baseline", "--attackers", "linear", "--epochs", "1000000", "--seeds", "100"}, options);
  CHECK(ended.code == 130);
  CHECK_THAT(ended.err, ContainsSubstring("Attacks begin anew next time"));
  CHECK_FALSE(std::filesystem::exists(project.path("run/audit.json")));
}
