// The race detector finds what nothing orders, and only that.
#include "race_detector.h"

#include "catch.h"

using namespace generalizer::test;

namespace {

constexpr std::uintptr_t kBuffer = 0x1000;

struct TwoStreams {
  RaceDetector detector;
  std::size_t a = detector.add_agent(), b = detector.add_agent();
};

Access read(std::uintptr_t begin, std::int64_t bytes) { return {begin, bytes, false}; }
Access write(std::uintptr_t begin, std::int64_t bytes) { return {begin, bytes, true}; }

}  // namespace

TEST_CASE("a race is found in each of its three forms, and not where an edge orders it") {
  const Access first = GENERATE(read(kBuffer, 64), write(kBuffer, 64));
  const Access second = GENERATE(read(kBuffer, 64), write(kBuffer, 64));
  const bool edge = GENERATE(false, true);
  TwoStreams s;
  s.detector.act(s.a, "first", {first});
  if (edge) s.detector.join(s.b, s.detector.clock(s.a));
  s.detector.act(s.b, "second", {second});
  const bool race = !edge && (first.write || second.write);
  REQUIRE(s.detector.races().size() == (race ? 1 : 0));
  if (race) CHECK_THAT(s.detector.races()[0], Catch::Contains("\"second\"") && Catch::Contains("\"first\"") && Catch::Contains("64 bytes from 0x1000"));
}

TEST_CASE("only the bytes that both touch race, however accesses are cut") {
  TwoStreams s;
  s.detector.act(s.a, "left", {write(kBuffer, 100)});
  s.detector.act(s.b, "right", {write(kBuffer + 100, 100)});
  CHECK(s.detector.races().empty());
  s.detector.act(s.b, "one byte over", {read(kBuffer + 99, 1)});
  REQUIRE(s.detector.races().size() == 1);
  CHECK_THAT(s.detector.races()[0], Catch::Contains("1 bytes from 0x1063"));
  s.detector.act(s.a, "around both", {read(kBuffer - 10, 300)});
  REQUIRE(s.detector.races().size() == 2);
  CHECK_THAT(s.detector.races()[1], Catch::Contains("100 bytes from 0x1064"));
}

TEST_CASE("an edge orders what came before it, not what comes after") {
  TwoStreams s;
  s.detector.act(s.a, "before", {write(kBuffer, 8)});
  const Clock mark = s.detector.clock(s.a);
  s.detector.act(s.a, "after", {write(kBuffer + 8, 8)});
  s.detector.join(s.b, mark);
  s.detector.act(s.b, "reader", {read(kBuffer, 8)});
  CHECK(s.detector.races().empty());
  s.detector.act(s.b, "reader of both", {read(kBuffer, 16)});
  REQUIRE(s.detector.races().size() == 1);
  CHECK_THAT(s.detector.races()[0], Catch::Contains("\"after\""));
}

TEST_CASE("edges reach on through a third agent") {
  TwoStreams s;
  const std::size_t host = s.detector.add_agent();
  s.detector.act(s.a, "writer", {write(kBuffer, 8)});
  s.detector.join(host, s.detector.clock(s.a));
  s.detector.join(s.b, s.detector.clock(host));
  s.detector.act(s.b, "writer again", {write(kBuffer, 8)});
  CHECK(s.detector.races().empty());
  s.detector.act(host, "who has not waited again", {write(kBuffer, 8)});
  CHECK(s.detector.races().size() == 1);
}

TEST_CASE("a writer has to wait for every reader, not for the last alone") {
  TwoStreams s;
  const std::size_t c = s.detector.add_agent();
  s.detector.act(s.a, "reader 1", {read(kBuffer, 8)});
  s.detector.act(s.b, "reader 2", {read(kBuffer, 8)});
  s.detector.join(c, s.detector.clock(s.b));
  s.detector.act(c, "writer", {write(kBuffer, 8)});
  REQUIRE(s.detector.races().size() == 1);
  CHECK_THAT(s.detector.races()[0], Catch::Contains("reader 1"));
}

TEST_CASE("memory that was given back begins anew, and giving it back is a use") {
  TwoStreams s;
  s.detector.act(s.a, "user", {write(kBuffer, 8)});
  s.detector.give_back(s.a, "release", kBuffer, 8);
  s.detector.act(s.b, "who gets it next", {write(kBuffer, 8)});
  CHECK(s.detector.races().empty());
  s.detector.give_back(s.a, "release too early", kBuffer, 8);
  CHECK(s.detector.races().size() == 1);
}

TEST_CASE("moments know what came before them") {
  TwoStreams s;
  const Moment one = s.detector.act(s.a, "one", {}), two = s.detector.act(s.a, "two", {}), other = s.detector.act(s.b, "other", {});
  CHECK(happens_before(one, two));
  CHECK_FALSE(happens_before(two, one));
  CHECK_FALSE(happens_before(one, other));
  s.detector.join(s.b, s.detector.clock(s.a));
  CHECK(happens_before(two, s.detector.act(s.b, "later", {})));
}
