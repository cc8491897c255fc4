// Two curves are of one training, or of two; and the saved ones are whole.
#include "curve.h"

#include <fstream>

#include "catch.h"
#include "support/memory_dataset.h"
#include "support/temporary_folder.h"
#include "trainer/small_training.h"

using namespace generalizer;
using parity::Curve;

namespace {

Curve small_curve(std::int64_t steps, const std::vector<Override>& overrides = {}) {
  return parity::record(generalizer::testing::graph(overrides), generalizer::testing::registry(), steps);
}

}  // namespace

TEST_CASE("a curve has every player's loss at each of its steps, over epochs and smaller last batches") {
  const Curve curve = small_curve(20);
  REQUIRE(curve.losses.size() == 3);
  CHECK(curve.losses.at("classifier").size() == 20);
  const auto& far = curve.losses.at("far");  // trained every third step
  for (std::size_t i = 0; i < far.size(); ++i) CHECK(far[i].has_value() == ((i + 1) % 3 == 0));
}

TEST_CASE("a curve's losses are the ones that a training's metrics are means of") {
  const generalizer::testing::TemporaryFolder folder;
  const auto overrides = std::vector<Override>{{"train.epochs=1"}};
  const TrainingResult trained =
      generalizer::testing::train_into(folder / "run", generalizer::testing::graph(overrides));
  const GraphSpec spec = generalizer::testing::graph(overrides);
  const std::int64_t images = open_dataset(spec, generalizer::testing::registry(), Split::train)->size();
  const std::int64_t steps = (images + 7) / 8;
  const Curve curve = small_curve(steps, overrides);
  double sum = 0.0;
  for (std::int64_t i = 0; i < steps; ++i)
    sum += *curve.losses.at("classifier")[static_cast<std::size_t>(i)] *
           static_cast<double>(std::min<std::int64_t>(8, images - 8 * i));
  CHECK(sum / static_cast<double>(images) == Approx(*trained.epochs.back().train.loss).epsilon(1e-6));
}

TEST_CASE("the same training again deviates by nothing, and where another first does is told") {
  const Curve curve = small_curve(12);
  for (const auto& deviation : parity::compare(small_curve(12), curve, 0.0)) {
    CHECK(deviation.greatest == 0.0);
    CHECK_FALSE(deviation.above.has_value());
  }
  Curve changed = curve;
  *changed.losses.at("near")[4] *= 1.01;
  const auto deviations = parity::compare(changed, curve, 1e-4);
  const auto near = std::find_if(deviations.begin(), deviations.end(),
                                 [](const auto& entry) { return entry.player == "near"; });
  CHECK(near->above == 5);
  CHECK(near->wrong == 5);
  CHECK(near->at == 5);
  CHECK(near->greatest == Approx(0.01).epsilon(1e-4));
}

TEST_CASE("what rounding alone does is recorded and never falls; within ten times that nothing is wrong") {
  Curve curve = small_curve(12);
  parity::record_rounding(curve, generalizer::testing::graph(), generalizer::testing::registry(), 2);
  const std::vector<double>& distances = curve.rounding.at("classifier");
  REQUIRE(distances.size() == 12);
  CHECK(std::is_sorted(distances.begin(), distances.end()));
  CHECK(distances.back() > 0.0);
  CHECK(distances.back() < 1e-4);
  curve.rounding.at("classifier").assign(12, 0.002);
  Curve changed = curve;
  *changed.losses.at("classifier")[6] *= 1.01;
  const auto near = parity::compare(changed, curve, 1e-4).front();
  CHECK(near.above == 7);
  CHECK_FALSE(near.wrong.has_value());
  *changed.losses.at("classifier")[7] *= 1.03;
  CHECK(parity::compare(changed, curve, 1e-4).front().wrong == 8);
}

TEST_CASE("a loss that is missing on one side, or no number, is a deviation beyond all measure") {
  const Curve curve = small_curve(3);
  Curve changed = curve;
  changed.losses.at("classifier")[1] = std::nullopt;
  CHECK(parity::compare(changed, curve, 1e-4).front().wrong == 2);
  changed.losses.at("classifier")[1] = std::numeric_limits<double>::quiet_NaN();
  CHECK(std::isinf(parity::compare(changed, curve, 1e-4).front().greatest));
}

TEST_CASE("curves of two trainings are refused, not compared") {
  const Curve curve = small_curve(2);
  CHECK_THROWS_WITH(parity::compare(small_curve(2, {{"train.batch=4"}}), curve, 1e-4),
                    Catch::Contains("the batch is 4 here and 8 in the saved one"));
  CHECK_THROWS_WITH(parity::compare(small_curve(2, {{"seed=4"}}), curve, 1e-4),
                    Catch::Contains("the first batch's checksum"));
}

TEST_CASE("a curve comes back from its file as it was, and a broken file is told by its name") {
  const generalizer::testing::TemporaryFolder folder;
  Curve curve = small_curve(9);
  parity::record_rounding(curve, generalizer::testing::graph(), generalizer::testing::registry(), 1);
  std::ofstream(folder / "curve.json") << to_text(curve);
  const Curve read = parity::read_curve(folder / "curve.json");
  CHECK(to_text(read) == to_text(curve));
  for (const auto& deviation : parity::compare(read, curve, 0.0)) CHECK(deviation.greatest == 0.0);
  std::ofstream(folder / "broken.json") << "{\"graph\": 3}";
  CHECK_THROWS_WITH(parity::read_curve(folder / "broken.json"),
                    Catch::Contains("broken.json is no saved curve"));
  CHECK_THROWS_WITH(parity::read_curve(folder / "absent.json"),
                    Catch::Contains("absent.json") && Catch::Contains("--save-curves"));
}
