#include <string>

#include "catch.h"
#include "report/differences.h"
#include "report/html.h"

using namespace generalizer;

TEST_CASE("what a file says is text in the page, not markup") {
  CHECK(escaped("<script>alert(\"it's\" & 1)</script>") ==
        "&lt;script&gt;alert(&quot;it&#39;s&quot; &amp; 1)&lt;/script&gt;");
  CHECK(escaped("naïve 日本") == "naïve 日本");
  CHECK(escaped("a\xff\xc3") == "a\xEF\xBF\xBD\xEF\xBF\xBD");  // no UTF-8
  CHECK(escaped_json(R"({"a": "</script><!--"})") == R"({"a": "\u003c/script>\u003c!--"})");
}

TEST_CASE("bytes become a data URI, as RFC 4648 has it") {
  CHECK(data_uri("image/png", "") == "data:image/png;base64,");
  CHECK(data_uri("x/y", "f") == "data:x/y;base64,Zg==");
  CHECK(data_uri("x/y", "fo") == "data:x/y;base64,Zm8=");
  CHECK(data_uri("x/y", "foobar") == "data:x/y;base64,Zm9vYmFy");
  CHECK(data_uri("x/y", std::string("\xff\xfe\x00", 3)) == "data:x/y;base64,//4A");
}

TEST_CASE("graphs differ key by key, elements of lists called by name") {
  const std::string one =
      "name = \"a\"\nseed = 0\n[[decoder]]\nname = \"copy\"\nweight = 0.0\nlayers = [{ name = \"pixels\", "
      "units = 8 }]\n";
  const std::string two =
      "name = \"b\"\nseed = 0\n[[decoder]]\nname = \"copy\"\nweight = 2.0\nevery = 5\nlayers = [{ name = "
      "\"pixels\", units = 9 }]\n";
  const auto differences = graph_differences({one, two});
  REQUIRE(differences.size() == 3);
  CHECK(differences[0].key == "decoder.copy.weight");
  CHECK(differences[0].values == std::vector<std::string>{"0.0", "2.0"});
  CHECK(differences[1].key == "decoder.copy.layers.pixels.units");
  CHECK(differences[2].key == "decoder.copy.every");
  CHECK(differences[2].values == std::vector<std::string>{"", "5"});
  CHECK(graph_differences({one, one}).empty());
}
