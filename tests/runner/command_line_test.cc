// The program's manners: help, exit codes, what goes to which stream.
#include "catch.h"
#include "run_program.h"

TEST_CASE("without a command the program shows its help and ends with 2") {
  const Ended ended = run_program({});
  CHECK(ended.code == 2);
  CHECK(ended.out.empty());
  for (const char* command : {"train", "check", "eval", "predict", "draw", "plugins", "schema"}) {
    CHECK_THAT(ended.err, ContainsSubstring(command));
  }
}

TEST_CASE("help of the program and of each command goes to standard output, with examples") {
  CHECK(run_program({"--help"}).code == 0);
  for (const char* command : {"train", "check", "eval", "predict", "draw", "plugins", "schema"}) {
    const Ended ended = run_program({command, "--help"});
    CHECK(ended.code == 0);
    CHECK(ended.err.empty());
    CHECK_THAT(ended.out,
               ContainsSubstring("Examples:") && ContainsSubstring(std::string("generalizer ") + command));
  }
}

TEST_CASE("help is a command, too") {
  CHECK(run_program({"help"}).out == run_program({"--help"}).out);
  CHECK(run_program({"help", "check"}).out == run_program({"check", "--help"}).out);
  CHECK_THAT(run_program({"help", "chek"}).err, ContainsSubstring("Did you mean \"check\"?"));
}

TEST_CASE("the version is told") {
  const Ended ended = run_program({"--version"});
  CHECK(ended.code == 0);
  CHECK_THAT(ended.out, Catch::Matchers::StartsWith("generalizer "));
}

TEST_CASE("a misspelt command gets the nearest one") {
  const Ended ended = run_program({"trian", "graph.toml"});
  CHECK(ended.code == 2);
  CHECK_THAT(ended.err,
             ContainsSubstring("no command \"trian\"") && ContainsSubstring("Did you mean \"train\"?"));
}

TEST_CASE("an unknown option, a missing argument and a wrong number end with 2 and name the command's help") {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"check", "graph.toml", "--frobnicate"},
        {"check"},
        {"eval"},
        {"predict", "run"},
        {"train", "graph.toml", "--epochs", "none"},
        {"check", "graph.toml", "--dump", "everything"}}) {
    const Ended ended = run_program(arguments);
    CAPTURE(arguments, ended.err);
    CHECK(ended.code == 2);
    CHECK(ended.out.empty());
    CHECK_THAT(ended.err, ContainsSubstring("generalizer " + arguments[0] + " --help"));
  }
}

TEST_CASE("train without a graph, and --resume with what it can't change, are refused") {
  CHECK_THAT(run_program({"train"}).err, ContainsSubstring("needs a graph file"));
  for (const std::vector<std::string>& more : {std::vector<std::string>{"graph.toml"},
                                               {"--set", "seed=2"},
                                               {"--backend", "reference"},
                                               {"--out", "there"}}) {
    std::vector<std::string> arguments = {"train", "--resume", "runs/x"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ended ended = run_program(arguments);
    CAPTURE(arguments, ended.err);
    CHECK(ended.code == 2);
    CHECK_THAT(ended.err, ContainsSubstring("--resume runs/x goes on"));
  }
}
