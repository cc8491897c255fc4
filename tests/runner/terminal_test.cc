#include <limits>

#include "catch.h"
#include "terminal/format.h"
#include "terminal/progress_bar.h"
#include "terminal/table.h"

using namespace generalizer;

TEST_CASE("figures are written for people") {
  CHECK(format_count(0) == "0");
  CHECK(format_count(999) == "999");
  CHECK(format_count(2768896) == "2 768 896");
  CHECK(format_count(-1234) == "-1 234");
  CHECK(format_count(-123) == "-123");
  CHECK(format_bytes(1023) == "1023 B");
  CHECK(format_bytes(1536) == "1.5 KiB");
  CHECK(format_bytes(std::int64_t{3} << 30) == "3.0 GiB");
  CHECK(format_flops(0) == "0");
  CHECK(format_flops(1.25e9) == "1.25 GFLOP");
  CHECK(format_duration(7) == "0:07");
  CHECK(format_duration(59.6) == "1:00");
  CHECK(format_duration(3723) == "1:02:03");
  CHECK(format_duration(std::numeric_limits<double>::infinity()) == "–");
  CHECK(format_share(0.9031) == "90.31 %");
  CHECK(format_share(std::nullopt) == "–");
  CHECK(format_figure(0.026512) == "0.02651");
  CHECK(join({"a", "b", "c"}) == "a, b and c");
}

TEST_CASE("a table's columns are as wide as their widest cell, whatever bytes a character takes") {
  Table table({{"shape"}, {"n", Table::Align::right}});
  table.add({"1×28×28", "5"});
  table.add({"x", "1000"});
  CHECK(table.to_string() ==
        "shape       n\n"
        "─────────────\n"
        "1×28×28     5\n"
        "x        1000\n");
}

TEST_CASE("a table with a width breaks its last column between words") {
  Table table({{"key"}, {"help"}});
  table.add({"a", "one two three four five six seven eight nine"});
  table.add({"b", ""});
  CHECK(table.to_string(36) ==
        "key  help\n"
        "────────────────────────────────────\n"
        "a    one two three four five six\n"
        "     seven eight nine\n"
        "b\n");
}

TEST_CASE("a progress bar fills with the epoch and fits its width") {
  TrainingProgress progress{3, 50, 50, 100, 9120.4, 247};
  const std::string line = ProgressBar::line(progress, 80);
  CHECK_THAT(line, Catch::Matchers::StartsWith("epoch 3/50 ━"));
  CHECK_THAT(line, Catch::Matchers::EndsWith(" 50/100  9 120 images/s  4:07 left"));
  CHECK(width_of(line) < 80);
  for (const std::size_t width : {0U, 5U, 20U, 47U, 50U, 300U})
    CHECK(width_of(ProgressBar::line(progress, width)) <= width);
  progress.step = 100;
  CHECK(ProgressBar::line(progress, 80).find("─") == std::string::npos);
  CHECK(ProgressBar::sentence(progress) == "epoch 3 of 50: step 100 of 100, 9 120 images/s, about 4:07 left");
}
