// Every file of tests/wrong_graphs is a graph with a mistake, and NAME.expected beside NAME.toml is what its user must be told. After a message has been made
// better, GENERALIZER_REWRITE_EXPECTED=1 build/release/bin/test_graph "wrong graphs*" writes them anew, to be read before they are kept.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "catch.h"
#include "places.h"
#include "support/networks.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

std::string content(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// What is said of the file, for images of 1×28×28 in 10 classes; paths of this machine taken out.
std::string told(const std::filesystem::path& file) {
  const std::string folder = file.parent_path().string();
  std::string text;
  try {
    const GraphDraft draft = draft_graph({content(file), file.filename().string(), folder}, builtin_plugins());
    text = render(mistakes_of(draft, DataShape{{1, 28, 28}, 10}, builtin_plugins()));
  } catch (const GraphError& error) {  // it isn't TOML at all
    text = error.what();
  }
  const std::string plugins = builtin_plugins().where_searched();
  for (std::string part : {" " + plugins, folder + "/"}) {
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part)) text.erase(at, part.size());
  }
  return text + "\n";
}

}  // namespace

TEST_CASE("wrong graphs are told what is wrong with them, and where") {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(project_folder() + "/tests/wrong_graphs")) {
    if (entry.path().extension() != ".toml") continue;
    ++files;
    INFO(entry.path().filename().string());
    std::filesystem::path expected = entry.path();
    expected.replace_extension(".expected");
    const std::string text = told(entry.path());
    if (std::getenv("GENERALIZER_REWRITE_EXPECTED") != nullptr) std::ofstream(expected, std::ios::binary) << text;
    CHECK(text.size() > 1);  // it is refused
    CHECK(text == content(expected));
  }
  CHECK(files >= 80);
}
