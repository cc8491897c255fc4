#include "support/safetensors.h"

#include <cstring>
#include <fstream>
#include <sstream>

#include "catch.h"
#include "generalizer/error.h"
#include "support/temporary_folder.h"

using namespace generalizer;
using generalizer::testing::TemporaryFolder;

namespace {

std::vector<std::byte> bytes_of(const std::vector<float>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {bytes.begin(), bytes.end()};
}

NamedTensor tensor(const std::string& name, const Shape& shape, const std::vector<float>& values) {
  std::vector<std::byte> bytes =
      bytes_of(values);  // first: GCC 12 takes a half-made NamedTensor for uninitialised
  return {name, {DType::f32, shape}, std::move(bytes)};
}

TensorFile example() {
  TensorFile file;
  file.metadata["state"] = "{\"epoch\": 1}";
  file.tensors.push_back(tensor("a/kernel", {2, 2}, {1, 2, 3, 4}));
  file.tensors.push_back(tensor("a/bias", {3}, {-1, 0, 1}));
  return file;
}

std::string slurp(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void spew(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

TEST_CASE("tensors come back as they were written") {
  const TemporaryFolder folder;
  write_safetensors(folder / "x.safetensors", example());
  const TensorFile back = read_safetensors(folder / "x.safetensors");
  REQUIRE(back.find("a/kernel") != nullptr);
  CHECK(back.find("a/kernel")->type == TensorType{DType::f32, {2, 2}});
  CHECK(back.find("a/kernel")->bytes == bytes_of({1, 2, 3, 4}));
  CHECK(back.find("a/bias")->bytes == bytes_of({-1, 0, 1}));
  CHECK(back.metadata.at("state") == "{\"epoch\": 1}");
  CHECK(back.find("missing") == nullptr);
}

TEST_CASE("a file cut at any byte is refused by name") {
  const TemporaryFolder folder;
  write_safetensors(folder / "x.safetensors", example());
  const std::string whole = slurp(folder / "x.safetensors");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    spew(folder / "cut.safetensors", whole.substr(0, size));
    INFO("cut at " << size << " of " << whole.size());
    CHECK_THROWS_WITH(read_safetensors(folder / "cut.safetensors"),
                      Catch::Matchers::Contains("cut.safetensors is damaged"));
  }
}

TEST_CASE("a flipped bit of the data shows in the checksum") {
  const TemporaryFolder folder;
  write_safetensors(folder / "x.safetensors", example());
  std::string whole = slurp(folder / "x.safetensors");
  whole[whole.size() - 3] = static_cast<char>(whole[whole.size() - 3] ^ 0x10);
  spew(folder / "x.safetensors", whole);
  CHECK_THROWS_WITH(read_safetensors(folder / "x.safetensors"), Catch::Matchers::Contains("checksum"));
}

TEST_CASE("a header that claims more than the file holds takes no memory") {
  const TemporaryFolder folder;
  std::string text(8, '\0');
  const std::uint64_t length = std::uint64_t{1} << 62;
  std::memcpy(text.data(), &length, sizeof length);
  spew(folder / "x.safetensors", text + "{}");
  CHECK_THROWS_WITH(read_safetensors(folder / "x.safetensors"),
                    Catch::Matchers::Contains("header says it is"));
}

TEST_CASE("a tensor that claims a shape its bytes don't fill is refused") {
  const TemporaryFolder folder;
  std::string header = R"({"w":{"dtype":"F32","shape":[1000000000000,1000000000000],"data_offsets":[0,8]}})";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  std::string text(8, '\0');
  const std::uint64_t length = header.size();
  std::memcpy(text.data(), &length, sizeof length);
  spew(folder / "x.safetensors", text + header + std::string(8, 'x'));
  CHECK_THROWS_WITH(read_safetensors(folder / "x.safetensors"), Catch::Matchers::Contains("\"w\""));
}

TEST_CASE("a failed write leaves the old file") {
  const TemporaryFolder folder;
  write_safetensors(folder / "x.safetensors", example());
  const std::string before = slurp(folder / "x.safetensors");
  // The file beside it can't be made where a folder has its name.
  std::filesystem::create_directory(folder / "x.safetensors.part");
  CHECK_THROWS_AS(write_safetensors(folder / "x.safetensors", TensorFile{}), TrainingError);
  CHECK(slurp(folder / "x.safetensors") == before);
}
