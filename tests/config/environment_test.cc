// ${NAME} in strings.

#include <cstdlib>

#include "catch.h"
#include "config/environment.h"
#include "graph_text.h"

using namespace generalizer;

namespace {

/// An environment variable for as long as the test runs; unset without a value.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (value != nullptr) {
      setenv(name, value, 1);
    } else {
      unsetenv(name);
    }
  }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

std::string root_of(const std::string& value) {
  return read(with(kGraph, "\"/data\"", "'" + value + "'")).data.parameters.string("root");
}

}  // namespace

TEST_CASE("a variable's value takes its place, anywhere in a string") {
  const Variable set("GENERALIZER_TEST_A", "mnist");
  CHECK(root_of("/data/${GENERALIZER_TEST_A}") == "/data/mnist");
  CHECK(root_of("/${GENERALIZER_TEST_A}/x/${GENERALIZER_TEST_A}") == "/mnist/x/mnist");
  CHECK(root_of("${GENERALIZER_TEST_A}") == "/work/mnist");
}

TEST_CASE("a default stands in for a variable that is unset or empty") {
  const Variable unset("GENERALIZER_TEST_A", nullptr);
  const Variable empty("GENERALIZER_TEST_B", "");
  const Variable set("GENERALIZER_TEST_C", "c");
  CHECK(root_of("${GENERALIZER_TEST_A:-/d}") == "/d");
  CHECK(root_of("${GENERALIZER_TEST_B:-/d}") == "/d");
  CHECK(root_of("/${GENERALIZER_TEST_B}x") == "/x");
  CHECK(root_of("/${GENERALIZER_TEST_C:-d}") == "/c");
  CHECK(root_of("/${GENERALIZER_TEST_A:-${GENERALIZER_TEST_C}d}") == "/cd");
  CHECK(root_of("/x${GENERALIZER_TEST_A:-}") == "/x");
}

TEST_CASE("two dollars are one, and a dollar before anything else stands for itself") {
  CHECK(root_of("/$${HOME}/$5/a$") == "/${HOME}/$5/a$");
  CHECK(root_of("/$$$$") == "/$$");
}

TEST_CASE("a value from the environment is not expanded again") {
  const Variable set("GENERALIZER_TEST_A", "${HOME}$$");
  CHECK(root_of("/${GENERALIZER_TEST_A}") == "/${HOME}$$");
}

TEST_CASE("variables are replaced before types are looked up and choices are checked") {
  const Variable backend("GENERALIZER_TEST_A", "cuda:1");
  const Variable activation("GENERALIZER_TEST_B", "sigmoid");
  const GraphSpec graph = read(
      with(with(kGraph, "\"onednn\"", "\"${GENERALIZER_TEST_A}\""), "\"relu\"", "\"${GENERALIZER_TEST_B}\""));
  CHECK(graph.backend.type.text == "cuda");
  CHECK(graph.classifier.layers[0].parameters.string("activation") == "sigmoid");
}

TEST_CASE("a variable that is unset and has no default is refused at its string") {
  const Variable unset("GENERALIZER_TEST_A", nullptr);
  check_mistake(with(kGraph, "\"/data\"", "\"/x/${GENERALIZER_TEST_A}\""), "\"/x",
                "the environment variable GENERALIZER_TEST_A is not set and has no default here",
                "set it, or give a default: ${GENERALIZER_TEST_A:-default}");
  // One mistake, not a second one about the type's name.
  check_mistake(with(kGraph, "\"onednn\"", "\"${GENERALIZER_TEST_A}\""), "\"${GEN",
                "the environment variable GENERALIZER_TEST_A is not set and has no default here", "set it");
  check_mistake(with(kGraph, "{ type = \"flatten\" }",
                     "{ type = \"everything\", words = [\"a\", \"${GENERALIZER_TEST_A}\"] }"),
                "\"${GEN", "the environment variable GENERALIZER_TEST_A is not set and has no default here",
                "set it");
}

TEST_CASE("what is no variable's name, or never closed, is refused") {
  check_mistake(with(kGraph, "\"/data\"", "\"${}\""), "\"${}\"",
                R"("${}" does not name an environment variable)", "${NAME:-default}");
  check_mistake(with(kGraph, "\"/data\"", "\"${A-b}\""), "\"${A-b}\"",
                R"("${A-b}" does not name an environment variable)", "$$ stands for a $");
  check_mistake(with(kGraph, "\"/data\"", "\"/${HOME\""), "\"/${HOME\"",
                R"(a ${ is opened in "/${HOME" and never closed)", "$$ stands for a $");
}

TEST_CASE("escaping a text and expanding it gives the text") {
  for (const std::string text : {"", "$", "$$", "${HOME}", "a$b$${c}", "plain", "$$$"}) {
    TomlNode node;
    node.kind = TomlNode::Kind::string;
    node.string = escape_environment(text);
    Diagnostics found;
    expand_environment(node, found);
    CHECK(node.string == text);
    CHECK(found.empty());
  }
}
