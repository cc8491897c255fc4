// The keys that every loss, optimizer, layer and dataset has, those of [train], and what depends on several of them.

#include "catch.h"
#include "config/keys.h"
#include "graph_text.h"
#include "registry.h"

using namespace generalizer;

namespace {

const std::string kAdam = "{ type = \"adam\", learning_rate = 0.01 }";

std::string with_optimizer(const std::string& keys) {
  return with(kGraph, kAdam, "{ type = \"adam\", " + keys + " }");
}
std::string with_schedule(const std::string& schedule) { return with_optimizer("schedule = " + schedule); }
std::string with_train(const std::string& keys) { return with(kGraph, "epochs = 5", keys); }
std::string with_data(const std::string& keys) {
  return with(kGraph, "root = \"/data\"", "root = \"/data\"\n" + keys);
}

void check_reads_back(const GraphSpec& graph) {
  const std::string text = to_toml(graph);
  INFO(text);
  CHECK(parse_graph(text, "resolved.toml", "/elsewhere", *make_registry()) == graph);
}

}  // namespace

TEST_CASE("a loss is a name, a table, or a weighted sum of tables") {
  const GraphSpec one = read(with(kGraph, "\"cross_entropy\"", "{ type = \"cross_entropy\", weight = 3 }"));
  REQUIRE(one.classifier.loss->terms.size() == 1);
  CHECK(one.classifier.loss->terms[0].weight == 3.0);
  check_reads_back(one);
  const GraphSpec sum = read(with(kGraph, "weight = 2\n",
                                  "loss = [ { type = \"mse\" }, { type = \"mse\", weight = 0.25 } ]\n"));
  REQUIRE(sum.decoders[0].loss.terms.size() == 2);
  CHECK(sum.decoders[0].loss.single() == nullptr);
  CHECK(sum.decoders[0].loss.terms[0].weight == 1.0);
  CHECK(sum.decoders[0].loss.terms[1].weight == 0.25);
  check_reads_back(sum);
}

TEST_CASE("an optimizer clips and follows a schedule, given by name or as a table") {
  const GraphSpec graph = read(with_optimizer("clip_norm = 1, clip_value = 0.5, schedule = \"cosine\""));
  CHECK(graph.classifier.optimizer.clip_norm == 1.0);
  CHECK(graph.classifier.optimizer.clip_value == 0.5);
  CHECK(graph.classifier.optimizer.schedule.kind == ScheduleSpec::Kind::cosine);
  check_reads_back(graph);
  for (const char* schedule :
       {R"({ type = "constant", warmup = 2 })", R"({ type = "step", every = 3, factor = 0.5, warmup = 0.5 })",
        R"({ type = "step", at = [10, 15.5] })", R"({ type = "cosine", minimum = 0.1, warmup = 1 })",
        R"({ type = "one_cycle", peak = 0.25, start = 0.1, minimum = 0.001 })",
        R"({ type = "reduce_on_plateau", patience = 2, factor = 0.2, monitor = "test/autoencoder" })"}) {
    check_reads_back(read(with_schedule(schedule)));
  }
  CHECK(read(with_schedule(R"({ type = "step", at = [10, 15.5] })")).classifier.optimizer.schedule.at ==
        std::vector<double>{10, 15.5});
}

TEST_CASE("a schedule that is named in the file takes a key from --set") {
  const GraphSpec graph =
      read(with_schedule("\"cosine\""), {{"classifier.optimizer.schedule.warmup=2"}, {"data.label_noise=0.2"}});
  CHECK(graph.classifier.optimizer.schedule.kind == ScheduleSpec::Kind::cosine);
  CHECK(graph.classifier.optimizer.schedule.warmup == 2.0);
  CHECK(graph.data.label_noise == 0.2);
}

TEST_CASE("a schedule's key that another schedule has is told apart") {
  check_mistake(with_schedule("{ type = \"cosine\", every = 3 }"), "every",
                R"(the schedule "cosine" has no key "every", which is a key of "step")",
                "known keys of \"cosine\": type, minimum, warmup");
  check_mistake(with_schedule("\"cosin\""), "\"cosin\"",
                R"(unknown schedule "cosin" in the optimizer of [classifier]; did you mean "cosine"?)",
                "known schedules: constant, step, cosine, one_cycle, reduce_on_plateau");
  check_mistake(with_schedule("{ type = \"step\", every = 3, at = [1, 2] }"), "[1, 2]",
                R"(the schedule of [classifier] has both "every" and "at"; one of them says when the rate drops)",
                "remove one");
}

TEST_CASE("a layer is frozen, slowed down and held small") {
  const GraphSpec graph = read(
      with(kGraph, "units = 128", "units = 128, freeze = true, learning_rate_factor = 0.1, l1 = 1e-5, l2 = 1e-4"));
  const LayerSpec& layer = graph.classifier.layers[2];
  CHECK(layer.freeze);
  CHECK(layer.learning_rate_factor == 0.1);
  CHECK(layer.l1 == 1e-5);
  CHECK(layer.l2 == 1e-4);
  check_reads_back(graph);
}

TEST_CASE("a decoder has one tap or several") {
  const GraphSpec graph = read(with(kGraph, "tap = \"embedding\"", "tap = [\"embedding\", \"conv1\"]"));
  CHECK(graph.decoders[0].taps == std::vector<Located>{{"embedding", {}}, {"conv1", {}}});
  check_reads_back(graph);
  check_mistake(with(kGraph, "tap = \"embedding\"", "tap = [\"embedding\", \"embedding\"]"), "\"embedding\"]",
                R"(decoder "autoencoder" taps "embedding" twice)", "remove one");
  check_mistake(with(kGraph, "tap = \"embedding\"", "tap = []"), "[]",
                R"("tap" in decoder "autoencoder" must name at least one layer, found an empty list)", "such as");
}

TEST_CASE("what any dataset can be given") {
  const GraphSpec graph = read(with_data(R"(validation = 0.1
label_noise = 0.2
prefetch = 4
augment = [ { type = "flip" }, { type = "shift", pixels = 2 }, { type = "crop", padding = 4 },
  { type = "rotation", degrees = 10 }, { type = "cutout", size = 8 }, { type = "normalize", mean = 0.5, deviation = [0.2, 0.3] } ])"));
  CHECK(graph.data.validation == 0.1);
  CHECK(graph.data.label_noise == 0.2);
  CHECK(graph.data.prefetch == 4);
  REQUIRE(graph.data.augment.size() == 6);
  CHECK(graph.data.augment[0].parameters.boolean("horizontal"));
  CHECK(graph.data.augment[0].parameters.number("probability") == 0.5);
  CHECK(graph.data.augment[5].parameters.numbers("deviation") == std::vector<double>{0.2, 0.3});
  check_reads_back(graph);
  check_mistake(with_data("augment = [ { type = \"flop\" } ]"), "\"flop\"",
                R"(unknown augmentation "flop" in [data]; did you mean "flip"?)", "known augmentations: flip, shift");
}

TEST_CASE("a training goes by epochs or by steps") {
  const GraphSpec graph = read(with_train("steps = 700"));
  CHECK(graph.train.steps == 700);
  check_reads_back(graph);
  check_mistake(with_train("epochs = 3\nsteps = 7"), "steps",
                R"([train] has both "epochs" and "steps"; one of them says how long to train)", "remove one");
}

TEST_CASE("figures are named by their set and what they measure") {
  const std::string validated = with_data("validation = 0.1");
  const auto stopping = [&](const std::string& text) {
    return with(validated, "epochs = 5", "early_stopping = { " + text + " }");
  };
  CHECK(read(stopping("")).train.early_stopping->monitor == "validation/loss");
  check_reads_back(read(stopping("monitor = \"test/autoencoder\", patience = 2, restore_best = false")));
  CHECK(read(with(validated, "epochs = 5", "best_by = \"validation/accuracy\"")).train.best_by ==
        "validation/accuracy");
  check_mistake(stopping("monitor = \"validaton/loss\""), "\"validaton",
                R"("monitor" in "early_stopping" in [train] names the unknown set "validaton"; did you mean "validation"?)",
                "known sets: train, validation, test");
  check_mistake(stopping("monitor = \"test/autoencodr\""), "\"test/",
                R"("monitor" in "early_stopping" in [train] names the unknown figure "autoencodr"; did you mean "autoencoder"?)",
                "known figures: test/accuracy, test/loss, test/autoencoder");
  check_mistake(with_train("best_by = \"accuracy\""), "\"accuracy\"",
                R"("best_by" in [train] must be SET/FIGURE, found "accuracy")", "write \"test/accuracy\"");
  check_mistake(with_train("early_stopping = {}"), "{}",
                R"("monitor" in "early_stopping" in [train] by default is "validation/loss", and no images are kept for validation)",
                "validation = 0.1 under [data]");
  check_mistake(with(with_train("best_by = \"test/loss\""), "loss = \"cross_entropy\"\n", ""), "\"test/loss\"",
                R"("best_by" in [train] is "test/loss", and the classifier has no loss)",
                "known figures: test/autoencoder");
}

TEST_CASE("a schedule watches its player's loss, on the validation images where there are some") {
  const std::string plateau = with_schedule("\"reduce_on_plateau\"");
  CHECK(read(plateau).classifier.optimizer.schedule.monitor == "train/loss");
  CHECK(read(with(plateau, "root = ", "validation = 0.1\nroot = ")).classifier.optimizer.schedule.monitor ==
        "validation/loss");
  CHECK(read(with(plateau, "loss = \"cross_entropy\"\n", "")).classifier.optimizer.schedule.monitor ==
        "train/autoencoder");
  const std::string decoder =
      with(kGraph, "weight = 2\n", "optimizer = { type = \"adam\", schedule = \"reduce_on_plateau\" }\n");
  CHECK(read(decoder).decoders[0].optimizer.schedule.monitor == "train/autoencoder");
}

TEST_CASE("no plugin may declare a key that every one of its kind has") {
  const auto refuses = [](auto add, const std::vector<ParameterSpec>& keys) {
    for (const ParameterSpec& key : keys) {
      INFO(key.name);
      Registry registry;
      CHECK_THROWS_AS(add(registry, ParameterSpec(key)), PluginError);
    }
  };
  refuses(
      [](Registry& registry, ParameterSpec key) {
        LayerType type;
        type.name = "mine";
        type.parameters = {std::move(key)};
        type.build = [](LayerBuilder& builder) { return builder.input(); };
        registry.add_layer(type);
      },
      layer_keys());
  refuses(
      [](Registry& registry, ParameterSpec key) {
        LossType type;
        type.name = "mine";
        type.parameters = {std::move(key)};
        type.build = [](const LossContext& context) { return context.prediction; };
        registry.add_loss(type);
      },
      loss_keys());
  refuses(
      [](Registry& registry, ParameterSpec key) {
        OptimizerType type;
        type.name = "mine";
        type.parameters = {std::move(key)};
        type.build = [](OptimizerBuilder& builder) { return builder.weight(); };
        registry.add_optimizer(type);
      },
      optimizer_keys());
  refuses(
      [](Registry& registry, ParameterSpec key) {
        DatasetType type;
        type.name = "mine";
        type.parameters = {std::move(key)};
        type.open = [](const Parameters&, Split) { return std::unique_ptr<Dataset>(); };
        registry.add_dataset(type);
      },
      data_keys());
}
