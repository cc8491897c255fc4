#include "audit/audit.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "audit_data.h"
#include "support/temporary_folder.h"

using namespace generalizer;
using namespace generalizer::testing;

namespace {

class Quiet final : public AuditObserver {
 public:
  TrainingObserver& training() override { return training_; }
  void note(const std::string& message) override { notes.push_back(message); }
  std::vector<std::string> notes;

 private:
  class Silent final : public TrainingObserver {};
  Silent training_;
};

/// A run folder, trained.
class Run {
 public:
  explicit Run(const std::vector<Override>& overrides = {}) { train("run", overrides); }

  void train(const std::string& name, const std::vector<Override>& overrides) const {
    class Silent final : public TrainingObserver {
    } observer;
    TrainingOptions options;
    options.out = path(name);
    generalizer::train(graph(overrides), registry(), options, observer);
  }
  std::string path(const std::string& name) const { return folder_ / name; }

  AuditReport audit(const std::function<void(AuditOptions&)>& change = {}) const {
    AuditOptions options;
    options.attackers = {};
    options.attacker_files = {{kQuickAttacker, "quick.toml", "/"}};
    options.seeds = 1;
    options.batch = 30;
    if (change) change(options);
    Quiet observer;
    return generalizer::audit(path("run"), options, registry(), observer);
  }
  nlohmann::json report() const {
    std::ifstream stream(path("run") + "/audit.json");
    return nlohmann::json::parse(stream);
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("An audit of a tap that is the image finds that nothing is forgotten") {
  const Run run;
  const AuditReport report = run.audit();
  REQUIRE(report.taps.size() == 1);
  const TapReport& tap = report.taps.front();
  CHECK(tap.tap == "pixels");
  CHECK(tap.decoder == "own");
  REQUIRE(tap.hand_outs.size() == 1);
  CHECK_FALSE(tap.hand_outs.front().random);
  const AttackerReport& attacker = tap.hand_outs.front().attackers.front();
  CHECK(attacker.run.strongest().test.mse < 0.01 * report.class_mean->mse);
  CHECK(attacker.gap_closed.value() == Approx(0.0).margin(0.01));
  CHECK(tap.in_loop->mse > 10 * attacker.run.strongest().test.mse);
  CHECK(report.class_mean->mse < report.mean_image.mse);
  CHECK(report.baseline == run.path("run") + "/audit/baseline");
  // The further label is the first pixel's, which the image shows.
  REQUIRE(tap.probes.size() == 1);
  CHECK(tap.probes[0].column == "light");
  CHECK(tap.probes[0].accuracy > 0.8);
  CHECK(tap.probes[0].from_pixels > 0.8);
  CHECK(tap.probes[0].majority_class < 0.7);
}

TEST_CASE("audit.json holds what the report says") {
  const Run run;
  const AuditReport report = run.audit();
  const nlohmann::json json = run.report();
  CHECK(json.at("format") == 1);
  CHECK(json.at("tap") == "pixels");
  CHECK(json.at("in_loop").at("mse") == report.taps[0].in_loop->mse);
  CHECK(json.at("mean_image").at("mse") == report.mean_image.mse);
  CHECK(json.at("class_mean").at("mse") == report.class_mean->mse);
  CHECK(json.at("attackers").at("quick").at("mse") == report.taps[0].hand_outs[0].attackers[0].run.strongest().test.mse);
  CHECK(json.at("attackers").at("quick").at("seeds").size() == 1);
  CHECK(json.at("attackers").at("quick").at("ssim").is_null());  // images of 4×4
  CHECK(json.at("baseline").at("quick").at("mse").is_number());
  CHECK(json.at("best_attacker") == "quick");
  CHECK(json.at("gap_closed").is_number());
  CHECK(json.at("accuracy").at("test").get<double>() == report.test_accuracy);
  CHECK(json.at("membership").at("auc").get<double>() >= 0.4);
  CHECK(json.at("label_noise").is_null());
  CHECK(json.at("taps")[0].at("hand_outs")[0].at("attackers") == json.at("attackers"));
  CHECK(json.at("pictures").at("rows").size() == 5);
  CHECK(std::filesystem::exists(run.path("run") + "/audit/pictures.png"));
}

TEST_CASE("A baseline is trained once, and then used as it is") {
  const Run run;
  const AuditReport first = run.audit();
  const auto checkpoints = run.path("run") + "/audit/baseline/checkpoints";
  const auto written = std::filesystem::last_write_time(*std::filesystem::directory_iterator(checkpoints));
  const AuditReport second = run.audit();
  CHECK(std::filesystem::last_write_time(*std::filesystem::directory_iterator(checkpoints)) == written);
  CHECK(first.taps[0].hand_outs[0].gap_closed == second.taps[0].hand_outs[0].gap_closed);
}

TEST_CASE("A run without a negative term is its own baseline, and one can be left out") {
  const Run run({{"decoder.weight=0"}});
  CHECK(run.audit().baseline == run.path("run"));
  CHECK(run.audit().taps[0].hand_outs[0].gap_closed.value() == 0.0);
  CHECK_FALSE(std::filesystem::exists(run.path("run") + "/audit/baseline"));
  const AuditReport without = run.audit([](AuditOptions& options) { options.without_baseline = true; });
  CHECK(without.baseline.empty());
  CHECK_FALSE(without.taps[0].hand_outs[0].gap_closed);
}

TEST_CASE("A tap that tells the class alone leaves the class mean") {
  // Logits pushed apart until nothing but the class is left: 3 numbers, of which a step is taken.
  const Run run({{"decoder.weight=0"}});
  const AuditReport report = run.audit([](AuditOptions& options) { options.tap = "logits"; });
  CHECK(report.taps[0].shape == Shape{3});
  CHECK(report.taps[0].decoder.empty());
  // Three numbers of sixteen: more than the class, less than the image.
  CHECK(report.taps[0].hand_outs[0].attackers[0].run.strongest().test.mse > 0.3 * report.class_mean->mse);
  CHECK(report.taps[0].hand_outs[0].attackers[0].run.strongest().test.mse < report.mean_image.mse);
}

TEST_CASE("What can't be audited is refused, and nothing is written") {
  const Run run;
  const auto refused = [&](const std::function<void(AuditOptions&)>& change) {
    try {
      run.audit(change);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("taken");
  };
  CHECK_THAT(refused([](AuditOptions& o) { o.tap = "pixel"; }), ContainsSubstring("\"pixel\" is no layer of the network") &&
                                                                      ContainsSubstring("did you mean \"pixels\"?"));
  run.train("other", {{"data.train=200"}});
  CHECK_THAT(refused([&](AuditOptions& o) { o.baseline = run.path("other"); }), ContainsSubstring("was trained on other data"));
  CHECK_THAT(refused([](AuditOptions& o) { o.checkpoint = "best"; }), ContainsSubstring("has kept no best checkpoint"));
  CHECK_THAT(refused([](AuditOptions& o) { o.attackers = {"linar"}; }), ContainsSubstring("did you mean \"linear\"?"));
  // Told before anything is trained.
  CHECK_THAT(refused([](AuditOptions& o) {
               o.attacker_files.push_back({"layers = [ { type = \"dense\", units = 15 } ]\n", "mine.toml", "/"});
               o.stop_requested = [] { return true; };
             }),
             ContainsSubstring("mine.toml:1:") && ContainsSubstring("gives 15"));
  CHECK(refused([](AuditOptions& o) { o.stop_requested = [] { return true; }; }) == "the audit was stopped.");
  CHECK_FALSE(std::filesystem::exists(run.path("run") + "/audit.json"));
  std::filesystem::remove_all(run.path("run") + "/checkpoints");
  CHECK_THAT(refused({}), ContainsSubstring("there is no good checkpoint"));
}

TEST_CASE("Wrong labels learnt by heart are told from those still answered rightly") {
  const Run run({{"data.label_noise=0.4"}});
  const AuditReport report = run.audit([](AuditOptions& options) { options.without_baseline = true; });
  REQUIRE(report.wrong_labels);
  CHECK(report.wrong_labels->images > 50);
  CHECK(report.wrong_labels->images < 110);  // 0.4·2/3 of 300, and a bit
  CHECK(report.wrong_labels->learnt_by_heart + report.wrong_labels->answered_rightly <= 1.0);
  // A linear network of 51 weights can't learn them by heart.
  CHECK(report.wrong_labels->answered_rightly > report.wrong_labels->learnt_by_heart);
}

TEST_CASE("Noise that is on in training is attacked off and on, and said") {
  const Run run({{"decoder.weight=0"}, {R"(classifier.layers=[{ name = "flat", type = "flatten" }, { name = "pixels", type = "gaussian_noise", deviation = 0.3 }, { name = "logits", type = "dense", units = 3 }])"}});
  const AuditReport report = run.audit();
  const std::vector<HandOutReport>& ways = report.taps[0].hand_outs;
  REQUIRE(ways.size() == 2);
  CHECK_FALSE(ways[0].random);
  CHECK(ways[1].random);
  CHECK(ways[1].how.training);
  CHECK(ways[1].attackers[0].run.strongest().test.mse > 5 * ways[0].attackers[0].run.strongest().test.mse);
  CHECK(run.audit([](AuditOptions& o) { o.noise = AttackedNoise::off; }).taps[0].hand_outs.size() == 1);
  CHECK(run.audit([](AuditOptions& o) { o.noise = AttackedNoise::on; }).taps[0].hand_outs[0].random);
}

TEST_CASE("Noise that is on in use is attacked as it is, averaged over draws, and left out") {
  const Run run({{"decoder.weight=0"}, {"decoder.noise=0.3"}, {"decoder.noise_in_use=true"}});
  const AuditReport report = run.audit();
  const std::vector<HandOutReport>& ways = report.taps[0].hand_outs;
  REQUIRE(ways.size() == 3);
  CHECK(ways[0].random);
  CHECK(ways[1].random);
  CHECK(ways[1].how.draws == 16);
  CHECK_FALSE(ways[2].random);
  const auto mse = [&](std::size_t way) { return ways[way].attackers[0].run.strongest().test.mse; };
  CHECK(mse(2) < 0.5 * mse(1));
  CHECK(mse(1) < 0.5 * mse(0));
  CHECK(mse(0) < report.mean_image.mse);
  CHECK(run.report().at("taps")[0].at("hand_outs")[2].at("mode") == "noise_free");
  CHECK(run.audit([](AuditOptions& o) { o.noise = AttackedNoise::off; }).taps[0].hand_outs.size() == 1);
  CHECK(run.audit([](AuditOptions& o) { o.noise = AttackedNoise::on; }).taps[0].hand_outs.size() == 2);
}

TEST_CASE("A baseline that has been audited with the same settings is not attacked again") {
  const Run run;
  run.train("plain", {{"decoder.weight=0"}});
  AuditOptions options;
  options.attackers = {};
  options.attacker_files = {{kQuickAttacker, "quick.toml", "/"}};
  options.seeds = 1;
  options.batch = 30;
  Quiet observer;
  generalizer::audit(run.path("plain"), options, registry(), observer);
  // A figure that no attack gives shows where it comes from.
  nlohmann::json earlier = nlohmann::json::parse(std::ifstream(run.path("plain") + "/audit.json"));
  earlier["taps"][0]["hand_outs"][0]["attackers"]["quick"]["seeds"][0]["mse"] = 0.0123;
  std::ofstream(run.path("plain") + "/audit.json") << earlier;
  options.baseline = run.path("plain");
  const auto baseline_mse = [&] {
    return generalizer::audit(run.path("run"), options, registry(), observer).taps[0].hand_outs[0].attackers[0].baseline->strongest().test.mse;
  };
  CHECK(baseline_mse() == 0.0123);
  options.batch = 45;
  CHECK(baseline_mse() != 0.0123);
}
