// The checks on types that are sound and on types that aren't. What would end or spoil this process is tested through the program.
#include <algorithm>
#include <fstream>

#include "catch.h"
#include "inspection/inspect.h"
#include "places.h"
#include "plugin/loader.h"
#include "support/cpu_backends.h"
#include "support/skip.h"
#include "support/temporary_folder.h"

using namespace generalizer;

namespace {

Registry& registry() {
  static Registry loaded;
  if (loaded.layer_names().empty()) {
    load_folder(plugin_folder(), loaded);
    load_plugin(std::string(INSPECTED_PLUGINS) + "/faulty.so", loaded);
  }
  return loaded;
}

std::vector<Check> checks(const std::vector<WrittenCase>& cases = {}) {
  return checks_of(registry().origin("layer", "sound"), registry(), cases);
}

Finding found(const std::string& subject, const std::string& name, const std::vector<WrittenCase>& cases = {}) {
  for (const Check& check : checks(cases)) {
    if (check.subject == subject && check.name == name) return run_check(check);
  }
  FAIL("there is no check " << name << " of " << subject);
  return {};
}

void require_failure(const Finding& finding, const std::string& part) {
  INFO(finding.detail);
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.detail.find(part) != std::string::npos);
}

std::vector<WrittenCase> cases_of(const std::string& text) {
  const generalizer::testing::TemporaryFolder folder;
  std::ofstream(folder / "cases.toml") << text;
  return read_cases((folder / "cases.toml").string(), registry());
}

std::string refusal(const std::string& text) {
  try {
    (void)cases_of(text);
  } catch (const GraphError& error) {
    std::string all;
    for (const Diagnostic& found : error.diagnostics())
      all += std::to_string(found.where.line) + ":" + std::to_string(found.where.column) + " " + found.message + "\n";
    return all;
  }
  FAIL("the cases were read");
  return {};
}

}  // namespace

TEST_CASE("a sound layer and a sound op pass every check") {
  for (const Check& check : checks()) {
    if (check.subject != "layer sound" && check.subject != "op sound_op") continue;
    const Finding finding = run_check(check);
    INFO(check.subject << ", " << check.name << ": " << finding.detail);
    CHECK((finding.verdict == Verdict::passed || finding.detail.find("can't be had here") != std::string::npos));
  }
}

TEST_CASE("a gradient that its differences don't have is found, at the op and at the layer") {
  require_failure(found("op wrong_gradient_op", "gradients"), "The gradient by \"x0\"");
  require_failure(found("layer wrong_gradient", "gradients"), "The gradient by \"x0\"");
}

TEST_CASE("a kernel for CPUs that computes something else is found") {
  require_failure(found("op wrong_kernel_op", "cpu kernel"), "by the kernel for CPUs");
  if (!test::onednn_is_built()) return test::skip(test::without_onednn);
  require_failure(found("layer wrong_kernel", "f32 on onednn"), "is off by 0.00033");
  CHECK(found("layer wrong_kernel", "gradients").verdict == Verdict::passed);  // by the reference kernel
}

TEST_CASE("a shape rule that throws what is no Error is found") {
  require_failure(found("op careless_rule_op", "shape rule"), "throws what is no Error: extent 1 of 0");
}

TEST_CASE("what a plugin throws for a value within its range is found, with the value") {
  require_failure(found("layer throws_at_0", "parameters"), "With size = 0 it fails");
}

TEST_CASE("numbers that are none at the end of a declared range are found") {
  require_failure(found("layer infinite_at_1", "parameters"), "With rate = 1.0 it is built and gives an infinity");
}

TEST_CASE("weights that hang on the batch are found, and so is a batch that is lost") {
  require_failure(found("layer weight_of_batch", "shapes"), "must not depend on batch, mode or type");
  require_failure(found("layer drops_batch", "shapes"), "first extent is not the batch");
}

TEST_CASE("a layer that remembers its builds is found by resuming and by threads") {
  require_failure(found("layer remembers", "trained on reference"), "stopped after three steps and resumed");
  require_failure(found("layer remembers", "threads"), "differ from those of one thread");
}

TEST_CASE("a straight-through gradient is no wrong gradient") {
  CHECK(found("layer straight_through", "gradients").verdict == Verdict::passed);
}

TEST_CASE("a declaration's faults are told all at once") {
  const Finding finding = found("layer badly_declared", "declaration");
  require_failure(finding, "\"Size\" must be called with small letters");
  require_failure(finding, "\"Size\" has no help");
  require_failure(finding, "\"Size\" has a default that lies outside of its range (at least 1)");
}

TEST_CASE("an optimizer that goes up is found, and a dataset that throws what is no DataError") {
  require_failure(found("optimizer climbs", "updates"), "not down");
  require_failure(found("dataset careless_files", "missing files"), "throws what is no DataError: stream failed");
}

TEST_CASE("a layer that takes no typical input needs a case, and with one is checked on it") {
  require_failure(found("layer only_five", "uses"), "name it with --cases");
  CHECK(found("layer only_five", "gradients").verdict == Verdict::skipped);
  const auto cases = cases_of("[[case]]\nlayer = { type = \"only_five\" }\ninputs = [[5]]\n");
  CHECK(found("layer only_five", "uses", cases).detail == "N×5");
  CHECK(found("layer only_five", "gradients", cases).verdict == Verdict::passed);
  CHECK(found("layer only_five", "trained on reference", cases).verdict == Verdict::passed);
}

TEST_CASE("a kernel that writes beyond its result or leaves some of it unwritten is found") {
  require_failure(found("op overrun_op", "memory"), "the kernel `cpu` writes beyond the end of its result \"y\"");
  require_failure(found("op unwritten_op", "memory"), "of its result \"y\" unwritten");
  CHECK(found("op sound_op", "kernel threads").verdict == Verdict::passed);
}

TEST_CASE("images that meet in evaluation are found, and weights may be asked for in any order") {
  require_failure(found("layer mixes_images", "evaluation"), "beside another image");
  CHECK(found("layer asks_in_other_order", "shapes").verdict == Verdict::passed);
}

TEST_CASE("a loss that is no mean, a moment that is never updated and a dataset that opens nothing are found") {
  require_failure(found("loss sum", "mean"), "twice the");
  require_failure(found("optimizer forgets", "updates"), "call update_moment");
  require_failure(found("dataset nothing", "images"), "It opens nothing");
}

TEST_CASE("mistakes in a file of cases are told all at once, with their places") {
  CHECK(refusal("[[case]]\nlayer = { type = \"dens\", units = 3 }\ninputs = [[5]]\n\n[[case]]\nlayer = { type = \"dense\" }\ninput = [[5]]\n"
                "[[case]]\nlayer = { type = \"dense\", units = 0 }\ninputs = [5, []]\n") ==
        "2:18 unknown layer type \"dens\" in case 1; did you mean \"dense\"?\n"
        "6:9 \"units\" is missing in case 2 (dense); it must be an integer\n"
        "7:1 unknown key \"input\" in case 2; did you mean \"inputs\"?\n"
        "9:35 \"units\" in case 3 (dense) must be at least 1, found 0\n"
        "10:11 \"inputs\" in case 3 must be a list of shapes, each a list of integers, found the integer 5\n"
        "10:14 \"inputs\" in case 3 must be a list of shapes, each a list of integers, found an empty list\n");
  CHECK(refusal("cases = []\n").find("needs tables [[case]]") != std::string::npos);
}
