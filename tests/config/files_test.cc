// Files that are no graph files.

#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "catch.h"
#include "graph_text.h"
#include "registry.h"

using namespace generalizer;
namespace fs = std::filesystem;

namespace {

/// A folder of its own for each test, gone at its end.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "config-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return file(name);
  }

 private:
  fs::path path_;
};

Diagnostic refusal(const std::string& path) {
  try {
    read_graph(path, *make_registry());
  } catch (const GraphError& error) {
    REQUIRE(error.diagnostics().size() == 1);
    CHECK(error.diagnostics()[0].where.file == path);
    return error.diagnostics()[0];
  }
  FAIL("accepted");
  return {};
}

}  // namespace

TEST_CASE("a graph file is read from the disk, its paths relative to it") {
  const Folder folder;
  const std::string path =
      folder.write("mine.toml", with(with(kGraph, "name = \"small\"\n", ""), "\"/data\"", "\"data\""));
  const GraphSpec graph = read_graph(path, *make_registry());
  CHECK(graph.file == path);
  CHECK(graph.name == "mine");
  CHECK(graph.data.parameters.string("root") == folder.file("data"));
  CHECK(graph.classifier.layers[0].where.file == path);
}

TEST_CASE("a missing file is refused with its path and its nearest neighbour") {
  const Folder folder;
  CHECK(refusal(folder.file("graph.toml")).message == "there is no such file");
  CHECK(refusal(folder.file("graph.toml")).hint ==
        "give the path of a graph file, such as graphs/fashion-classifier.toml");
  folder.write("fashion.toml", kGraph);
  CHECK(refusal(folder.file("fasion.toml")).hint == "did you mean \"" + folder.file("fashion.toml") + "\"?");
  CHECK(refusal(folder.file("fashion.toml/graph.toml")).message == "there is no such file");
}

TEST_CASE("a pipe is read like a file, its relative paths relative to the working folder") {
  const Folder folder;
  REQUIRE(mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  std::thread writer([&] { std::ofstream(folder.file("pipe")) << with(kGraph, "\"/data\"", "\"data\""); });
  const GraphSource source = read_source(folder.file("pipe"));
  writer.join();
  CHECK(source.folder == fs::current_path());
  // What can be read but once serves both.
  CHECK(plugins_named_by(source).empty());
  CHECK(read_graph(source, *make_registry()).data.parameters.string("root") == fs::current_path() / "data");
}

TEST_CASE("a folder is refused") {
  const Folder folder;
  CHECK(refusal(folder.file("")).message == "this is a folder, not a graph file");
  CHECK(refusal(folder.file("")).hint == "give the path of a .toml file inside it");
}

TEST_CASE("an empty file, and one of comments alone, are refused") {
  const Folder folder;
  CHECK(refusal(folder.write("empty.toml", "")).message == "the graph file is empty");
  CHECK(refusal(folder.write("comment.toml", "# later\n\n")).message == "the graph file holds no key");
  CHECK(refusal(folder.file("empty.toml")).hint.starts_with("a graph has at least [data] and [classifier]"));
}

TEST_CASE("a file that can't be read is refused with the reason") {
  if (geteuid() == 0) return;  // root reads everything
  const Folder folder;
  const std::string path = folder.write("graph.toml", kGraph);
  fs::permissions(path, fs::perms::none);
  CHECK(refusal(path).message == "the file can't be read: Permission denied");
}

TEST_CASE("a file too large to be a graph is refused") {
  const Folder folder;
  const std::string path = folder.write("data.toml", "");
  fs::resize_file(path, std::uintmax_t{17} << 20);
  CHECK(refusal(path).message == "the file is larger than 16 MiB, so it is no graph file");
}

TEST_CASE("a file that is not UTF-8 is refused at the byte") {
  const auto check = [](const std::string& text, const std::string& byte, int line, int column,
                        const std::string& shown,
                        const std::string& hint = "save it as UTF-8 in your editor") {
    const std::vector<Diagnostic> found = mistakes(text);
    REQUIRE(found.size() == 1);
    CHECK(found[0].message == "the file is not UTF-8 text: byte " + byte + " stands here");
    CHECK(found[0].hint.find(hint) != std::string::npos);
    CHECK(found[0].where.line == line);
    CHECK(found[0].where.column == column);
    CHECK(found[0].where.text == shown);
  };
  check("# caf\xC3\xA9\nname = \"caf\xE9\"\n", "0xE9", 2, 12, "name = \"caf\uFFFD\"");  // Latin-1
  check("\xFF\xFEn\0a\0", "0xFF", 1, 1, "\uFFFD\uFFFDn", "UTF-16");  // UTF-16, up to the string literal's end
  check("\x1F\x8B\x08", "0x8B", 1, 2, "\x1F\uFFFD\x08", "gunzip");   // gzip
  check(std::string("a\0 = 1", 6), "0x00", 1, 2, std::string("a\0 = 1", 6), "UTF-16");
  check("a = \"\xC0\x80\"", "0xC0", 1, 6, "a = \"\uFFFD\uFFFD\"");            // overlong
  check("a = \"\xED\xA0\x80\"", "0xED", 1, 6, "a = \"\uFFFD\uFFFD\uFFFD\"");  // a surrogate
  check("a = \"\xE2\x82", "0xE2", 1, 6, "a = \"\uFFFD\uFFFD");                // cut short
}

TEST_CASE("a byte order mark is no mistake") { CHECK_NOTHROW(read("\xEF\xBB\xBF" + kGraph)); }

TEST_CASE("Windows' line ends are no mistake, and no part of the line shown") {
  std::string text;
  for (const char c : with(kGraph, "epochs", "epocs")) text += c == '\n' ? "\r\n" : std::string(1, c);
  const std::vector<Diagnostic> found = mistakes(text);
  REQUIRE(found.size() == 1);
  CHECK(found[0].where.line == 9);
  CHECK(found[0].where.column == 1);
  CHECK(found[0].where.text == "epocs = 5");
}

TEST_CASE("a character beyond ASCII outside quotes and comments is refused at its place") {
  const auto column = [](const std::string& text) {
    const std::vector<Diagnostic> found = mistakes(text);
    REQUIRE(found.size() == 1);
    CHECK(found[0].message == "this is not valid TOML: only ASCII may stand outside quotes and comments");
    CHECK(found[0].hint.find("straight quotes") != std::string::npos);
    CHECK(found[0].where.line == 2);
    return found[0].where.column;
  };
  CHECK(column("a = 1\nname = “small”") == 8);
  CHECK(column("# é\né = 1") == 1);
  CHECK(column("a = 'é'\nb = 'é' é") == 9);
  CHECK(column("a = \"unfinished\nb = é") == 5);
  const std::string quoted = "é = 'é' \\\" é";
  CHECK(read(with(kGraph, "\"small\"", "\"\"\"" + quoted + "\"\"\" # é")).name == "é = 'é' \" é");
  CHECK(read(with(kGraph, "\"small\"", "'é \\'")).name == "é \\");
}

TEST_CASE("the common slips of TOML get words of their own") {
  const auto check = [](const std::string& text, const std::string& hint) {
    const std::vector<Diagnostic> found = mistakes(text);
    REQUIRE(found.size() == 1);
    CAPTURE(text, found[0].message, found[0].hint);
    CHECK(found[0].hint.find(hint) != std::string::npos);
  };
  check("name = \"x\nseed = 1\n", "ends with the same quote on the same line");
  check("name = 'x\nseed = 1\n", "ends with the same quote on the same line");
  check("layers = {\n  { type = 'dense' },\n}\n", "square brackets");
  check("a = { type = 'dense',\n units = 3 }\n", "stands on one line");
  check("a = { type = 'dense', units = 3, }\n", "leave out the comma");
  check("a = { type = 'dense' units = 3 }\n", "a comma stands between two keys");
  check("a = [ { b = 1 }\n { b = 2 } ]\n", "a comma stands between two elements");
  check("seed: 3\n", "have a = between them");
  check("seed = 3 epochs = 4\n", "the next key begins a new line");
  check("shuffle = True\n", "small letters");
  check("rate = .5\n", "0.5");
}

TEST_CASE("an integer beyond 64 bits is refused as what it is, in a file and in --set") {
  const std::string digits = "99999999999999999999";
  check_mistake("seed = " + digits + "\n" + kGraph, digits,
                "the integer " + digits + " is outside the 64-bit range", "9223372036854775807");
  check_override_mistake("seed=" + digits, digits, "the integer " + digits + " is outside the 64-bit range",
                         "9223372036854775807");
}

TEST_CASE("a bracket that closes what was not opened is refused, in debug builds too") {
  check_mistake("a = [1, }\n", "}\n",
                "this is not valid TOML: error while parsing value: could not determine value type",
                "text stands in quotes");
}

TEST_CASE("invalid TOML is refused where it stops being TOML, in toml++'s words") {
  check_mistake(with(kGraph, "\"onednn\"", "onednn"), "onednn\n",
                "this is not valid TOML: error while parsing value: could not determine value type",
                "text stands in quotes: backend = \"onednn\"");
  check_mistake(
      with(kGraph, "epochs = 5", "epochs = 5\nepochs  = 6"), "6",
      "this is not valid TOML: error while parsing key-value pair: cannot redefine existing integer 'epochs'",
      "every key may be given once");
  check_mistake(with(kGraph, "[train]", "[train"), "\nepochs",
                "this is not valid TOML: error while parsing table header: expected ']', saw '\\n'",
                "[train]");
}
