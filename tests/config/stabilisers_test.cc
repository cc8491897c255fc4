// The keys of [[decoder]] that keep the game stable: read, written and read back, and those that can't stand together.

#include "catch.h"
#include "graph_text.h"
#include "registry.h"

using namespace generalizer;

namespace {

std::string with_decoder(const std::string& keys) { return with(kGraph, "weight = 2\n", "weight = 2\n" + keys + "\n"); }

DecoderSpec decoder(const std::string& keys) {
  const GraphSpec graph = read(with_decoder(keys));
  const std::string text = to_toml(graph);
  INFO(text);
  CHECK(parse_graph(text, "resolved.toml", "/elsewhere", *make_registry()) == graph);
  return graph.decoders[0];
}

}  // namespace

TEST_CASE("without its stabilisers a decoder is the published one") {
  const DecoderSpec plain = decoder("");
  CHECK(plain.objective == Objective::negative_loss);
  CHECK_FALSE(plain.ceiling);
  CHECK_FALSE(plain.clip);
  CHECK(plain.warmup == 0.0);
  CHECK(plain.schedule == ScheduleSpec{});
  CHECK(plain.steps == 1);
  CHECK(plain.restarts == 0);
  CHECK(plain.ensemble == 1);
  CHECK(plain.noise == 0.0);
  CHECK_FALSE(plain.noise_in_use);
  CHECK(plain.bound == Bound::none);
}

TEST_CASE("every stabiliser is read, and reads back equal") {
  CHECK(decoder("objective = \"uniform\"").objective == Objective::uniform);
  CHECK(decoder("objective = \"class_mean\"").objective == Objective::class_mean);
  CHECK(decoder("objective = \"gradient_reversal\"").objective == Objective::gradient_reversal);
  CHECK(decoder("ceiling = \"mean_image\"").ceiling == CeilingSpec{true, 0.0});
  CHECK(decoder("ceiling = 0.05").ceiling == CeilingSpec{false, 0.05});
  CHECK(decoder("clip = 0.5").clip == 0.5);
  CHECK(decoder("steps = 5\nevery = 3").steps == 5);
  CHECK(decoder("restarts = 2").restarts == 2);
  CHECK(decoder("ensemble = 3").ensemble == 3);
  const DecoderSpec noisy = decoder("noise = 0.5\nnoise_in_use = true\nbound = \"layer_norm\"");
  CHECK(noisy.noise == 0.5);
  CHECK(noisy.noise_in_use);
  CHECK(noisy.bound == Bound::layer_norm);
}

TEST_CASE("the weight warms up and follows a schedule, in one way or the other") {
  CHECK(decoder("warmup = 2").warmup == 2.0);
  const DecoderSpec own = decoder("schedule = { type = \"cosine\", minimum = 0.5, warmup = 1.5 }");
  CHECK(own.warmup == 1.5);
  CHECK(own.schedule.warmup == 0.0);
  CHECK(own.schedule.kind == ScheduleSpec::Kind::cosine);
  CHECK(own.schedule.minimum == 0.5);
  CHECK(decoder("schedule = \"cosine\"\nwarmup = 1").warmup == 1.0);
  CHECK(decoder("schedule = \"reduce_on_plateau\"").schedule.monitor == "train/loss");
  check_mistake(with_decoder("warmup = 1\nschedule = { type = \"cosine\", warmup = 2 }"), "{ type = \"cosine\"",
                R"("schedule" in decoder "autoencoder" has a warmup, and so has the decoder itself)", "remove one");
  check_mistake(with_decoder("warmup = 1\nschedule = \"one_cycle\""), "1\nschedule",
                R"("warmup" in decoder "autoencoder" can't stand beside the schedule "one_cycle", which has its own rise)", "peak");
}

TEST_CASE("a weight's schedule that is named in the file takes a key from --set") {
  const GraphSpec graph = read(with_decoder("schedule = \"cosine\""),
                               {{"decoder.schedule.minimum=0.25"}, {"decoder.warmup=3"}, {"decoder.objective=uniform"}});
  CHECK(graph.decoders[0].schedule.minimum == 0.25);
  CHECK(graph.decoders[0].warmup == 3.0);
  CHECK(graph.decoders[0].objective == Objective::uniform);
}

TEST_CASE("stabilisers that can't stand together are told, with what to do") {
  check_mistake(with_decoder("sign = \"positive\"\nobjective = \"uniform\""), "\"uniform\"",
                R"("objective" in decoder "autoencoder" is "uniform", which works against the decoder, and its sign is "positive")",
                "sign = \"negative\"");
  check_mistake(with_decoder("target = \"conv1\"\nobjective = \"class_mean\""), "\"class_mean\"",
                R"("objective" in decoder "autoencoder" is "class_mean", which needs mean images, and the target is "conv1")",
                "target = \"image\"");
  check_mistake(with_decoder("every = 2\nobjective = \"gradient_reversal\""), "\"gradient_reversal\"",
                R"("objective" in decoder "autoencoder" is "gradient_reversal", with which both learn in every step, and every is 2)",
                "negative_loss");
  check_mistake(with_decoder("sign = \"positive\"\nceiling = 0.1"), "0.1",
                R"("ceiling" in decoder "autoencoder" ends a reward, and with sign = "positive" the decoder's loss is none)",
                "leave ceiling out");
  check_mistake(with_decoder("objective = \"uniform\"\nceiling = 0.1"), "0.1",
                R"("ceiling" in decoder "autoencoder" has no use with objective = "uniform", whose term is never below 0)",
                "negative_loss");
  check_mistake(with_decoder("target = \"conv1\"\nceiling = \"mean_image\""), "\"mean_image\"",
                R"("ceiling" in decoder "autoencoder" is "mean_image", and the target is "conv1")", "a number");
  check_mistake(with_decoder("noise_in_use = true"), "true\n",
                R"("noise_in_use" in decoder "autoencoder" is true, and there is no noise)", "noise = 0.5");
}

TEST_CASE("a stabiliser of the wrong kind or out of range is told") {
  check_mistake(with_decoder("ceiling = \"mean_imge\""), "\"mean_imge\"",
                R"(unknown value "mean_imge" for "ceiling" in decoder "autoencoder"; did you mean "mean_image"?)",
                R"(allowed: "mean_image" or a number)");
  check_mistake(with_decoder("objective = \"reversal\""), "\"reversal\"",
                R"(unknown value "reversal" for "objective" in decoder "autoencoder")",
                R"(allowed: "negative_loss", "uniform", "class_mean" or "gradient_reversal")");
  check_mistake(with_decoder("steps = 0"), "0\n", R"("steps" in decoder "autoencoder" must be at least 1, found 0)", "");
  check_mistake(with_decoder("clip = 0"), "0\n", R"("clip" in decoder "autoencoder" must be above 0, found 0)", "");
}
