// test-plugin and new-layer through the program: what ends, hangs or crashes a process, exit codes, and what is written.
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "places.h"
#include "run_program.h"
#include "support/temporary_folder.h"

using nlohmann::json;

namespace {

json checks_of(const Ended& ended, const std::string& subject) {
  json found = json::object();
  const json all = json::parse(ended.out);
  for (const json& check : all.at("checks")) {
    if (check.at("of") == subject) found[check.at("check").get<std::string>()] = check;
  }
  return found;
}

/// For plugins that crash: a sanitizer's own handler would write a report and end the process with an exit code in place of the signal.
ProgramOptions without_crash_handlers() {
  ProgramOptions options;
  for (const char* name : {"ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"}) {
    const char* given = std::getenv(name);
    options.environment[name] = std::string(given != nullptr ? given : "") + ":handle_segv=0";
  }
  return options;
}

std::string inspected(const std::string& name) { return std::string(INSPECTED_PLUGINS) + "/" + name + ".so"; }

}  // namespace

TEST_CASE("test-plugin outlives checks that crash, hang or end the process, and says with which value they did") {
  const Ended ended = run_program({"test-plugin", inspected("faulty"), "--seconds", "5", "--json"}, without_crash_handlers());
  INFO(ended.err);
  CHECK(ended.code == 1);
  CHECK(checks_of(ended, "layer crashes_at_0").at("parameters").at("detail") ==
        "It crashed with size = 0: Segmentation fault (signal 11).");
  CHECK(checks_of(ended, "layer never_ends_at_0").at("parameters").at("detail") == "It did not end within 5 s with size = 0. If it is only slow, --seconds gives it more time.");
  CHECK(checks_of(ended, "layer exits_at_0").at("parameters").at("detail") ==
        "It ended the whole program with size = 0, with exit code 7.");
  const json sound = checks_of(ended, "layer sound");
  for (const auto& [name, check] : sound.items()) {
    INFO(name << ": " << check.at("detail"));
    CHECK(check.at("result") != "failed");
  }
  const json all = json::parse(ended.out);
  CHECK(all.at("plugin") == "faulty");
  CHECK(all.at("failed").get<int>() > 10);
  CHECK_THAT(ended.err, ContainsSubstring("checks passed"));
}

TEST_CASE("test-plugin refuses what can't be loaded with exit code 3") {
  for (const auto& [file, part] :
       {std::pair{inspected("crashing"), "fails while it is being loaded. It crashed: Segmentation fault"},
        std::pair{std::string(TEST_PLUGINS) + "/other_version.so", "was built for version 77"},
        std::pair{std::string("/no/such/plugin.so"), "There is no plugin file /no/such/plugin.so."},
        std::pair{project_folder() + "/README.md", "README.md"}}) {
    const Ended ended = run_program({"test-plugin", file}, without_crash_handlers());
    INFO(ended.err);
    CHECK(ended.code == 3);
    CHECK(ended.out.empty());
    CHECK_THAT(ended.err, ContainsSubstring(part));
  }
}

TEST_CASE("test-plugin needs a file, and a file of cases that can be read") {
  CHECK(run_program({"test-plugin"}).code == 2);
  const Ended ended = run_program({"test-plugin", inspected("faulty"), "--cases", "/no/such/cases.toml"});
  CHECK(ended.code == 2);
  CHECK_THAT(ended.err, ContainsSubstring("/no/such/cases.toml"));
}

TEST_CASE("new-layer writes a project of the name, and says how to go on") {
  const generalizer::testing::TemporaryFolder folder;
  const Ended ended = run_program({"new-layer", "channel_scale"}, {.environment = {}, .folder = folder.path(), .terminal = false, .watch = {}});
  INFO(ended.err);
  CHECK(ended.code == 0);
  for (const char* file : {"CMakeLists.txt", "channel_scale.cc", "cases.toml", "graph.toml", "README.md", ".gitignore"})
    CHECK(std::filesystem::is_regular_file(folder / "channel_scale" / file));
  CHECK_THAT(ended.out, ContainsSubstring("cd channel_scale\n  cmake -S . -B build -DCMAKE_PREFIX_PATH="));
  const Ended listed =
      run_program({"new-layer", "other", "--out", "in here", "--json"}, {.environment = {}, .folder = folder.path(), .terminal = false, .watch = {}});
  CHECK(json::parse(listed.out).at("folder") == "in here");
  CHECK(std::filesystem::is_regular_file(folder / "in here" / "other.cc"));
}

TEST_CASE("new-layer refuses a name that is none or taken, and a folder that holds something") {
  const generalizer::testing::TemporaryFolder folder;
  const ProgramOptions there{.environment = {}, .folder = folder.path(), .terminal = false, .watch = {}};
  for (const char* name : {"Conv", "my-layer", "2d", "größe", ""}) {
    const Ended ended = run_program({"new-layer", name}, there);
    CHECK(ended.code == 2);
    CHECK_THAT(ended.err, ContainsSubstring("can't be a layer's name"));
  }
  CHECK_THAT(run_program({"new-layer", "test"}, there).err, ContainsSubstring("a target of CMake's own. Choose another, such as test_layer."));
  const Ended taken = run_program({"new-layer", "dense"}, there);
  CHECK(taken.code == 2);
  CHECK_THAT(taken.err, ContainsSubstring("There is a layer type \"dense\" already, from "));
  CHECK(std::filesystem::is_empty(folder.path()));

  REQUIRE(run_program({"new-layer", "mine"}, there).code == 0);
  const Ended again = run_program({"new-layer", "mine"}, there);
  CHECK(again.code == 2);
  CHECK_THAT(again.err, ContainsSubstring("The folder mine is there already and isn't empty."));
}
