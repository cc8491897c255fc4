// Values of the wrong type, out of their range, or missing.

#include "catch.h"
#include "graph_text.h"

using namespace generalizer;

namespace {

/// The sound graph with a layer of the type "everything" that has these keys.
std::string everything(const std::string& keys) {
  return with(kGraph, "{ type = \"flatten\" }", "{ name = \"all\", type = \"everything\", " + keys + " }");
}

}  // namespace

TEST_CASE("a value of the wrong type is refused at the value, with what was found and expected") {
  check_mistake(with(kGraph, "filters = 32", "filters = [32]"), "[32]",
                R"("filters" in layer "conv1" (conv2d) must be an integer, found a list of 1)",
                "filters: Channels of the output.");
  check_mistake(with(kGraph, "filters = 32", "filters = 'many'"), "'many'",
                R"("filters" in layer "conv1" (conv2d) must be an integer, found the string "many")",
                "Channels");
  check_mistake(with(kGraph, "kernel = 3", "kernel = true"), "true",
                R"("kernel" in layer "conv1" (conv2d) must be an integer or a list of integers, found true)",
                "Size of the window");
  check_mistake(
      with(kGraph, "kernel = 3", "kernel = { x = 3 }"), "{ x",
      R"("kernel" in layer "conv1" (conv2d) must be an integer or a list of integers, found a table)", "");
  check_mistake(
      with(kGraph, "kernel = 3", "kernel = 1979-05-27"), "1979",
      R"("kernel" in layer "conv1" (conv2d) must be an integer or a list of integers, found the date or time 1979-05-27)",
      "");
  check_mistake(with(kGraph, "epochs = 5", "shuffle = 1"), "1\n",
                R"("shuffle" in [train] must be true or false, found the integer 1)", "");
  check_mistake(
      with(kGraph, "\"relu\"", "7"), "7 }",
      R"("activation" in layer "conv1" (conv2d) must be "linear", "relu" or "sigmoid", found the integer 7)",
      "");
  check_mistake(with(kGraph, "\"/data\"", "3"), "3\n",
                R"("root" in [data] (idx) must be a path, found the integer 3)", "");
  check_mistake(with(kGraph, "\"/data\"", "\"\""), "\"\"",
                R"("root" in [data] (idx) must be a path, found an empty string)", "");
}

TEST_CASE("a number with a point is refused for an integer, and how to write it is said") {
  check_mistake(with(kGraph, "filters = 32", "filters = 32.0"), "32.0",
                R"("filters" in layer "conv1" (conv2d) must be an integer, found the number 32.0)",
                "write it without the point: 32");
  check_mistake(with(kGraph, "epochs = 5", "epochs = 0.5"), "0.5",
                R"("epochs" in [train] must be an integer, found the number 0.5)",
                "epochs: Passes over the training images; steps may be given in its place.");
}

TEST_CASE("a quoted number or truth value is told to lose its quotes") {
  check_mistake(with(kGraph, "filters = 32", "filters = \"32\""), "\"32\"",
                R"("filters" in layer "conv1" (conv2d) must be an integer, found the string "32")",
                "write it without the quotes: 32");
  check_mistake(with(kGraph, "epochs = 5", "shuffle = \"true\""), "\"true\"",
                R"("shuffle" in [train] must be true or false, found the string "true")",
                "write it without the quotes: true");
}

TEST_CASE("a number out of its range is refused with the range") {
  check_mistake(with(kGraph, "filters = 32", "filters = 0"), "0, kernel",
                R"("filters" in layer "conv1" (conv2d) must be at least 1, found 0)", "Channels");
  check_mistake(everything("count = 10"), "10 }",
                R"("count" in layer "all" (everything) must be at least 1 and at most 9, found 10)",
                "A count.");
  check_mistake(everything("rate = 0"), "0 }",
                R"("rate" in layer "all" (everything) must be above 0 and at most 1, found 0)", "");
  check_mistake(everything("rate = 1.5"), "1.5",
                R"("rate" in layer "all" (everything) must be above 0 and at most 1, found 1.5)", "");
  check_mistake(everything("rate = nan"), "nan",
                R"("rate" in layer "all" (everything) must be a finite number, found nan)", "");
  check_mistake(everything("either = -inf"), "-inf",
                R"("either" in layer "all" (everything) must be a finite number, found -inf)", "");
  check_mistake("seed = -1\n" + kGraph, "-1", R"("seed" in the graph must be at least 0, found -1)", "");
  check_mistake(with(kGraph, "weight = 2", "weight = -2"), "-2",
                R"("weight" in decoder "autoencoder" must be at least 0, found -2)", "");
  check_mistake(with(kGraph, "weight = 2", "every = 0"), "0\nlayers",
                R"("every" in decoder "autoencoder" must be at least 1, found 0)", "");
  check_mistake(with(kGraph, "kernel = 3", "kernel = 3, padding = -1"), "-1",
                R"("padding" in layer "conv1" (conv2d) must be at least 0, found -1)", "");
}

TEST_CASE("a wrong element of a list is refused at the element") {
  check_mistake(with(kGraph, "kernel = 3", "kernel = [3, 0]"), "0]",
                R"(element 2 of "kernel" in layer "conv1" (conv2d) must be at least 1, found 0)", "");
  check_mistake(with(kGraph, "kernel = 3", "kernel = [3, 2.5]"), "2.5",
                R"(element 2 of "kernel" in layer "conv1" (conv2d) must be an integer, found the number 2.5)",
                "");
  check_mistake(everything("words = ['a', 1]"), "1]",
                R"(element 2 of "words" in layer "all" (everything) must be a string, found the integer 1)",
                "");
  check_mistake(everything("triple = [1, 'b', 3]"), "'b'",
                R"(element 2 of "triple" in layer "all" (everything) must be a number, found the string "b")",
                "");
  check_mistake(with(kGraph, "{ type = \"flatten\" }", "{ type = \"add\", inputs = ['conv1', 3] }"), "3] }",
                R"(element 2 of "inputs" in layer "add1" must be a string, found the integer 3)", "");
}

TEST_CASE("a list of the wrong length is refused with the right one") {
  check_mistake(everything("triple = [1, 2]"), "[1, 2]",
                R"("triple" in layer "all" (everything) must be a list of 3 numbers, found a list of 2)",
                "Three numbers.");
  check_mistake(everything("triple = []"), "[] }",
                R"("triple" in layer "all" (everything) must be a list of 3 numbers, found an empty list)",
                "");
}

TEST_CASE("tables inside tables are checked, too") {
  check_mistake(everything("table = { depth = 'x' }"), "'x'",
                R"("depth" in "table" in layer "all" (everything) must be an integer, found the string "x")",
                "How deep.");
  check_mistake(everything("table = { note = 'x' }"), "{ note",
                R"("depth" is missing in "table" in layer "all" (everything); it must be an integer)",
                "How deep.");
  check_mistake(
      everything("tables = [{ depth = 1 }, { depth = 2, noot = 'x' }]"), "noot",
      R"(unknown key "noot" in element 2 of "tables" in layer "all" (everything); did you mean "note"?)",
      "depth, note");
}

TEST_CASE("a required key that is missing is named, with what it is") {
  check_mistake(with(kGraph, ", units = 10", ""), "{ name = \"logits\"",
                R"("units" is missing in layer "logits" (dense); it must be an integer)",
                "units: Numbers in the output.");
  check_mistake(with(kGraph, "root = \"/data\"", ""), "[data]",
                R"("root" is missing in [data] (idx); it must be a path)", "Folder of the files.");
  check_mistake(with(kGraph, "tap = \"embedding\"", ""), "[[decoder]]",
                R"("tap" is missing in decoder "autoencoder"; it must be a string or a list of strings)",
                "The layer whose output the decoder gets");
  check_mistake(with(kGraph, "type = \"flatten\"", ""), "{  }",
                R"("type" is missing in layer 2 of [classifier]; it must be the name of a layer type)",
                "known layer types: add, ");
  check_mistake(with(kGraph, "type = \"idx\"", ""), "[data]",
                R"("type" is missing in [data]; it must be the name of a dataset type)",
                "known dataset types: idx");
  check_mistake(with(kGraph, "{ type = \"adam\", learning_rate", "{ learning_rate"), "{ learning_rate",
                R"("type" is missing in the optimizer of [classifier]; it must be the name of an optimizer)",
                "known optimizers: adam, sgd");
}

TEST_CASE("what chooses a type must be a name or a table") {
  check_mistake(
      with(kGraph, "\"cross_entropy\"", "3"), "3\n",
      "the loss of [classifier] must be the name of a loss or a table with a type, found the integer 3",
      "known losses");
  check_mistake(with(kGraph, "\"onednn\"", "{ type = 3 }"), "3 }",
                "\"type\" in backend must be the name of a backend, found the integer 3",
                "known backends: cuda, onednn, reference");
}

TEST_CASE("a backend's device must be a number, of a backend that has devices, given once") {
  check_mistake(with(kGraph, "\"onednn\"", "\"cuda:x\""), "\"cuda:x\"",
                R"(the device in backend "cuda:x" must be an integer, found "x")",
                R"(write "cuda" or "cuda:0")");
  check_mistake(with(kGraph, "\"onednn\"", "\"onednn:1\""), "\"onednn:1\"",
                R"(backend "onednn" has no devices to choose from, found "onednn:1")", R"(write "onednn")");
  check_mistake(with(kGraph, "\"onednn\"", "{ type = \"cuda:1\", device = 2 }"), "device",
                R"(the device is given twice: in the backend's type "cuda:1" and here)", "remove one");
  check_mistake(with(kGraph, "\"onednn\"", "\"cuda:-1\""), "\"cuda:-1\"",
                R"("device" in backend (cuda) must be at least 0, found -1)", "Which card.");
}
