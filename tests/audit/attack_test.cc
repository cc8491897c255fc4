#include <algorithm>

#include "audit/yardsticks.h"
#include "audit_data.h"

using namespace generalizer;
using namespace generalizer::testing;

namespace {

std::vector<float> row(std::span<const float> pixels, float factor = 1.0F, float shift = 0.0F) {
  std::vector<float> result(pixels.begin(), pixels.end());
  for (float& value : result) value = value * factor + shift;
  return result;
}

std::vector<std::int32_t> labels_of(const Dataset& data) {
  std::vector<std::int32_t> labels;
  for (std::int64_t i = 0; i < data.size(); ++i) labels.push_back(data.label(i));
  return labels;
}

double class_mean_mse(const AuditImages& images) {
  const std::vector<float> answers = class_means(images.train_pixels, labels_of(*images.train), 3, labels_of(*images.test));
  return image_quality(answers, images.test_pixels.values, {1, 4, 4}).mse;
}

AttackedRepresentation identity(const AuditImages& data) {
  return by_hand(data, [](std::int32_t, std::span<const float> pixels) { return row(pixels); });
}

AttackedRepresentation half(const AuditImages& data, float factor = 1.0F, float shift = 0.0F) {
  return by_hand(data, [=](std::int32_t, std::span<const float> pixels) { return row(pixels.subspan(0, 8), factor, shift); });
}

}  // namespace

TEST_CASE("A representation that is the image gives everything away") {
  const AuditImages data = images();
  const AttackResult result = attack_by_hand(data, identity(data));
  CHECK(result.strongest().test.mse < 1e-3 * class_mean_mse(data));
  CHECK(result.strongest().test.psnr > 45.0);
  CHECK(result.recreated.size() == 160);
  CHECK(result.recreated[3] == Approx(data.test_pixels.values[3]).margin(0.02));
}

TEST_CASE("A representation that is the class gives the class mean away, and no more") {
  const AuditImages data = images();
  const AttackResult result = attack_by_hand(data, by_hand(data, [](std::int32_t label, std::span<const float>) {
    std::vector<float> one_hot(3, 0.0F);
    one_hot[static_cast<std::size_t>(label)] = 1.0F;
    return one_hot;
  }));
  CHECK(result.strongest().test.mse == Approx(class_mean_mse(data)).epsilon(0.02));
}

TEST_CASE("A representation that says nothing gives the mean image away, and no more") {
  const AuditImages data = images();
  const AttackedRepresentation nothing =
      by_hand(data, [](std::int32_t, std::span<const float>) { return std::vector<float>{0.25F, 0.0F}; });
  CHECK(nothing.constant_units == 2);
  const std::vector<float> mean = repeated(mean_image(data.train_pixels), 150);
  CHECK(attack_by_hand(data, nothing).strongest().test.mse ==
        Approx(image_quality(mean, data.test_pixels.values, {1, 4, 4}).mse).epsilon(0.02));
}

TEST_CASE("Scaling and shifting a representation hides nothing") {
  const AuditImages data = images();
  const double plain = attack_by_hand(data, half(data)).strongest().test.mse;
  CHECK(attack_by_hand(data, half(data, 1e-3F)).strongest().test.mse == Approx(plain).epsilon(1e-3));
  CHECK(attack_by_hand(data, half(data, 1e6F)).strongest().test.mse == Approx(plain).epsilon(1e-3));
  CHECK(attack_by_hand(data, half(data, 1.0F, 100.0F)).strongest().test.mse == Approx(plain).epsilon(1e-2));
}

TEST_CASE("An attack is the same for the same seed, and another for another") {
  const AuditImages data = images();
  const AttackedRepresentation known = half(data);
  const AttackResult once = attack_by_hand(data, known, 2);
  const AttackResult again = attack_by_hand(data, known, 2);
  REQUIRE(once.seeds.size() == 2);
  CHECK(once.seeds[0].test.mse == again.seeds[0].test.mse);
  CHECK(once.seeds[1].test.mse == again.seeds[1].test.mse);
  CHECK(once.seeds[0].test.mse != once.seeds[1].test.mse);
  CHECK(once.recreated == again.recreated);
  CHECK(once.strongest().held_out_mse <= once.seeds[1 - once.best].held_out_mse);
  CHECK(once.mean_mse() == Approx((once.seeds[0].test.mse + once.seeds[1].test.mse) / 2));
}

TEST_CASE("The program's own attackers fit images of any size") {
  const AuditImages data = images();
  AttackSettings settings;
  settings.seeds = 1;
  settings.epochs = 1;
  const AttackedRepresentation whole = identity(data);
  for (const std::string& name : attacker_names()) {
    const AttackResult result = attack(own_attacker(name, {1, 4, 4}, registry()), whole, data, graph(), settings, registry());
    CHECK(result.name == name);
    CHECK(result.seeds[0].fit.epochs == 1);
  }
  for (const Shape& image : {Shape{1, 28, 28}, Shape{3, 30, 17}, Shape{3, 1, 1}}) {
    for (const std::string& name : attacker_names()) {
      CAPTURE(name, image.to_string());
      const GraphSpec attack = attack_graph(own_attacker(name, image, registry()), {7}, image, graph(), 8, 0, registry());
      CHECK_NOTHROW(Graph(attack, {{1, 1, 7 + image.elements()}, 0}, registry()));
    }
  }
}

TEST_CASE("A tenth of the images is held out, and the rest is learnt from") {
  const FitParts parts = fit_parts(300, 4);
  CHECK(parts.held_out.size() == 30);
  CHECK(parts.fitted.size() == 270);
  std::vector<std::int64_t> all = parts.held_out;
  all.insert(all.end(), parts.fitted.begin(), parts.fitted.end());
  std::sort(all.begin(), all.end());
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i] == static_cast<std::int64_t>(i));
  CHECK(fit_parts(2, 0).held_out.size() == 1);
  CHECK_THROWS_WITH(fit_parts(1, 0), ContainsSubstring("at least two training images"));
}

TEST_CASE("The gap closed is 0 at the baseline, 1 at the class mean, and open where there is none") {
  CHECK(gap_closed(0.02, 0.02, 0.05).value() == 0.0);
  CHECK(gap_closed(0.05, 0.02, 0.05).value() == Approx(1.0));
  CHECK(gap_closed(0.01, 0.02, 0.05).value() == Approx(-1.0 / 3));  // nothing is clamped
  CHECK(gap_closed(0.065, 0.02, 0.05).value() == Approx(1.5));
  CHECK_FALSE(gap_closed(0.02, 0.05, 0.05).has_value());
}

TEST_CASE("Mistakes in an attacker's file are told with their places") {
  const auto refusal = [](const std::string& text) {
    try {
      read_attacker({text, "mine.toml", "/"}, registry());
    } catch (const GraphError& error) {
      return std::string(error.what());
    }
    return std::string("taken");
  };
  CHECK_THAT(refusal("layers = [ { type = \"dense\", unit = 3 } ]\n"),
             ContainsSubstring("mine.toml:1:30: error:") && ContainsSubstring("units"));
  CHECK_THAT(refusal("layrs = []\n"), ContainsSubstring("mine.toml:1:1: error:") && ContainsSubstring("layers"));
  CHECK_THAT(refusal("epochs = 0\nlayers = [ { type = \"flatten\" } ]\n"), ContainsSubstring("mine.toml:1:10: error:"));
  CHECK_THAT(refusal("name = \"a b\"\nlayers = [ { type = \"flatten\" } ]\n"), ContainsSubstring("the attacker's name"));
  CHECK_THAT(refusal("loss = \"mze\"\nlayers = [ { type = \"flatten\" } ]\n"), ContainsSubstring("mine.toml:1:8: error:"));
  CHECK(refusal("layers = [ { type = \"flatten\" } ]\n") == "taken");
}

TEST_CASE("An attacker that doesn't end in images is refused at its layers") {
  const Attacker wrong = read_attacker({"layers = [ { type = \"dense\", units = 15 } ]\n", "mine.toml", "/"}, registry());
  const AuditImages data = images();
  CHECK_THROWS_WITH(attack(wrong, identity(data), data, graph(), {}, registry()),
                    ContainsSubstring("mine.toml:1:") && ContainsSubstring("15"));
}
