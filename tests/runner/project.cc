#include "project.h"

#include <fstream>
#include <sstream>

#include "catch.h"
#include "idx_writer.h"

namespace {

constexpr const char* graph_text = R"(name    = "small"
backend = "reference"
seed    = 1

[data]
type  = "idx"
root  = "."
train = { images = "train-images", labels = "train-labels" }
test  = { images = "test-images", labels = "test-labels" }
class_names = ["left", "middle", "right"]

[train]
epochs = 2
batch  = 8
pictures = 4

[classifier]
loss      = "cross_entropy"
optimizer = { type = "adam", learning_rate = 1e-2 }
layers = [
  { name = "conv1",     type = "conv2d", filters = 4, kernel = 3, activation = "relu" },
  { name = "flatten",   type = "flatten" },
  { name = "embedding", type = "dense", units = 8, activation = "relu" },
  { name = "logits",    type = "dense", units = 3 },
]

[[decoder]]
name      = "autoencoder"
tap       = "embedding"
target    = "image"
loss      = "mse"
sign      = "negative"
weight    = 0.5
optimizer = { type = "adam", learning_rate = 1e-2 }
layers = [
  { name = "pixels", type = "dense", units = 36, activation = "sigmoid" },
  { name = "image",  type = "reshape", shape = [1, 6, 6] },
]
)";

/// Image `i` is light in the two columns of its class, with a pattern that differs from image to image.
void write_split(const generalizer::testing::TemporaryFolder& folder, const std::string& name,
                 std::uint32_t count, std::uint32_t salt) {
  std::vector<std::uint8_t> pixels;
  std::vector<std::uint8_t> labels;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t label = (i * 7 + salt) % 3;
    labels.push_back(static_cast<std::uint8_t>(label));
    for (std::uint32_t p = 0; p < 36; ++p) {
      const std::uint32_t noise = (i * 2654435761U + p * 40503U + salt * 97U) >> 8 & 63U;
      pixels.push_back(static_cast<std::uint8_t>(p % 6 / 2 == label ? 255 - noise : noise));
    }
  }
  write_file(folder / (name + "-images"), idx_bytes({count, 6, 6}, pixels));
  write_file(folder / (name + "-labels"), idx_bytes({count}, labels));
}

}  // namespace

Project::Project() {
  write_split(folder_, "train", 60, 0);
  write_split(folder_, "test", 21, 5);
  write("graph.toml", graph_text);
}

void Project::replace(const std::string& from, const std::string& to) {
  std::string text = read("graph.toml");
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  write("graph.toml", text.replace(at, from.size(), to));
}

void Project::write(const std::string& name, const std::string& text) const { write_file(path(name), text); }

std::string Project::read(const std::string& name) const {
  std::ifstream file(path(name), std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Ended Project::run(const std::vector<std::string>& arguments, ProgramOptions options) const {
  options.folder = folder_.path().string();
  return run_program(arguments, options);
}

void Project::train(const std::string& name) const {
  const Ended ended = run({"train", "graph.toml", "--out", name});
  INFO(ended.err);
  REQUIRE(ended.code == 0);
}
