#include <algorithm>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "catch.h"
#include "project.h"
#include "support/cpu_backends.h"

namespace fs = std::filesystem;

namespace {

std::size_t checkpoints_in(const std::string& folder) {
  std::error_code none_yet;
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(folder, none_yet))
    count += entry.path().extension() == ".safetensors" ? 1 : 0;
  return count;
}

/// metrics.jsonl without the times.
std::string timeless_metrics(const Project& project, const std::string& run) {
  std::istringstream lines(project.read(run + "/metrics.jsonl"));
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    auto json = nlohmann::json::parse(line);
    for (const char* time : {"seconds", "images_per_second", "step_ms_median"}) json.erase(time);
    text += json.dump() + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("a run killed without warning and resumed equals one that wasn't, bit for bit") {
  const std::string backend = GENERATE(from_range(generalizer::test::cpu_backends()));
  Project project;
  project.replace("epochs = 2", "epochs = 200");
  const std::vector<std::string> train{
      "train", "graph.toml",       "--backend", backend,
      "--set", "train.pictures=0", "--set",     "train.keep_checkpoints=200"};
  const auto train_to = [&](const std::string& run) {
    std::vector<std::string> arguments = train;
    arguments.insert(arguments.end(), {"--out", run});
    return arguments;
  };
  REQUIRE(project.run(train_to("whole")).code == 0);

  // Killed wherever it happens to be once a few epochs have been saved, again and again until it gets through.
  ProgramOptions options;
  std::size_t kills = 0;
  std::size_t enough = 20;
  options.watch = [&](int process, const std::string&) {
    if (kills >= 3 || checkpoints_in(project.path("killed/checkpoints")) < enough) return;
    enough = checkpoints_in(project.path("killed/checkpoints")) + 20;
    ++kills;
    kill(process, SIGKILL);
  };
  int code = project.run(train_to("killed"), options).code;
  while (code == 128 + SIGKILL) code = project.run({"train", "--resume", "killed"}, options).code;
  INFO(kills << " kills on " << backend);
  REQUIRE(code == 0);
  CHECK(kills == 3);
  CHECK(timeless_metrics(project, "killed") == timeless_metrics(project, "whole"));
  const std::string last =
      "/checkpoints/step-000001600.safetensors";  // 64 images in batches of 8, 200 epochs
  CHECK(project.read("killed" + last) == project.read("whole" + last));
}
