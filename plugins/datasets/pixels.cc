#include "pixels.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace generalizer {
namespace {

std::string text_of(double number) {
  std::ostringstream text;
  text << number;
  return text.str();
}

std::string text_of(const Range& range) {
  return "[" + text_of(range.low) + ", " + text_of(range.high) + "]";
}

Range declared_range(const Parameters& data) {
  const std::vector<double> ends = data.numbers("range");
  if (ends[0] != ends[1]) return {ends[0], ends[1]};
  throw GraphError(
      data.where("range"),
      "the two numbers of \"range\" in [data] must be different, found " + text_of(Range{ends[0], ends[1]}),
      "the first becomes 0 and the second 1: range = [0, 255]");
}

/// What the numbers were probably made for.
std::string advice_for(const Extremes& found) {
  if (found.least == found.most) return "range = [LOW, HIGH] to the two numbers that shall become 0 and 1; all numbers here are equal";
  if (found.least >= 0 && found.most <= 1) return "range = [0, 1]";
  if (found.least >= 0 && found.most <= 255) return "range = [0, 255]";
  if (found.least >= -1 && found.most <= 1) return "range = [-1, 1]";
  return "range = " + text_of(Range{found.least, found.most}) +
         ", which are the least and the largest of them";
}

}  // namespace

Range range_of(const Parameters& data, const Extremes& found, const std::string& what) {
  if (!data.has("range") && found.whole && found.most <= 1 && found.least >= 0) {
    throw DataError("The numbers of " + what +
                    " are all 0 or 1, and it is open whether 1 is white or nearly black. Say so in [data]: "
                    "range = [0, 1], " +
                    "or range = [0, 255].");
  }
  const Range range = data.has("range") ? declared_range(data) : found.whole ? Range{0, 255} : Range{0, 1};
  const auto [low, high] = std::minmax(range.low, range.high);
  const double hair = 1e-6 * (high - low);
  const bool below = found.least < low - hair;
  if (!below && found.most <= high + hair) return range;
  std::string place = below ? found.least_at : found.most_at;
  if (place.find(what) == std::string::npos) place += " in " + what;  // a place in a text file names the file already
  throw DataError("The number " + text_of(below ? found.least : found.most) + " " + place + " is outside the range " +
                  text_of(range) + ", whose ends become 0 and 1" +
                  (data.has("range") ? ""
                   : found.whole     ? " by default for whole numbers"
                                     : " by default for floating point numbers") +
                  ". Set [data] " + advice_for(found) + ".");
}

ParameterSpec range_parameter() {
  ParameterSpec range;
  range.name = "range";
  range.types = {ParameterType::numbers};
  range.help =
      "The two numbers that become 0 and 1; without it [0, 255] where all numbers are whole ones, else [0, "
      "1].";
  range.optional = true;
  range.length = 2;
  return range;
}

ParameterSpec shape_parameter(const std::string& help) {
  ParameterSpec shape;
  shape.name = "shape";
  shape.types = {ParameterType::integers};
  shape.help = help;
  shape.optional = true;
  shape.length = 3;
  return at_least(shape, 1);
}

Shape declared_shape(const Parameters& data, std::int64_t numbers, const std::string& what) {
  Shape shape(data.integers("shape"));
  if (shape.elements() == numbers) return shape;
  throw GraphError(data.where("shape"),
                   "\"shape\" in [data] is " + shape.to_string() + ", which are " +
                       std::to_string(shape.elements()) + " numbers, and an image in " + what + " has " +
                       std::to_string(numbers),
                   "shape: [channels, height, width]");
}

}  // namespace generalizer
