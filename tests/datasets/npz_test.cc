#include <filesystem>
#include <fstream>
#include <iterator>

#include <zlib.h>

#include "dataset_files.h"
#include "generalizer/extra_labels.h"

using namespace generalizer;
using namespace generalizer::testing;

namespace {

/// Files that NumPy wrote; make_npz.py beside them says what is in them.
class NpzFiles : public DatasetFiles {
 public:
  NpzFiles() : DatasetFiles("npz") {
    for (const char* name : {"keras.npz", "types.npz", "versions.npz", "zip64.npz"})
      std::filesystem::copy_file(std::string(TEST_FILES) + "/" + name, path(name));
  }
  std::string bytes(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

/// [data] for one of the arrays of types.npz.
std::string types(const std::string& images, const std::string& labels = "y_i8",
                  const std::string& more = "") {
  const std::string arrays = "{ images = \"" + images + "\", labels = \"" + labels + "\" }";
  return "file = \"types.npz\"\ntrain = " + arrays + "\ntest = " + arrays + "\n" + more;
}

/// Bytes of a number, the least first.
std::string little(std::size_t number, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(number >> 8 * i & 0xff);
  return text;
}

/// A zip file of one file, stored.
std::string zip_of(const std::string& name, const std::string& content) {
  const auto sum =
      crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
  const std::string common = little(20, 2) + little(0, 4) + little(0x21, 4) + little(sum, 4) +
                             little(content.size(), 4) + little(content.size(), 4) + little(name.size(), 2) +
                             little(0, 2);
  const std::string local = "PK\x03\x04" + common + name + content;
  const std::string central = "PK\x01\x02" + little(20, 2) + common + little(0, 2) + little(0, 2) +
                              little(0, 2) + little(0, 4) + little(0, 4) + name;
  return local + central + "PK\x05\x06" + little(0, 4) + little(1, 2) + little(1, 2) +
         little(central.size(), 4) + little(local.size(), 4) + little(0, 2);
}

void check_numbers(const Dataset& data) {
  REQUIRE(data.size() == 5);
  const std::int64_t elements = data.image_shape().elements();
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const std::vector<double> image = image_of(data, i);
    for (std::int64_t k = 0; k < elements; ++k) {
      CHECK(image[static_cast<std::size_t>(k)] == Approx((i * elements + k) * 7 % 256).margin(1e-4));
    }
  }
  CHECK(labels_of(data) == std::vector<std::int32_t>{0, 1, 2, 1, 0});
}

}  // namespace

TEST_CASE("Keras' mnist.npz needs nothing but its name") {
  const NpzFiles files;
  const auto train = files.open("file = \"keras.npz\"");
  CHECK(train->image_shape() == Shape{1, 4, 3});
  CHECK(train->classes() == 3);
  check_numbers(*train);
  CHECK(files.open("file = \"keras.npz\"", Split::test)->size() == 3);
  CHECK(files.open("file = \"keras.npz\"\nlimit = 2")->size() == 2);
  CHECK(files.open("file = \"keras.npz\"\nlimit = 2")->classes() == 3);
  CHECK(files.open("file = \"zip64.npz\"", Split::test)->size() == 3);
  check_numbers(*files.open("file = \"zip64.npz\""));
}

TEST_CASE(
    "whole numbers of every type and byte order are the same images, and floating point ones with a range") {
  const NpzFiles files;
  const std::string type = GENERATE("u1", "<i2", "<u2", ">u2", "<i4", ">i4", "<u4", "<i8", ">i8", "<u8");
  INFO(type);
  check_numbers(*files.open(types("x_" + type)));
  const std::string floating = GENERATE("<f2", ">f2", "<f4", ">f4", "<f8", ">f8");
  INFO(floating);
  check_numbers(*files.open(types("x_" + floating, "y_i8", "range = [0, 255]")));
}

TEST_CASE(
    "arrays in Fortran's order, rows with a shape, and single precision in [0, 1] are the same images") {
  const NpzFiles files;
  check_numbers(*files.open(types("x_fortran")));
  check_numbers(*files.open(types("x_fortran_f4", "y_i8", "range = [0, 255]")));
  check_numbers(*files.open(types("x_unit")));
  check_numbers(*files.open(types("x_centred", "y_i8", "range = [-1, 1]")));
  check_numbers(*files.open(types("x_rows", "y_i8", "shape = [1, 4, 3]")));
  CHECK(files.open(types("x_rows", "y_i8", "shape = [3, 2, 2]"))->image_shape() == Shape{3, 2, 2});
  const auto truth = files.open(types("x_bool"));
  CHECK(image_of(*truth, 1)[7] == 255.0);  // 7·19 is 133
  CHECK(image_of(*truth, 0)[0] == 0.0);
}

TEST_CASE("versions 1 to 3 of .npy are read, and a header that Python 2 wrote") {
  const NpzFiles files;
  for (const std::string name : {"x_1", "x_2", "x_3", "x_python2"}) {
    INFO(name);
    const std::string arrays = "{ images = \"" + name + "\", labels = \"y\" }";
    check_numbers(*files.open("file = \"versions.npz\"\ntrain = " + arrays + "\ntest = " + arrays));
  }
}

TEST_CASE("channels come first or last, which is seen by their extent or said") {
  const NpzFiles files;
  for (const std::string name : {"x_first", "x_last"}) {
    INFO(name);
    const auto data = files.open(types(name));
    CHECK(data->image_shape() == Shape{3, 6, 5});
    check_numbers(*data);
  }
  check_numbers(*files.open(types("x_last_f4", "y_i8", "range = [0, 255]")));
  CHECK(files.open(types("x_last", "y_i8", "layout = \"channels_first\""))->image_shape() == Shape{6, 5, 3});
  CHECK(files.open(types("x_open", "y_i8", "layout = \"channels_last\"\nrange = [0, 1]"))->image_shape() ==
        Shape{3, 3, 3});
  CHECK_THAT(files.refusal(types("x_open")),
             ContainsSubstring("5×3×3×3") && ContainsSubstring("layout = \"channels_last\""));
}

TEST_CASE("labels may be a column, floating point, or one-hot rows, whose columns are the classes") {
  const NpzFiles files;
  check_numbers(*files.open(types("x_u1", "y_column")));
  check_numbers(*files.open(types("x_u1", "y_float")));
  const auto data = files.open(types("x_u1", "y_onehot"));
  check_numbers(*data);
  CHECK(data->classes() == 4);
  const auto without = files.open(types("x_u1", ""));
  CHECK(without->classes() == 0);
  CHECK(files.open(types("x_u1", "y_i8", "class_names = [\"a\", \"b\", \"c\"]"))->class_names()[1] == "b");
}

TEST_CASE("each split may be in a file of its own") {
  const NpzFiles files;
  const std::string data =
      "file = \"keras.npz\"\ntest = { file = \"types.npz\", images = \"x_u1\", labels = \"y_i8\" }";
  CHECK(files.open(data, Split::train)->size() == 5);
  CHECK(files.open(data, Split::test)->size() == 5);
}

TEST_CASE("arrays that are no images or labels are refused by name, with what they are and what to do") {
  const NpzFiles files;
  const auto refused = [&](const std::string& images, const std::string& labels = "y_i8",
                           const std::string& more = "") {
    const std::string text = files.refusal(types(images, labels, more));
    CHECK_THAT(text, ContainsSubstring("types.npz"));
    return text;
  };
  CHECK_THAT(refused("x_u"),
             ContainsSubstring("no array \"x_u\"") && ContainsSubstring("It holds x_u1, x_<i2"));
  CHECK_THAT(refused("x_fortrn"), ContainsSubstring("did you mean \"x_fortran\"?"));
  CHECK_THAT(refused("x_objects"), ContainsSubstring("\"x_objects\"") && ContainsSubstring("'|O'") &&
                                       ContainsSubstring("Python objects"));
  CHECK_THAT(refused("x_fields"), ContainsSubstring("[('a', '<f4'), ('b', '<i4')]"));
  CHECK_THAT(refused("x_complex"), ContainsSubstring("'<c8'"));
  CHECK_THAT(refused("x_number"),
             ContainsSubstring("are scalar") && ContainsSubstring("expected 3 dimensions"));
  CHECK_THAT(refused("x_empty"), ContainsSubstring("0×4×3") && ContainsSubstring("holds nothing"));
  CHECK_THAT(refused("y_i8"), ContainsSubstring("expected 3 dimensions"));
  CHECK_THAT(refused("x_rows"),
             ContainsSubstring("5×12") && ContainsSubstring("shape = [channels, height, width]"));
  CHECK_THAT(refused("x_nan"), ContainsSubstring("of image 3 (counted from 0)") && ContainsSubstring("NaN"));
  CHECK_THAT(refused("x_<f4"), ContainsSubstring("is outside the range [0, 1]") &&
                                   ContainsSubstring("floating point") &&
                                   ContainsSubstring("range = [0, 255]"));
  CHECK_THAT(refused("x_centred"),
             ContainsSubstring("The number -1 of image 0") && ContainsSubstring("range = [-1, 1]"));
  CHECK_THAT(refused("x_zero_one"), ContainsSubstring("all 0 or 1"));
  CHECK_THAT(refused("x_u1", "y_i8", "range = [0, 100]"), ContainsSubstring("outside the range [0, 100]"));
  CHECK_THAT(refused("x_u1", "y_fraction"),
             ContainsSubstring("The label 0.5 of record 0") && ContainsSubstring("\"y_fraction\""));
  CHECK_THAT(refused("x_u1", "y_text"), ContainsSubstring("'<U1'") && ContainsSubstring("numpy.unique"));
  CHECK_THAT(refused("x_u1", "y_many"), ContainsSubstring("Row 0") && ContainsSubstring("one-hot"));
  CHECK_THAT(refused("x_u1", "x_u1"), ContainsSubstring("The labels of") && ContainsSubstring("5×4×3"));
  CHECK_THAT(refused("x_u1", "y_short"),
             ContainsSubstring("There are 5 images") && ContainsSubstring("4 labels"));
  CHECK_THAT(refused("x_u1", "y_gap"), ContainsSubstring("no image has a label of 1"));
  CHECK_THAT(refused("x_u1", "y_negative"), ContainsSubstring("is negative"));
  CHECK_THAT(refused("x_u1", "y_huge"), ContainsSubstring("is no class"));
  CHECK_THAT(refused("x_u1", "y_i8", "classes = 2"),
             ContainsSubstring("The label 2 of record 2") && ContainsSubstring("outside [0, 2)"));
}

TEST_CASE("keys of an .npz dataset that don't fit its arrays are told where they stand") {
  const NpzFiles files;
  CHECK_THAT(
      files.refusal(types("x_rows", "y_i8", "shape = [1, 4, 4]")),
      ContainsSubstring("graph.toml:6:9") && ContainsSubstring("16 numbers") && ContainsSubstring("has 12"));
  CHECK_THAT(files.refusal(types("x_u1", "y_i8", "shape = [1, 3, 4]")),
             ContainsSubstring("an image is 1×4×3"));
  CHECK_THAT(files.refusal(types("x_u1", "y_i8", "range = [5, 5]")),
             ContainsSubstring("graph.toml:6:9") && ContainsSubstring("must be different"));
  CHECK_THAT(files.refusal("file = \"keras.npz\"\ntest = { labels = \"\" }"),
             ContainsSubstring("`train.labels` names the array \"y_train\"") &&
                 ContainsSubstring("both splits have labels or neither"));
}

TEST_CASE("what is no .npz file is named with what it is") {
  const NpzFiles files;
  CHECK_THAT(files.refusal("file = \"none.npz\""),
             ContainsSubstring("There is no file") && ContainsSubstring("none.npz"));
  std::filesystem::create_directory(files.path("folder.npz"));
  CHECK_THAT(files.refusal("file = \"folder.npz\""), ContainsSubstring("is a folder"));
  files.write("empty.npz", "");
  CHECK_THAT(files.refusal("file = \"empty.npz\""), ContainsSubstring("empty.npz is empty"));
  files.write("text.npz", "some text, no archive");
  CHECK_THAT(files.refusal("file = \"text.npz\""), ContainsSubstring("begins with the bytes 73 6f 6d 65"));
  files.write("single.npz", "\x93NUMPY and so on");
  CHECK_THAT(files.refusal("file = \"single.npz\""),
             ContainsSubstring("a single .npy array") && ContainsSubstring("savez"));
}

TEST_CASE("a damaged .npz file is refused, wherever it is cut or spoilt") {
  const NpzFiles files;
  const std::string whole = files.bytes("keras.npz");
  for (std::size_t size = 1; size < whole.size(); size += 13) {
    files.write("cut.npz", whole.substr(0, size));
    CHECK_THAT(files.refusal("file = \"cut.npz\""), ContainsSubstring("cut.npz"));
  }
  // The bytes of the first array: its compressed content has a checksum.
  const std::size_t content = whole.find("x_train.npy") + 40;
  for (std::size_t at = content; at < content + 60; ++at) {
    std::string spoilt = whole;
    spoilt[at] = static_cast<char>(spoilt[at] ^ 0x10);
    files.write("spoilt.npz", spoilt);
    CHECK_THAT(files.refusal("file = \"spoilt.npz\""), ContainsSubstring("spoilt.npz"));
  }
  // No byte that is changed anywhere may do worse than be refused or be without meaning.
  for (std::size_t at = 0; at < whole.size(); at += 3) {
    std::string spoilt = whole;
    spoilt[at] = static_cast<char>(spoilt[at] ^ 0xff);
    files.write("spoilt.npz", spoilt);
    try {
      const auto data = files.open("file = \"spoilt.npz\"");
      CHECK(data->size() == 5);
    } catch (const DataError& error) {
      CHECK_THAT(error.what(), ContainsSubstring("spoilt.npz"));
    }
  }
}

TEST_CASE("an array whose header and content disagree is refused without taking memory for it") {
  const NpzFiles files;
  const auto with_header = [&](const std::string& header,
                               const std::string& magic = std::string("\x93NUMPY\1\0", 8)) {
    const std::string length = {static_cast<char>(header.size()), '\0'};
    files.write("made.npz", zip_of("x_train.npy", magic + length + header + std::string(60, 'x')));
    return files.refusal("file = \"made.npz\"");
  };
  const std::string rest = "{'descr': '|u1', 'fortran_order': False, 'shape': ";
  CHECK_THAT(with_header(rest + "(5, 4, 3)}"), ContainsSubstring("no array \"y_train\""));  // itself right
  CHECK_THAT(with_header(rest + "(500000000, 4, 300)}"),
             ContainsSubstring("\"x_train\"") && ContainsSubstring("cut short: it holds 60 bytes") &&
                 ContainsSubstring("expected 600000000000"));
  CHECK_THAT(with_header(rest + "(9000000000000000000, 900000)}"),
             ContainsSubstring("out of all proportion"));
  CHECK_THAT(with_header(rest + "(90000000000, 900000)}"), ContainsSubstring("which no file holds"));
  CHECK_THAT(with_header(rest + "(4, 4, 3)}"), ContainsSubstring("goes on after its last number"));
  CHECK_THAT(with_header(rest + "(5, x, 3)}"), ContainsSubstring("damaged header: no extent"));
  CHECK_THAT(with_header(rest + "(5, 4"), ContainsSubstring("damaged header"));
  CHECK_THAT(with_header(rest + "(5, 4, 3)"), ContainsSubstring("no comma between two keys"));
  CHECK_THAT(with_header("{'descr': '|u1', 'fortran_order': Maybe, 'shape': (5, 4, 3)}"),
             ContainsSubstring("no 'fortran_order'"));
  CHECK_THAT(with_header("{'descr': [('a', 'fortran_order': False"),
             ContainsSubstring("a list without its end"));
  CHECK_THAT(with_header("{'shade': 3}"), ContainsSubstring("the key 'shade'"));
  CHECK_THAT(with_header("{}"), ContainsSubstring("no 'descr'"));
  CHECK_THAT(with_header("no dictionary"), ContainsSubstring("no '{'"));
  CHECK_THAT(with_header(rest + "(5, 4, 3)}", std::string("\x93NUMPY\4\0", 8)),
             ContainsSubstring("version 4"));
  CHECK_THAT(with_header(rest + "(5, 4, 3)}", std::string("\x93NUMPY\2\0", 8)), ContainsSubstring("of text"));
  CHECK_THAT(with_header("", "\x93NUMP, almost"), ContainsSubstring("does not begin like an .npy file"));
  files.write("made.npz", zip_of("x_train.npy", std::string("\x93NUMPY\1\0\x80\0{'descr'", 18)));
  CHECK_THAT(files.refusal("file = \"made.npz\""), ContainsSubstring("ends within its header"));
  files.write("made.npz", zip_of("x_train.npy", ""));
  CHECK_THAT(files.refusal("file = \"made.npz\""), ContainsSubstring("is empty"));
  files.write("made.npz", zip_of("readme.txt", "no array"));
  CHECK_THAT(files.refusal("file = \"made.npz\""), ContainsSubstring("It holds no arrays"));
}

TEST_CASE("Arrays of further labels come with the images") {
  const NpzFiles files;
  const std::string arrays = "{ images = \"x_u1\", labels = \"y_i8\", extra_labels = [\"y_i8\", \"y_onehot\"] }";
  const auto train = files.open("file = \"types.npz\"\ntrain = " + arrays + "\ntest = " + arrays + "\n");
  REQUIRE(extra_labels_of(*train).size() == 2);
  CHECK(extra_labels_of(*train)[0].name == "y_i8");
  for (std::int64_t i = 0; i < train->size(); ++i) {
    CHECK(extra_label_of(*train, 0, i) == train->label(i));
    CHECK(extra_label_of(*train, 0, i) < extra_labels_of(*train)[0].classes);
  }
  CHECK_THAT(files.refusal("file = \"types.npz\"\ntrain = " + arrays + "\ntest = { images = \"x_u1\", labels = \"y_i8\" }\n"),
             ContainsSubstring("`train.extra_labels` names 2 arrays and `test.extra_labels` 0"));
  CHECK_THAT(files.refusal("file = \"types.npz\"\ntrain = { images = \"x_u1\", labels = \"y_i8\", extra_labels = [\"no\"] }\n"
                           "test = { images = \"x_u1\", labels = \"y_i8\", extra_labels = [\"no\"] }\n"),
             ContainsSubstring("no"));
}
