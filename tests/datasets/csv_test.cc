#include "dataset_files.h"
#include "generalizer/extra_labels.h"
#include "idx_writer.h"

using namespace generalizer;
using namespace generalizer::testing;

namespace {

/// Four training and two test lines of a label and 2×2 pixels.
class CsvFiles : public DatasetFiles {
 public:
  CsvFiles() : DatasetFiles("csv") {
    write("train.csv",
          "label,pixel1,pixel2,pixel3,pixel4\n1,0,10,200,255\n0,1,2,3,4\n2,5,6,7,8\n1,9,9,9,9\n");
    write("test.csv", "label,pixel1,pixel2,pixel3,pixel4\n2,50,60,70,80\n0,1,2,3,4\n");
  }
  std::unique_ptr<Dataset> open_train(const std::string& text, const std::string& more = "") const {
    write("train.csv", text);
    return open(both + more);
  }
  /// The refusal with the folder taken out of it.
  std::string refuse_train(const std::string& text, const std::string& more = "") const {
    write("train.csv", text);
    return refused(more);
  }
  std::string refused(const std::string& more, Split split = Split::train) const {
    std::string said = refusal(both + more, split);
    const std::string folder = path("").string();
    for (std::size_t at = said.find(folder); at != std::string::npos; at = said.find(folder))
      said.erase(at, folder.size());
    return said;
  }

  static inline const std::string both = "train = \"train.csv\"\ntest = \"test.csv\"\n";
};

void check_image(const Dataset& data, std::int64_t index, const std::vector<double>& expected) {
  const std::vector<double> image = image_of(data, index);
  REQUIRE(image.size() == expected.size());
  for (std::size_t i = 0; i < image.size(); ++i) CHECK(image[i] == Approx(expected[i]).margin(1e-4));
}

}  // namespace

TEST_CASE("Kaggle's files need nothing but their names") {
  const CsvFiles files;
  const auto train = files.open(CsvFiles::both);
  CHECK(train->size() == 4);
  CHECK(train->image_shape() == Shape{1, 2, 2});
  CHECK(train->classes() == 3);
  CHECK(train->class_names().empty());
  CHECK(labels_of(*train) == std::vector<std::int32_t>{1, 0, 2, 1});
  check_image(*train, 0, {0, 10, 200, 255});
  CHECK(files.open(CsvFiles::both, Split::test)->classes() == 3);
  const auto few = files.open(CsvFiles::both + "limit = 2");
  CHECK(few->size() == 2);
  CHECK(few->classes() == 3);
}

TEST_CASE("a file without a header has its labels first, or where it is said") {
  const CsvFiles files;
  const auto data = files.open_train("1,0,10,200,255\n0,1,2,3,4\n");
  CHECK(data->size() == 2);
  CHECK(labels_of(*data) == std::vector<std::int32_t>{1, 0});
  const auto last = files.open_train("0,10,200,255,1\n1,2,3,4,0\n", "label = -1");
  CHECK(labels_of(*last) == std::vector<std::int32_t>{1, 0});
  check_image(*last, 0, {0, 10, 200, 255});
  CHECK(labels_of(*files.open_train("0,10,1,200,255\n1,2,0,3,4\n", "label = 2")) ==
        std::vector<std::int32_t>{1, 0});
  // A word for a label makes no header.
  CHECK(files.open_train("cat,0,10,200,255\ndog,1,2,3,4\n")->size() == 2);
  // Numbers as names of columns do, when it is said.
  const auto named =
      files.open_train("0,1,2,3,class\n7,8,9,10,0\n11,12,13,14,1\n", "header = true\nlabel = \"class\"");
  CHECK(named->size() == 2);
  check_image(*named, 0, {7, 8, 9, 10});
}

TEST_CASE(
    "quotes, CRLF, CR, a byte order mark, empty lines, spaces, a missing last line end and gzip change "
    "nothing") {
  const CsvFiles files;
  const std::vector<std::string> texts = {
      "label,a,b,c,d\r\n1,0,10,200,255\r\n0,1,2,3,4\r\n",
      "label,a,b,c,d\r1,0,10,200,255\r0,1,2,3,4",
      "\xEF\xBB\xBFlabel,a,b,c,d\n1,0,10,200,255\n0,1,2,3,4",
      "\n\nlabel,a,b,c,d\n\n1,0,10,200,255\n\r\n0,1,2,3,4\n\n",
      "\"label\",\"a\",\"b \"\"1\"\"\",\"c,c\",\"d\nd\"\n\"1\",\"0\",\"10\",200,255\n0,1,2,3,4\n",
      "label, a, b, c, d\n 1 , 0,10\t,200 , 255\n0,1,2,+3,4.0\n",
      gzip_bytes("label,a,b,c,d\n1,0,10,200,255\n0,1,2,3,4\n"),
  };
  for (const std::string& text : texts) {
    INFO(text);
    const auto data = files.open_train(text);
    CHECK(data->size() == 2);
    CHECK(labels_of(*data) == std::vector<std::int32_t>{1, 0});
    check_image(*data, 0, {0, 10, 200, 255});
    check_image(*data, 1, {1, 2, 3, 4});
  }
}

TEST_CASE("a header whose columns are called by numbers is one, as pandas writes it") {
  const CsvFiles files;
  for (const std::string lines : {"1,0,10,200,255\n0,1,2,3,4\n", "cat,0,10,200,255\napple,1,2,3,4\n"}) {
    const auto data = files.open_train("label,0,1,2,3\n" + lines);
    CHECK(data->size() == 2);
    CHECK(labels_of(*data) == std::vector<std::int32_t>{1, 0});
    check_image(*data, 0, {0, 10, 200, 255});
  }
  CHECK(files.open_train("0,1,2,3,kind\n7,8,9,10,0\n", "label = \"kind\"")->size() == 1);
  // One column is called by a word and has a number below it.
  CHECK(files.open_train("0,1,2,3,kind\n7,8,9,10,0\n", "label = -1")->size() == 1);
  // With its index, which has no name.
  CHECK(files.open_train(",label,0,1,2,3\n0,1,0,10,200,255\n1,0,1,2,3,4\n", "ignore = [\"\"]")->size() == 2);
}

TEST_CASE("the test file has the training file's columns of pixels, in their order") {
  const CsvFiles files;
  files.write("test.csv", "pixel1,pixel2,label,pixel3,pixel4\n1,2,0,3,4\n");  // the label may stand elsewhere
  check_image(*files.open(CsvFiles::both, Split::test), 0, {1, 2, 3, 4});
  files.write("test.csv", "label,pixel1,pixel3,pixel2,pixel4\n0,1,2,3,4\n");
  CHECK_THAT(
      files.refused("", Split::test),
      ContainsSubstring("Pixel 1 (counted from 0) is \"pixel3\" in test.csv and \"pixel2\" in train.csv"));
  files.write("test.csv", "0,1,2,3\n");
  CHECK_THAT(files.refused("", Split::test),
             ContainsSubstring("test.csv has 3 columns of pixels, and train.csv has 4"));
}

TEST_CASE("another delimiter separates fields, and the label stands where its name does") {
  const CsvFiles files;
  const auto data =
      files.open_train("a;b;kind;c;d\n0;10;1;200;255\n1;2;0;3;4\n", "delimiter = \";\"\nlabel = \"kind\"");
  CHECK(labels_of(*data) == std::vector<std::int32_t>{1, 0});
  check_image(*data, 0, {0, 10, 200, 255});
  check_image(*files.open_train("label\ta\tb\tc\td\n0\t0\t10\t200\t255\n", "delimiter = \"\\t\""), 0,
              {0, 10, 200, 255});
}

TEST_CASE("columns that are neither label nor pixel are ignored by name or by place") {
  const CsvFiles files;
  const auto named = files.open_train("id,label,a,b,c,d,file\nx7,1,0,10,200,255,x.png\nx8,0,1,2,3,4,y.png\n",
                                      "ignore = [\"id\", \"file\"]");
  check_image(*named, 0, {0, 10, 200, 255});
  const auto placed = files.open_train("7,1,0,10,200,255,0\n8,0,1,2,3,4,0\n", "label = 1\nignore = [0, -1]");
  CHECK(labels_of(*placed) == std::vector<std::int32_t>{1, 0});
  check_image(*placed, 0, {0, 10, 200, 255});
}

TEST_CASE("a shape says what pixels are, in either layout") {
  const CsvFiles files;
  const std::string text = "label,a,b,c,d,e,f\n0,1,2,3,4,5,6\n";
  const auto first = files.open_train(text, "shape = [3, 1, 2]");
  CHECK(first->image_shape() == Shape{3, 1, 2});
  check_image(*first, 0, {1, 2, 3, 4, 5, 6});
  check_image(*files.open_train(text, "shape = [3, 1, 2]\nlayout = \"channels_last\""), 0,
              {1, 4, 2, 5, 3, 6});
  check_image(
      *files.open_train("0,0.1,0.2,0.3,0.4,0.5,0.6\n", "shape = [3, 1, 2]\nlayout = \"channels_last\""), 0,
      {25.5, 102, 51, 127.5, 76.5, 153});
  CHECK_THAT(files.refuse_train(text), ContainsSubstring("has 6 columns of pixels") &&
                                           ContainsSubstring("shape = [channels, height, width]"));
  CHECK_THAT(files.refuse_train(text, "shape = [1, 2, 2]"),
             ContainsSubstring("graph.toml:5:9") && ContainsSubstring("4 numbers") &&
                 ContainsSubstring("train.csv, without its label, has 6"));
}

TEST_CASE("whole numbers are from 0 to 255, fractions from 0 to 1, unless a range is given") {
  const CsvFiles files;
  // The first fraction comes after whole numbers.
  check_image(*files.open_train("0,0,1,0,1\n0,0,1,0.5,2.5e-1\n"), 1, {0, 255, 127.5, 63.75});
  check_image(*files.open_train("0,-1,0,0.5,1\n", "range = [-1, 1]"), 0, {0, 127.5, 191.25, 255});
  check_image(*files.open_train("0,0,1000,250,500\n", "range = [0, 1000]"), 0, {0, 255, 63.75, 127.5});
  check_image(*files.open_train("0,0,255,51,204\n", "range = [255, 0]"), 0, {255, 0, 204, 51});
  check_image(*files.open_train("0,0,1,1,0\n", "range = [0, 1]"), 0, {0, 255, 255, 0});
  CHECK_THAT(files.refuse_train("0,0,1,1,0\n"),
             ContainsSubstring("all 0 or 1") && ContainsSubstring("range = [0, 1]"));
  CHECK_THAT(files.refuse_train("0,0,1,1,0\n0,1,2,256,3\n"),
             ContainsSubstring("The number 256 at train.csv:2:7 is outside the range [0, 255]"));
  CHECK_THAT(files.refuse_train("0,300,300,300,300\n"), ContainsSubstring("range = [LOW, HIGH]") && ContainsSubstring("all numbers here are equal"));
  CHECK_THAT(files.refuse_train("0,0,1,1,0\n0,1,2,254.5,3\n"),
             ContainsSubstring("The number 254.5 at train.csv:2:7") && ContainsSubstring("range = [0, 255]"));
  CHECK_THAT(files.refuse_train("0,0,1,-1,0\n"),
             ContainsSubstring("The number -1 at train.csv:1:7") && ContainsSubstring("range = [-1, 1]"));
}

TEST_CASE(
    "labels that are words are classes in the order of their names, the training set's in both splits") {
  const CsvFiles files;
  files.write("train.csv",
              "label,a,b,c,d\nshoe,0,10,200,255\n\"bag, small\",1,2,3,4\nshoe,1,2,3,4\nÄrmel,1,2,3,4\n");
  files.write("test.csv", "label,a,b,c,d\nshoe,0,10,200,255\n");
  const auto train = files.open(CsvFiles::both);
  CHECK(train->class_names() == std::vector<std::string>{"bag, small", "shoe", "Ärmel"});
  CHECK(labels_of(*train) == std::vector<std::int32_t>{1, 0, 1, 2});
  const auto test = files.open(CsvFiles::both, Split::test);
  CHECK(test->classes() == 3);
  CHECK(labels_of(*test) == std::vector<std::int32_t>{1});
  const auto ordered =
      files.open(CsvFiles::both + "class_names = [\"shoe\", \"Ärmel\", \"bag, small\", \"coat\"]");
  CHECK(ordered->classes() == 4);
  CHECK(labels_of(*ordered) == std::vector<std::int32_t>{0, 2, 0, 1});

  files.write("test.csv", "label,a,b,c,d\nshoe,0,10,200,255\nshoes,1,2,3,4\n");
  CHECK_THAT(files.refused("", Split::test),
             ContainsSubstring("test.csv:3:1: the label \"shoes\" is none of the 3 names of classes in "
                               "train.csv; did you mean \"shoe\"?"));
  CHECK_THAT(files.refused("class_names = [\"shoe\", \"bag, small\"]"),
             ContainsSubstring("train.csv:5:1: the label \"Ärmel\""));
  for (const std::string word :
       {"caf\xE9", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80", "\xFF"})
    CHECK_THAT(files.refuse_train("label,a,b,c,d\nsoup,1,2,3,4\n" + word + ",1,2,3,4\n"),
               ContainsSubstring("train.csv:3:1: the label is no UTF-8 text"));
  CHECK(files.open_train("Ä犬😀,1,2,3,4\n")->class_names()[0] == "Ä犬😀");
  files.write("train.csv", "label,a,b,c,d\nshoe,0,10,200,255\nbag,1,2,3,4\nhat,1,2,3,4\n");
  CHECK_THAT(files.refused("classes = 4"), ContainsSubstring("classes = 4") && ContainsSubstring("3 words"));
  files.write("test.csv", "label,a,b,c,d\n1,0,10,200,255\n");
  CHECK_THAT(files.refused("", Split::test), ContainsSubstring("test.csv:2:1: the label \"1\""));
}

TEST_CASE("labels that are numbers are checked at their line") {
  const CsvFiles files;
  const std::string head = "label,a,b,c,d\n0,1,2,3,4\n1,1,2,3,4\n";
  CHECK_THAT(files.refuse_train(head + "7,1,2,3,4\n"),
             ContainsSubstring("The label 7 at train.csv:4:1 is far from the others, 0 to 1"));
  CHECK_THAT(files.refuse_train(head + "-1,1,2,3,4\n"), ContainsSubstring("train.csv:4:1 is negative"));
  CHECK_THAT(files.refuse_train(head + "1.5,1,2,3,4\n"),
             ContainsSubstring("The label 1.5 at train.csv:4:1 is no class"));
  CHECK_THAT(files.refuse_train(head + "cat,1,2,3,4\n"),
             ContainsSubstring("train.csv:4:1: the label is \"cat\"; expected a whole number"));
  CHECK_THAT(files.refuse_train(head + ",1,2,3,4\n"), ContainsSubstring("train.csv:4:1: the label is empty"));
  files.write("train.csv", head);
  files.write("test.csv", "label,a,b,c,d\n2,1,2,3,4\n");
  CHECK_THAT(files.refused("", Split::test),
             ContainsSubstring("The label 2 at test.csv:2:1 is outside [0, 2)") &&
                 ContainsSubstring("in the training labels train.csv"));
  CHECK(files.open(CsvFiles::both + "classes = 3", Split::test)->classes() == 3);
  CHECK(files.open(CsvFiles::both + "class_names = [\"a\", \"b\", \"c\"]", Split::test)->class_names()[2] ==
        "c");
  CHECK(labels_of(*files.open_train("1.0,1,2,3,4\n0.0,1,2,3,4\n")) ==
        std::vector<std::int32_t>{1, 0});  // as pandas writes them
}

TEST_CASE("lines without labels have no classes") {
  const CsvFiles files;
  files.write("train.csv", "a,b,c,d\n1,2,3,4\n");
  CHECK(files.open(CsvFiles::both + "label = \"\"")->classes() == 0);
  CHECK_THAT(files.refused(""), ContainsSubstring("No column of train.csv is called \"label\"") &&
                                    ContainsSubstring("a, b, c, d"));
}

TEST_CASE("fields that are no numbers and lines of another length are told by file, line and column") {
  const CsvFiles files;
  const std::string head = "label,a,b,c,d\n0,1,2,3,4\n";
  CHECK_THAT(files.refuse_train(head + "1,1,x,3,4\n"),
             ContainsSubstring("train.csv:3:5: column \"b\" is \"x\"; expected a number"));
  CHECK_THAT(files.refuse_train(head + "1,1,,3,4\n"),
             ContainsSubstring("train.csv:3:5: column \"b\" is empty; expected a number"));
  CHECK_THAT(files.refuse_train(head + "1,1,nan,3,4\n"), ContainsSubstring("is \"nan\""));
  CHECK_THAT(files.refuse_train(head + "1,1,\"0,5\",3,4\n"),
             ContainsSubstring("is \"0,5\"") && ContainsSubstring("with a point"));
  CHECK_THAT(files.refuse_train("0,1,2,3,4\n1,1,2,3,x\n"),
             ContainsSubstring("train.csv:2:9: column 4 (counted from 0) is \"x\""));
  CHECK_THAT(files.refuse_train(head + "1,1,2,3\n"),
             ContainsSubstring("train.csv:3:7: this line has 4 fields; expected 5"));
  CHECK_THAT(files.refuse_train(head + "1,1,2,3,4,5\n"),
             ContainsSubstring("train.csv:3:11: this line has 6 fields; expected 5"));
  // Columns are characters, and lines within quotes count.
  CHECK_THAT(files.refuse_train("label,\"a\nb\",b,c,d\nÄpfel,1,x,3,4\n"),
             ContainsSubstring("train.csv:3:9: column \"b\" is \"x\""));
  CHECK_THAT(files.refuse_train(head + "1,1,\"2,3,4\n5,6\n"),
             ContainsSubstring("train.csv:3:5: the quoted field that begins here has no closing quote"));
  CHECK_THAT(files.refuse_train(head + "1,1,\"2\"2,3,4\n"),
             ContainsSubstring("train.csv:3:5: the quoted field that begins here ends before"));
}

TEST_CASE("columns that the graph names and the file lacks are told where the graph names them") {
  const CsvFiles files;
  CHECK_THAT(files.refused("label = \"lable\""), ContainsSubstring("graph.toml:5:9") &&
                                                     ContainsSubstring("did you mean \"label\"?") &&
                                                     ContainsSubstring("its columns: label, pixel1"));
  CHECK_THAT(files.refused("label = 5"),
             ContainsSubstring("graph.toml:5:9") && ContainsSubstring("has 5 columns"));
  CHECK_THAT(files.refused("ignore = [\"id\"]"),
             ContainsSubstring("graph.toml:5:10") && ContainsSubstring("none of this name"));
  CHECK_THAT(files.refused("ignore = [-6]"), ContainsSubstring("column -6"));
  CHECK_THAT(files.refuse_train("1,0,10,200,255\n", "label = \"label\""),
             ContainsSubstring("has no header") && ContainsSubstring("label = 0"));
  CHECK_THAT(files.refused("delimiter = \";\""), ContainsSubstring("delimiter"));
}

TEST_CASE("what is no CSV file is named with what it is") {
  const CsvFiles files;
  CHECK_THAT(files.refuse_train(""), ContainsSubstring("train.csv is empty"));
  CHECK_THAT(files.refuse_train("\n\r\n\n"), ContainsSubstring("only empty lines"));
  CHECK_THAT(files.refuse_train("label,a,b,c,d\n"), ContainsSubstring("a header and no line below it"));
  CHECK_THAT(files.refuse_train("\xFF\xFEl"), ContainsSubstring("UTF-16"));
  CHECK_THAT(files.refuse_train("PK\x03\x04 a spreadsheet"), ContainsSubstring("zip file"));
  CHECK_THAT(files.refuse_train(std::string("1,2\0,3", 6)),
             ContainsSubstring("byte 3 (counted from 0) is 0"));
  const std::string zipped = gzip_bytes("label,a,b,c,d\n1,0,10,200,255\n");
  CHECK_THAT(files.refuse_train(zipped.substr(0, zipped.size() - 5)), ContainsSubstring("ends early"));
  std::filesystem::remove(files.path("train.csv"));
  CHECK_THAT(files.refused(""), ContainsSubstring("There is no file train.csv"));
  std::filesystem::create_directory(files.path("train.csv"));
  CHECK_THAT(files.refused(""), ContainsSubstring("is a folder"));
}

TEST_CASE("no character that is changed anywhere does worse than be refused or change a number") {
  const CsvFiles files;
  const std::string whole = "label,a,\"b \"\"1\"\"\",c,d\r\n1,0,10,200,255\r\n0,\"1\",2,3,4\r\n";
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char other : {'"', ',', '\n', '\r', '\0', 'x', '9', '-', '\xFF'}) {
      std::string spoilt = whole;
      spoilt[at] = other;
      files.write("train.csv", spoilt);
      try {
        const auto data = files.open(CsvFiles::both + "shape = [1, 2, 2]");
        CHECK(data->image_shape() == Shape{1, 2, 2});
      } catch (const Error& error) {
        CHECK_THAT(error.what(), ContainsSubstring("train.csv"));
      }
    }
    files.write("train.csv", whole.substr(0, at));
    try {
      files.open(CsvFiles::both);
    } catch (const Error& error) {
      CHECK_THAT(error.what(), ContainsSubstring("train.csv"));
    }
  }
}

TEST_CASE("A CSV file's further labels are no pixels, and classes of the training set's words or numbers") {
  const CsvFiles files;
  files.write("train.csv", "label,a,b,c,d,writer,age\n1,0,10,200,255,ann,10\n0,1,2,3,4,bob,9\n1,5,6,7,8,ann,40\n");
  files.write("test.csv", "label,a,b,c,d,writer,age\n0,1,2,3,4,bob,10\n");
  const std::string more = CsvFiles::both + "extra_labels = [\"writer\", \"age\"]\n";
  const auto train = files.open(more);
  CHECK(train->image_shape() == Shape{1, 2, 2});
  REQUIRE(extra_labels_of(*train).size() == 2);
  CHECK(extra_labels_of(*train)[0].name == "writer");
  CHECK(extra_labels_of(*train)[0].classes == 2);
  CHECK(extra_labels_of(*train)[1].classes == 3);
  CHECK(extra_label_of(*train, 0, 1) == 1);
  CHECK(extra_label_of(*train, 0, 2) == 0);
  CHECK(extra_label_of(*train, 1, 0) == 1);  // 9, 10, 40 in the order of numbers
  CHECK(extra_label_of(*train, 1, 2) == 2);
  const auto test = files.open(more, Split::test);
  CHECK(extra_labels_of(*test)[1].classes == 3);
  CHECK(extra_label_of(*test, 0, 0) == 1);
  CHECK(extra_label_of(*test, 1, 0) == 1);
}

TEST_CASE("Further labels of a CSV file that can't be are refused at their places") {
  const CsvFiles files;
  files.write("train.csv", "label,a,b,c,d,writer\n1,0,10,200,255,ann\n0,1,2,3,4,bob\n");
  files.write("test.csv", "label,a,b,c,d,writer\n0,1,2,3,4,eve\n");
  CHECK_THAT(files.refused("extra_labels = [\"writer\"]\n", Split::test),
             ContainsSubstring("test.csv:2:11: the further label of column \"writer\" \"eve\" is none of the 2 names of classes in "));
  CHECK_THAT(files.refused("extra_labels = [\"label\"]\n"), ContainsSubstring("names column \"label\", which holds the labels themselves"));
  CHECK_THAT(files.refused("extra_labels = [\"writer\", \"writer\"]\n"), ContainsSubstring("names column \"writer\" twice"));
  CHECK_THAT(files.refused("extra_labels = [\"wrter\"]\n"), ContainsSubstring("did you mean \"writer\"?"));
}
