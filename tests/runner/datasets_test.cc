// Datasets of every kind of file, from the graph to the answer: classes get their names from the files, and what any dataset can be given works with them.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "places.h"
#include "project.h"
#include "support/write_picture.h"

using generalizer::testing::write_png;
using nlohmann::json;

namespace {

const std::vector<std::string> names = {"left", "middle", "right"};

/// 6×6, light in the two columns of the class, a little different each time.
std::vector<std::uint8_t> picture_of(std::size_t label, std::size_t salt) {
  std::vector<std::uint8_t> pixels(36);
  for (std::size_t p = 0; p < 36; ++p) {
    const std::size_t noise = (p * 31 + salt * 17) % 40;
    pixels[p] = static_cast<std::uint8_t>(p % 6 / 2 == label ? 235 - noise : 20 + noise);
  }
  return pixels;
}

void replace_data(Project& project, const std::string& data) {
  project.replace(
      "type  = \"idx\"\nroot  = \".\"\ntrain = { images = \"train-images\", labels = \"train-labels\" }\n",
      data);
  project.replace(
      "test  = { images = \"test-images\", labels = \"test-labels\" }\nclass_names = [\"left\", \"middle\", "
      "\"right\"]\n",
      "validation = 0.2\nlabel_noise = 0.05\naugment = [ { type = \"shift\", pixels = 1 }, { type = "
      "\"normalize\", mean = [0.4], "
      "deviation = [0.3] } ]\n");
  project.replace("epochs = 2", "epochs = 20");
  project.replace("sign      = \"negative\"", "sign      = \"none\"");
}

/// Trains, takes the data away, and asks for pictures of each class.
void check_answers(const Project& project, const std::vector<std::string>& files,
                   const std::vector<std::string>& more = {}) {
  const Ended checked = project.run({"check", "graph.toml", "--json"});
  INFO(checked.err);
  REQUIRE(checked.code == 0);
  const json data = json::parse(checked.out).at("data");
  CHECK(data.at("classes") == 3);
  CHECK(data.at("class_names") == json(names));
  CHECK(data.at("validation") == 9);
  CHECK_THAT(project.run({"check", "graph.toml"}).out, ContainsSubstring("3 classes (left, middle, right)"));
  project.train("run");
  CHECK(project.run({"eval", "run"}).code == 0);
  for (const std::string& file : files)
    std::filesystem::rename(project.path(file), project.path("away-" + file));
  for (std::size_t label = 0; label < 3; ++label)
    write_png(project.path(names[label] + ".png"), 6, 6, PNG_FORMAT_GRAY, picture_of(label, 7));
  std::vector<std::string> words = {"predict", "run", "left.png", "middle.png", "right.png", "--json"};
  words.insert(words.end(), more.begin(), more.end());
  const Ended ended = project.run(words);
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  const json answers = json::parse(ended.out);
  for (std::size_t label = 0; label < 3; ++label) CHECK(answers[label].at("name") == names[label]);
}

}  // namespace

TEST_CASE("a folder of pictures is trained on, and predict names the classes without it") {
  Project project;
  for (std::size_t i = 0; i < 60; ++i) {
    const std::string split = i < 45 ? "train" : "test";
    const std::string folder = project.path("my pictures/" + split + "/" + names[i % 3]);
    std::filesystem::create_directories(folder);
    write_png(folder + "/" + std::to_string(i) + ".png", 6, 6, PNG_FORMAT_GRAY, picture_of(i % 3, i));
  }
  replace_data(project, "type = \"image_folder\"\nroot = \"my pictures\"\nchannels = 1\n");
  check_answers(project, {"my pictures"}, {"--fit"});
}

TEST_CASE("lines of numbers with words for labels are trained on, and predict gives the words") {
  Project project;
  std::string train = "label";
  for (int p = 0; p < 36; ++p) train += ",pixel" + std::to_string(p);
  std::string test = train += "\n";
  for (std::size_t i = 0; i < 60; ++i) {
    std::string& lines = i < 45 ? train : test;
    lines += names[i % 3];
    for (const std::uint8_t pixel : picture_of(i % 3, i)) lines += "," + std::to_string(pixel);
    lines += "\n";
  }
  project.write("train.csv", train);
  project.write("test.csv", test);
  replace_data(project, "type = \"csv\"\ntrain = \"train.csv\"\n");
  project.replace("validation", "test = \"test.csv\"\nvalidation");
  check_answers(project, {"train.csv", "test.csv"});
}

TEST_CASE("arrays of NumPy are checked and trained on") {
  Project project;
  std::filesystem::copy_file(project_folder() + "/tests/datasets/files/keras.npz",
                             project.path("mnist.npz"));
  project.write("graph.toml",
                "backend = \"reference\"\n[data]\ntype = \"npz\"\nfile = \"mnist.npz\"\nlimit = 4\ntest = { "
                "file = \"mnist.npz\" }\n[train]\nepochs = 1\nbatch = 2\n[classifier]\nloss = "
                "\"cross_entropy\"\nlayers = [ { type = \"flatten\" }, { type = \"dense\", units = 3 } ]\n");
  const json data = json::parse(project.run({"check", "graph.toml", "--json"}).out).at("data");
  CHECK(data.at("train") == 4);
  CHECK(data.at("image") == json({1, 4, 3}));
  CHECK(data.at("class_names").empty());
  project.train("run");
}
