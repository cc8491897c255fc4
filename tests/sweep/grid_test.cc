#include "sweep/grid.h"

#include "catch.h"
#include "context.h"
#include "sweep/plan.h"
#include "sweep/slurm.h"
#include "sweep/words.h"

using namespace generalizer;

TEST_CASE("values of --over stand between commas, but not those within brackets and quotes") {
  const Axis axis = parse_axis("classifier.layers.conv1.kernel=[3, 5],{ a = 1, b = 2 },\"x,y\", 7");
  CHECK(axis.key == "classifier.layers.conv1.kernel");
  CHECK(axis.values == std::vector<std::string>{"[3, 5]", "{ a = 1, b = 2 }", "\"x,y\"", "7"});
}

TEST_CASE("what is no list of values is refused in words") {
  CHECK_THROWS_WITH(parse_axis("decoder.weight"), ContainsSubstring("--over wants KEY=VALUE,VALUE,…") &&
                                                      ContainsSubstring("\"decoder.weight\""));
  CHECK_THROWS_WITH(parse_axis("decoder.weight=1,,2"), ContainsSubstring("empty value"));
  CHECK_THROWS_WITH(parse_axis("decoder.weight=1,2,1"), ContainsSubstring("the value 1 twice"));
  CHECK_THROWS_WITH(parse_axis("seed=1,2"), ContainsSubstring("--seeds"));
  CHECK_THROWS_WITH(parse_case("decoder.weight=1,decoder.weight=2"),
                    ContainsSubstring("decoder.weight twice"));
  CHECK_THROWS_WITH(combinations_of({parse_axis("a=1"), parse_axis("a=2")}, {}),
                    ContainsSubstring("Two --over have the key a"));
}

TEST_CASE("a grid is every combination, the last axis fastest, and cases come behind it once") {
  const std::vector<Combination> all = combinations_of({parse_axis("a=1,2"), parse_axis("b=x,y")},
                                                       {parse_case("c=3"), parse_case("a=2, b=x")});
  REQUIRE(all.size() == 5);
  CHECK(label_of(all[0]) == "a=1, b=x");
  CHECK(label_of(all[1]) == "a=1, b=y");
  CHECK(label_of(all[3]) == "a=2, b=y");
  CHECK(label_of(all[4]) == "c=3");
  CHECK(keys_of(all) == std::vector<std::string>{"a", "b", "c"});
  CHECK(value_of(all[4], "a").empty());
}

TEST_CASE("a run's folder has a name of plain characters") {
  CHECK(slug_of(parse_case("decoder.weight=0.5,decoder.objective=class_mean")) ==
        "weight-0.5-objective-class_mean");
  CHECK(slug_of(parse_case("data.root=\"/a b\"")) == "root-__a_b_");
  CHECK(slug_of({{"x", std::string(500, 'a')}}).size() == 80);
}

TEST_CASE("a plan comes back from JSON, and what differs from another is told") {
  SweepPlan plan;
  plan.folder = "/here";
  plan.graph = "/here/my.toml";
  plan.axes = {parse_axis("decoder.weight=0,1")};
  plan.cases = {parse_case("decoder.weight=3,decoder.every=2")};
  plan.seeds = 3;
  plan.audit_arguments = {"--seeds", "2"};
  plan.baseline = parse_case("decoder.weight=0");
  const SweepPlan again = plan_from_json(to_json(plan), "sweep.json");
  CHECK(to_json(again) == to_json(plan));
  CHECK_NOTHROW(require_same(plan, again, "out"));
  SweepPlan other = plan;
  other.seeds = 5;
  other.axes = {parse_axis("decoder.weight=0,2")};
  CHECK_THROWS_WITH(require_same(plan, other, "out"), ContainsSubstring("out holds another sweep") &&
                                                          ContainsSubstring("seeds: 3 there, 5 asked for") &&
                                                          ContainsSubstring("over: "));
  CHECK_THROWS_WITH(plan_from_json(nlohmann::ordered_json::object(), "d/sweep.json"),
                    ContainsSubstring("d/sweep.json"));
}

TEST_CASE("options for the audit are taken apart as a shell does") {
  CHECK(words_of("--seeds 3  --attacker 'my file.toml' a\\ b \"\"", "--audit-args") ==
        std::vector<std::string>{"--seeds", "3", "--attacker", "my file.toml", "a b", ""});
  CHECK_THROWS_WITH(words_of("'a", "--audit-args"),
                    ContainsSubstring("--audit-args") && ContainsSubstring("not closed"));
}

TEST_CASE("a job's script quotes its paths") {
  CHECK(shell_word("/plain/path-1.toml") == "/plain/path-1.toml");
  CHECK(shell_word("it's here") == "'it'\\''s here'");
  const std::string script =
      slurm_script({"/bin/generalizer", "/my folder", "/my folder/sweep", "a name\n#SBATCH --evil", 12});
  CHECK_THAT(script, ContainsSubstring("#SBATCH --array=1-12\n") && ContainsSubstring("cd '/my folder'\n") &&
                         ContainsSubstring("#SBATCH --job-name=sweep-a_name__SBATCH_--evil\n"));
}
