#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "catch.h"
#include "config/graph_spec.h"

using namespace generalizer;
namespace fs = std::filesystem;

namespace {

/// Writes `text` into a file of its own and asks for its plugins.
std::vector<std::string> plugins_of(const std::string& text, const std::vector<Override>& overrides = {}) {
  std::string pattern = (fs::temp_directory_path() / "config-XXXXXX").string();
  const fs::path folder = mkdtemp(pattern.data());
  std::ofstream(folder / "graph.toml") << text;
  std::vector<std::string> files;
  try {
    files = plugins_named_by((folder / "graph.toml").string(), overrides);
  } catch (...) {
    fs::remove_all(folder);
    throw;
  }
  fs::remove_all(folder);
  for (std::string& file : files) {
    if (file.starts_with(folder.string())) file = "HERE" + file.substr(folder.string().size());
  }
  return files;
}

using Files = std::vector<std::string>;

}  // namespace

TEST_CASE("the plugins that a graph names become absolute") {
  CHECK(plugins_of("plugins = ['a.so', '../x/b.so', '/c.so']").at(0) == "HERE/a.so");
  CHECK(plugins_of("plugins = ['a/../b.so', '/c.so']") == Files{"HERE/b.so", "/c.so"});
  CHECK(plugins_of("name = 'x'").empty());
}

TEST_CASE("nothing else of the file is checked, not even its variables") {
  CHECK(plugins_of("nonsense = '${GENERALIZER_TEST_UNSET}'\nplugins = ['a.so']",
                   {{"train.epochs"}, {"x.y=3"}}) == Files{"HERE/a.so"});
}

TEST_CASE("an override by --set plugins replaces the file's") {
  CHECK(plugins_of("plugins = ['a.so']", {{"plugins=['b.so']"}}) == Files{"HERE/b.so"});
  CHECK(plugins_of("name = 'x'", {{"plugins=['b.so']"}, {"plugins=[]"}}).empty());
}

TEST_CASE("plugins that are no list of strings are refused") {
  for (const char* text : {"plugins = 'a.so'", "plugins = [1]", "plugins = ['${GENERALIZER_TEST_UNSET}']"}) {
    CHECK_THROWS_AS(plugins_of(text), GraphError);
  }
  CHECK_THROWS_AS(plugins_of("plugins = ["), GraphError);
  CHECK_THROWS_AS(plugins_of(""), GraphError);
}
