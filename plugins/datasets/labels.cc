#include "labels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

namespace generalizer {
namespace {

std::string range(std::int64_t first, std::int64_t last) {
  return std::to_string(first) + (first == last ? "" : " to " + std::to_string(last));
}

/// One more than the largest of a training set's labels, if every class below has an image: a single damaged byte must not invent classes.
std::int64_t count_labels(const Labels& all) {
  const std::span<const std::int32_t> labels = all.values;
  std::vector<std::int32_t> present(labels.begin(), labels.end());
  std::sort(present.begin(), present.end());
  present.erase(std::unique(present.begin(), present.end()), present.end());
  std::int64_t classes = 0;
  for (const std::int32_t label : present) {
    if (label != classes) break;
    ++classes;
  }
  if (classes == static_cast<std::int64_t>(present.size())) return classes;

  const std::int32_t label = present[static_cast<std::size_t>(classes)];
  const auto record = std::find(labels.begin(), labels.end(), label) - labels.begin();
  const std::string place = "The label " + std::to_string(label) + " " + all.place(record);
  if (label < 0)
    throw DataError(place + " is negative, and labels count from 0. Renumber the classes from 0 on.");
  throw DataError(
      place +
      (classes == 0 ? " is the smallest, and labels count from 0"
                    : " is far from the others, " + range(0, classes - 1)) +
      ": no image has a label of " + range(classes, label - 1) +
      ". If the file is damaged, fetch it again; if that is meant, set [data] `classes`, which would be " +
      std::to_string(std::int64_t{present.back()} + 1) + " by the largest label.");
}

/// Refuses the first label outside [0, classes).
void check_labels(const Labels& all, const ClassCount& classes) {
  const std::span<const std::int32_t> labels = all.values;
  const auto outside = std::find_if(labels.begin(), labels.end(),
                                    [&](std::int32_t label) { return label < 0 || label >= classes.count; });
  if (outside == labels.end()) return;
  const std::string count = std::to_string(classes.count);
  throw DataError("The label " + std::to_string(*outside) + " " + all.place(outside - labels.begin()) +
                  " is outside [0, " + count + "): there " +
                  (classes.count == 1 ? "is 1 class " : "are " + count + " classes ") + classes.source +
                  ". Set [data] `classes` if there are more; if there aren't, the file is damaged.");
}

/// Bytes of the UTF-8 character that begins at `at`; 0 when none does (RFC 3629: no overlong ones, no surrogates, none beyond U+10FFFF).
std::size_t character_at(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = byte(at);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first < 0xE0   ? 2
                             : (first & 0xF0) == 0xE0        ? 3
                             : first >= 0xF0 && first < 0xF5 ? 4
                                                             : 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
  }
  const unsigned second = byte(at + 1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool outside = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || outside ? 0 : length;
}

}  // namespace

std::string Labels::place(std::int64_t record) const {
  if (places.empty()) return "of record " + std::to_string(record) + " (counted from 0) in " + name;
  const TextPlace& at = places[static_cast<std::size_t>(record)];
  return "at " + name + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

ClassCount declared_classes(const Parameters& data) {
  const auto names = static_cast<std::int64_t>(data.strings("class_names").size());
  if (!data.has("classes")) return {names, "by the names in [data] `class_names`"};
  const std::int64_t classes = data.integer("classes");
  if (names != 0 && names != classes) {
    throw DataError("[data] says classes = " + std::to_string(classes) + " but has " + std::to_string(names) +
                    (names == 1 ? " name in `class_names`" : " class_names") +
                    ". Give one name a class, or leave one of the two out.");
  }
  return {classes, "by [data] `classes`"};
}

std::vector<std::string> declared_names(const Parameters& data) {
  std::vector<std::string> names = data.strings("class_names");
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto first = std::find(names.begin(), names.end(), names[i]) - names.begin();
    if (static_cast<std::size_t>(first) == i) continue;
    throw DataError("[data] `class_names` has \"" + names[i] + "\" twice, for the labels " +
                    std::to_string(first) + " and " + std::to_string(i) +
                    ". Give each class a name of its own.");
  }
  return names;
}

ClassCount count_classes(const Parameters& data, Split split, const Labels& labels,
                         const std::function<Labels()>& read_training) {
  if (labels.values.empty()) return {};
  ClassCount classes = declared_classes(data);
  if (classes.count == 0) {
    const Labels& training = split == Split::train ? labels : read_training();
    classes = {training.classes != 0 ? training.classes : count_labels(training),
               "in the training labels " + training.name};
  }
  check_labels(labels, classes);
  return classes;
}

void check_both_labelled(const std::string& train, const std::string& test) {
  if (train.empty() == test.empty()) return;
  const std::string with = test.empty() ? "train" : "test";
  const std::string without = test.empty() ? "test" : "train";
  throw DataError("[data] `" + with + ".labels` names " + (test.empty() ? train : test) + ", but `" +
                  without + ".labels` is empty. Either both splits have labels or neither: give `" + without +
                  ".labels`, too, or set `" + with + ".labels` to \"\".");
}

void check_name(const std::string& name, const std::string& place) {
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t length = character_at(name, at);
    if (length == 0) {
      throw DataError(place +
                      " is no UTF-8 text, which names of classes must be. Text in another encoding is "
                      "converted by: iconv -f " +
                      "WINDOWS-1252 -t UTF-8.");
    }
    at += length;
  }
}

std::int32_t label_from(double number, const std::string& place) {
  if (number == std::floor(number) && std::abs(number) <= std::numeric_limits<std::int32_t>::max())
    return static_cast<std::int32_t>(number);
  std::ostringstream text;
  text << number;
  throw DataError("The label " + text.str() + " " + place +
                  " is no class: labels are whole numbers from 0 on.");
}

ParameterSpec classes_parameter(std::int64_t largest) {
  ParameterSpec classes;
  classes.name = "classes";
  classes.types = {ParameterType::integer};
  classes.help =
      "Number of classes; without it, as many as `class_names`, or one more than the largest training label, "
      "if no label below it is missing.";
  classes.optional = true;
  return at_most(at_least(classes, 1), static_cast<double>(largest));
}

const char* name_of(Split split) { return split == Split::train ? "train" : "test"; }

std::int64_t limited(const Parameters& data, std::int64_t size) {
  const std::int64_t limit = data.has("limit") ? data.integer("limit") : 0;
  return limit > 0 ? std::min(limit, size) : size;
}

}  // namespace generalizer
