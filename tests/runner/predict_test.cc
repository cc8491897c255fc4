#include <filesystem>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "pictures/picture.h"
#include "project.h"
#include "support/write_picture.h"

using generalizer::testing::write_png;
using nlohmann::json;

namespace {

/// 6×6, light in the two columns of the class.
std::vector<std::uint8_t> picture_of(std::size_t label) {
  std::vector<std::uint8_t> pixels(36, 20);
  for (std::size_t p = 0; p < 36; ++p) {
    if (p % 6 / 2 == label) pixels[p] = 235;
  }
  return pixels;
}

}  // namespace

TEST_CASE("predict names the class of a user's own images") {
  Project project;
  project.replace("epochs = 2", "epochs = 30");
  project.replace("sign      = \"negative\"", "sign      = \"none\"");
  project.train("run");
  write_png(project.path("left.png"), 6, 6, PNG_FORMAT_GRAY, picture_of(0));
  write_png(project.path("right.png"), 6, 6, PNG_FORMAT_GRAY, picture_of(2));
  std::vector<std::uint8_t> colours;
  for (const std::uint8_t value : picture_of(1))
    colours.insert(colours.end(), 3, static_cast<std::uint8_t>(255 - value));
  write_png(project.path("dark.png"), 6, 6, PNG_FORMAT_RGB, colours);

  const Ended ended =
      project.run({"predict", "run", "left.png", "right.png", "--json", "--pictures", "seen"});
  CAPTURE(ended.err);
  REQUIRE(ended.code == 0);
  const json answers = json::parse(ended.out);
  REQUIRE(answers.size() == 2);
  CHECK(answers[0]["image"] == "left.png");
  CHECK(answers[0]["name"] == "left");
  CHECK(answers[1]["class"] == 2);
  double sum = 0;
  for (const json& probability : answers[0]["probabilities"]) sum += probability.get<double>();
  CHECK(sum == Approx(1.0).epsilon(1e-5));
  CHECK(std::filesystem::exists(project.path("seen/left.png")));
  CHECK(std::filesystem::exists(project.path("seen/right.png")));

  const Ended inverted = project.run({"predict", "run", "--invert", "dark.png"});
  CHECK(inverted.code == 0);
  CHECK_THAT(inverted.out, ContainsSubstring("dark.png  middle"));
}

TEST_CASE("an image of another size is refused with both sizes and the command that resizes it") {
  const Project project;
  project.train("run");
  write_png(project.path("wide.png"), 8, 6, PNG_FORMAT_GRAY, std::vector<std::uint8_t>(48, 1));
  const Ended ended = project.run({"predict", "run", "wide.png"});
  CHECK(ended.code == 1);
  CHECK_THAT(ended.err, ContainsSubstring("wide.png is 8×6") && ContainsSubstring("6×6") &&
                            ContainsSubstring("convert wide.png -resize 6x6! wide-6x6.png") && ContainsSubstring("--fit"));
  CHECK(project.run({"predict", "run", "--fit", "wide.png"}).code == 0);
  for (const char* file : {"missing.png", "graph.toml", "run"}) {
    const Ended refused = project.run({"predict", "run", file});
    CAPTURE(refused.err);
    CHECK(refused.code == 1);
    CHECK_THAT(refused.err, ContainsSubstring(file));
  }
}

TEST_CASE("pictures become images of the network's channels") {
  using namespace generalizer;
  const Picture grey{2, 1, 1, {0, 255}};
  CHECK(to_image(grey, Shape{1, 1, 2}, false, false, "") == std::vector<float>{0, 1});
  CHECK(to_image(grey, Shape{3, 1, 2}, true, false, "") == std::vector<float>{1, 0, 1, 0, 1, 0});
  const Picture rgb{2, 1, 3, {255, 0, 51, 255, 255, 255}};
  CHECK(to_image(rgb, Shape{3, 1, 2}, false, false, "") == std::vector<float>{1, 1, 0, 1, 51 / 255.0F, 1});
  const std::vector<float> luma = to_image(rgb, Shape{1, 1, 2}, false, false, "");
  CHECK(luma[0] == 82 / 255.0F);  // 0.299 · 255 + 0.114 · 51, rounded
  CHECK(luma[1] == Approx(1.0));
}
