// Every mistake that a user can make in files and folders: its exit code and its message.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "idx_writer.h"
#include "project.h"

namespace fs = std::filesystem;

namespace {

/// Runs `check` on the project's graph and requires this exit code and these words on standard error, nothing
/// on standard output.
void check_refused(const Project& project, int code, const std::vector<std::string>& words,
                   const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments = {"check", "graph.toml"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Ended ended = project.run(arguments);
  CAPTURE(ended.err);
  CHECK(ended.code == code);
  CHECK(ended.out.empty());
  for (const std::string& word : words) CHECK_THAT(ended.err, ContainsSubstring(word));
}

}  // namespace

TEST_CASE("a graph file that isn't there, is empty, is a folder or is no TOML ends with 2 and its name") {
  Project project;
  fs::remove(project.graph());
  check_refused(project, 2, {"graph.toml", "no such file"});
  project.write("graph.toml", "");
  check_refused(project, 2, {"graph.toml", "empty"});
  project.write("graph.toml", "name = \"x\nbackend = 1\n");
  check_refused(project, 2, {"graph.toml:1:", "not valid TOML"});
  fs::remove(project.graph());
  fs::create_directory(project.graph());
  check_refused(project, 2, {"graph.toml", "folder"});
}

TEST_CASE("a misspelt key shows its place, its line and the nearest key") {
  Project project;
  project.replace("weight    = 0.5", "wieght    = 0.5");
  check_refused(project, 2, {"graph.toml:33:1: error:", "wieght    = 0.5", "\"weight\""});
}

TEST_CASE("an unknown value of a policy lists the allowed ones") {
  Project project;
  project.replace("\"negative\"", "\"reversed\"");
  check_refused(project, 2, {"\"reversed\"", "negative", "positive", "none"});
}

TEST_CASE("an unknown layer type lists the known ones and where plugins were searched") {
  Project project;
  project.replace("\"conv2d\"", "\"conv3d\"");
  check_refused(project, 2, {"conv3d", "conv2d", "max_pool2d", "lib/generalizer"});
}

TEST_CASE("mistakes between layers end with 2 and name both ends") {
  Project project;
  SECTION("two layers with one name") {
    project.replace("name = \"flatten\"", "name = \"conv1\"");
    check_refused(project, 2, {"\"conv1\""});
  }
  SECTION("a cycle") {
    project.replace("name = \"flatten\",   type = \"flatten\"",
                    "name = \"flatten\", type = \"flatten\", inputs = [\"logits\"]");
    check_refused(project, 2, {"flatten", "logits"});
  }
  SECTION("a tap that doesn't exist") {
    project.replace("tap       = \"embedding\"", "tap       = \"embeding\"");
    check_refused(project, 2, {"\"embeding\"", "\"embedding\""});
  }
  SECTION("a decoder whose output isn't its target's shape") {
    project.replace("shape = [1, 6, 6]", "shape = [1, 4, 9]");
    check_refused(project, 2, {"1×4×9", "1×6×6"});
  }
  SECTION("as many outputs as there are not classes") {
    project.replace("units = 3", "units = 5");
    check_refused(project, 2, {"5", "3"});
  }
}

TEST_CASE("mistakes of the file's text and of its network are told in one go") {
  Project project;
  project.replace("weight    = 0.5", "wieght    = 0.5");
  project.replace("tap       = \"embedding\"", "tap       = \"embeding\"");
  project.replace("units = 3", "units = 5");  // judged by the data's classes
  check_refused(project, 2, {"\"weight\"", "\"embedding\"", "has 5 outputs; the data has 3 classes"});
  // What the data is can't be known where it isn't there: its classes are left out, the rest is told.
  check_refused(project, 2, {"\"weight\"", "\"embedding\""}, {"--set", "data.root=/nowhere"});
}

TEST_CASE("a key of --set that doesn't exist ends with 2") {
  const Project project;
  check_refused(project, 2, {"train.epoch=3", "epochs"}, {"--set", "train.epoch=3"});
}

TEST_CASE("data that is missing or damaged ends with 1 and the file") {
  Project project;
  SECTION("missing, with the package that has some") {
    check_refused(project, 1, {"/nowhere/train-images", "dataset-fashion-mnist"},
                  {"--set", "data.root=/nowhere"});
  }
  SECTION("cut short") {
    const std::string whole = project.read("train-images");
    project.write("train-images", whole.substr(0, whole.size() - 7));
    check_refused(project, 1, {"train-images", "cut short", "2176 bytes expected, 2169 found"});
  }
  SECTION("of different counts") {
    project.write("test-labels", idx_bytes({2}, {0, 1}));
    check_refused(project, 1, {"21 images", "2 labels", "test-images", "test-labels"});
  }
  SECTION("a label outside the classes") {
    project.write("train-labels", idx_bytes({60}, std::vector<std::uint8_t>(60, 3)));
    check_refused(project, 1, {"label 3", "record 0", "[0, 3)"});
  }
  SECTION("raw under a gzip's name, and the reverse, are read") {
    project.write("train-images", gzip_bytes(project.read("train-images")));
    CHECK(project.run({"check", "graph.toml"}).code == 0);
  }
}

TEST_CASE("an unknown backend ends with 2 and lists the known ones") {
  Project project;
  check_refused(project, 2, {"\"referenze\"", "Did you mean \"reference\"?", "Known backends:"},
                {"--backend", "referenze"});
  project.replace("backend = \"reference\"", "backend = \"referenze\"");
  check_refused(project, 2, {"graph.toml:2:", "\"referenze\"", "reference"});
}

TEST_CASE("a backend whose plugin can't be loaded here ends with 3 and names the missing library") {
  Project project;
  fs::create_directory(project.path("plugins"));
  fs::copy_file(std::string(TEST_PLUGINS) + "/needy.so", project.path("plugins/accelerator.so"));
  const std::vector<std::string> words = {"accelerator.so can't be loaded", "libnowhere_to_be_found.so"};
  check_refused(project, 3, words, {"--plugin-path", "plugins", "--backend", "accelerator"});
  check_refused(project, 3, words, {"--plugin-path", "plugins", "--backend", "accelerator:1"});
  project.replace("backend = \"reference\"", "backend = \"accelerator\"");
  check_refused(project, 3, words, {"--plugin-path", "plugins"});
  // Nobody who doesn't ask for it is stopped by it.
  CHECK(project.run({"check", "graph.toml", "--plugin-path", "plugins", "--backend", "reference"}).code == 0);
}

TEST_CASE("a plugin path that doesn't exist ends with 3 and says who named it") {
  Project project;
  check_refused(project, 3, {"/nowhere/plugins", "--plugin-path"}, {"--plugin-path", "/nowhere/plugins"});
  ProgramOptions options;
  options.environment["GENERALIZER_PLUGIN_PATH"] = "/nowhere/else";
  const Ended ended = project.run({"plugins"}, options);
  CHECK(ended.code == 3);
  CHECK_THAT(ended.err, ContainsSubstring("/nowhere/else") && ContainsSubstring("GENERALIZER_PLUGIN_PATH"));
  project.replace("seed    = 1", "seed    = 1\nplugins = [\"mine.so\"]");
  check_refused(project, 3, {project.path("mine.so"), "the graph's plugins"});
}

TEST_CASE("a plugin for another version that the graph names ends with 3 and both versions") {
  Project project;
  project.replace("seed    = 1",
                  "seed    = 1\nplugins = [\"" + std::string(TEST_PLUGINS) + "/other_version.so\"]");
  check_refused(project, 3, {"other_version.so", "built for version 77", "this program has version"});
}

TEST_CASE("a run folder that can't be made ends with 1 and its name") {
  const Project project;
  project.write("file", "in the way\n");
  const Ended ended = project.run({"train", "graph.toml", "--out", "file/run"});
  CAPTURE(ended.err);
  CHECK(ended.code == 1);
  CHECK_THAT(ended.err, ContainsSubstring("file/run") && ContainsSubstring("--out"));
}

TEST_CASE("an empty name is refused as one, and a file where a run folder is wanted") {
  const Project project;
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"eval", ""},
                                                    {"check", "graph.toml", "--plugin-path", ""},
                                                    {"check", "graph.toml", "--backend", ""},
                                                    {"check", ""},
                                                    {"train", "graph.toml", "--out", ""},
                                                    {"train", "--resume", ""}}) {
    const Ended ended = project.run(arguments);
    CAPTURE(arguments, ended.err);
    CHECK(ended.code == 2);
    CHECK_THAT(ended.err, ContainsSubstring("\"\"") && ContainsSubstring("empty"));
  }
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"eval", "graph.toml"}, {"train", "--resume", "graph.toml"}}) {
    const Ended file = project.run(arguments);
    CHECK(file.code == 2);
    CHECK_THAT(file.err, ContainsSubstring("graph.toml is a file, not a run folder"));
  }
}

TEST_CASE("a folder that is no run ends with 1 for every command that reads one") {
  const Project project;
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"eval", "nowhere"},
                                                    {"predict", "nowhere", "image.png"},
                                                    {"train", "--resume", "nowhere"}}) {
    const Ended ended = project.run(arguments);
    CAPTURE(arguments, ended.err);
    CHECK(ended.code == 1);
    CHECK_THAT(ended.err, ContainsSubstring("nowhere"));
  }
  const Ended ended = project.run({"eval", "."});
  CHECK(ended.code == 1);
  CHECK_THAT(ended.err, ContainsSubstring("run.json") && ContainsSubstring("error:"));
}

TEST_CASE("with --json a failure is JSON on standard output, with the same words and exit code as without") {
  Project project;
  SECTION("a graph's mistakes, each with its place") {
    project.replace("weight    = 0.5", "wieght    = 0.5");
    project.replace("units = 8", "unit = 8");
    for (const char* command : {"check", "train"}) {
      const Ended ended = project.run({command, "graph.toml", "--json"});
      CHECK(ended.code == 2);
      CHECK_THAT(ended.err, ContainsSubstring("graph.toml:33:1: error:"));
      const auto errors = nlohmann::json::parse(ended.out).at("errors");
      REQUIRE(errors.size() >= 2);
      const auto wieght = std::find_if(errors.begin(), errors.end(), [](const auto& e) { return e["line"] == 33; });
      REQUIRE(wieght != errors.end());
      CHECK((*wieght)["file"] == "graph.toml");
      CHECK((*wieght)["column"] == 1);
      CHECK_THAT((*wieght)["message"].template get<std::string>(), ContainsSubstring("wieght"));
      CHECK(wieght->contains("hint"));
    }
  }
  SECTION("data that is missing") {
    fs::remove(project.path("train-labels"));
    const Ended ended = project.run({"check", "graph.toml", "--json"});
    CHECK(ended.code == 1);
    const auto errors = nlohmann::json::parse(ended.out).at("errors");
    REQUIRE(errors.size() == 1);
    CHECK_THAT(errors[0]["message"].get<std::string>(), ContainsSubstring("train-labels"));
    CHECK(errors[0]["line"].is_null());
  }
  SECTION("a run that isn't there") {
    const Ended ended = project.run({"eval", "nowhere", "--json"});
    CHECK(ended.code == 1);
    CHECK_THAT(nlohmann::json::parse(ended.out)["errors"][0]["message"].get<std::string>(),
               ContainsSubstring("nowhere"));
  }
  SECTION("a backend that nobody knows, and a command line that can't be read") {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"check", "graph.toml", "--backend", "abacus", "--json"},
          std::vector<std::string>{"check", "graph.toml", "--jsonn", "--json"}}) {
      const Ended ended = project.run(arguments);
      CHECK(ended.code == 2);
      CHECK(nlohmann::json::parse(ended.out)["errors"].size() == 1);
    }
  }
  SECTION("nothing is printed without --json, and --help says what is with it") {
    CHECK(project.run({"eval", "nowhere"}).out.empty());
    CHECK_THAT(project.run({"check", "--help"}).out, ContainsSubstring("errors"));
  }
}
