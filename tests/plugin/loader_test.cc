#include "plugin/loader.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "catch.h"
#include "generalizer/plugin.h"
#include "support/temporary_folder.h"

using namespace generalizer;
namespace fs = std::filesystem;

namespace {

std::string helper(const std::string& name) { return std::string(TEST_PLUGINS) + "/" + name + ".so"; }

std::string refusal(const std::string& file) {
  Registry registry;
  try {
    load_plugin(file, registry);
  } catch (const PluginError& error) {
    CHECK(registry.plugins().empty());
    CHECK(registry.layer_names().empty());
    return error.what();
  }
  FAIL("the plugin was taken");
  return {};
}

}  // namespace

TEST_CASE("a plugin brings its layer, and the registry knows from where") {
  Registry registry;
  load_plugin(helper("good"), registry);
  REQUIRE(registry.find_layer("pass_through") != nullptr);
  CHECK(registry.find_layer("pass_through")->summary == "Gives back what it gets.");
  CHECK(registry.origin("layer", "pass_through") == fs::canonical(helper("good")).string());
  REQUIRE(registry.plugins().size() == 1);
  const PluginRecord& record = registry.plugins().front();
  CHECK(record.name == "good");
  CHECK(record.version == "1.2.3");
  CHECK(record.licence == "MIT");
  CHECK(record.provides == std::vector<std::string>{"layer pass_through"});
}

TEST_CASE("the same plugin under two paths is loaded once") {
  generalizer::testing::TemporaryFolder folder;
  fs::create_symlink(helper("good"), folder.path() / "link.so");
  Registry registry;
  load_plugin(helper("good"), registry);
  load_plugin((folder.path() / "link.so").string(), registry);
  load_plugin(std::string(TEST_PLUGINS) + "/../plugins/good.so", registry);
  CHECK(registry.plugins().size() == 1);
}

TEST_CASE("each registry gets the types of a plugin that another one has loaded before") {
  Registry first;
  Registry second;
  load_plugin(helper("good"), first);
  load_plugin(helper("good"), second);
  CHECK(second.find_layer("pass_through") != nullptr);
}

TEST_CASE("two plugins that claim one name are an error naming both files") {
  Registry registry;
  load_plugin(helper("good"), registry);
  CHECK_THROWS_WITH(load_plugin(helper("same_name"), registry),
                    ContainsSubstring("layer \"pass_through\" is registered twice") &&
                        ContainsSubstring(helper("good")) && ContainsSubstring(helper("same_name")));
  CHECK(registry.plugins().size() == 1);
  CHECK(registry.origin("layer", "pass_through") == fs::canonical(helper("good")).string());
}

TEST_CASE("two plugins that claim one name are an error in a folder, too") {
  generalizer::testing::TemporaryFolder folder;
  fs::copy_file(helper("good"), folder.path() / "a.so");
  fs::copy_file(helper("same_name"), folder.path() / "b.so");
  Registry registry;
  CHECK_THROWS_WITH(load_folder(folder.path().string(), registry),
                    ContainsSubstring("a.so") && ContainsSubstring("b.so"));
}

TEST_CASE("a descriptor with other first bytes is refused") {
  CHECK_THAT(refusal(helper("wrong_magic")),
             ContainsSubstring(helper("wrong_magic")) &&
                 ContainsSubstring("isn't the descriptor of a generalizer plugin"));
}

TEST_CASE(
    "a plugin for another interface version is refused before any of its code runs, with both versions") {
  CHECK_THAT(refusal(helper("other_version")),
             ContainsSubstring(helper("other_version")) && ContainsSubstring("built for version 77") &&
                 ContainsSubstring("this program has version " + std::to_string(GENERALIZER_API_VERSION)) &&
                 ContainsSubstring("Build the plugin again"));
}

TEST_CASE("a plugin from another compiler is refused with both fingerprints") {
  CHECK_THAT(refusal(helper("other_build")), ContainsSubstring(helper("other_build")) &&
                                                 ContainsSubstring("clang-abi9999-libstdc++0") &&
                                                 ContainsSubstring(GENERALIZER_FINGERPRINT));
}

TEST_CASE("a descriptor without a register function is refused") {
  CHECK_THAT(refusal(helper("no_register")),
             ContainsSubstring("leaves out its name, version, licence or register function"));
}

TEST_CASE("a plugin that fails to register leaves nothing behind, and its words reach the user") {
  CHECK_THAT(refusal(helper("throwing")),
             ContainsSubstring(helper("throwing")) && ContainsSubstring("the licence server is on holiday."));
}

TEST_CASE("a type without a name is refused") {
  CHECK_THAT(refusal(helper("unnamed")), ContainsSubstring("a layer without a name"));
}

TEST_CASE("a shared library that is no plugin is refused when it is named") {
  CHECK_THAT(refusal(helper("no_symbol")),
             ContainsSubstring(helper("no_symbol")) && ContainsSubstring("no plugin of generalizer"));
}

TEST_CASE("a plugin with an undefined symbol is refused when it is loaded, not when it is used") {
  CHECK_THAT(refusal(helper("undefined")),
             ContainsSubstring("undefined symbol: nobody_defines_this") &&
                 !ContainsSubstring("Bad file descriptor") &&
                 ContainsSubstring("build the plugin against this version's headers"));
}

TEST_CASE("a plugin whose library is missing names the library") {
  CHECK_THAT(refusal(helper("needy")), ContainsSubstring("It needs the library libnowhere_to_be_found.so") &&
                                           ContainsSubstring("LD_LIBRARY_PATH") &&
                                           !ContainsSubstring("Bad file descriptor"));
}

TEST_CASE("a file that is no shared library is refused") {
  generalizer::testing::TemporaryFolder folder;
  const fs::path file = folder.path() / "text.so";
  std::ofstream(file)
      << "This is a text and certainly no plugin, but it is long enough to hold a header of the format.\n";
  CHECK_THAT(refusal(file.string()), ContainsSubstring("text.so") &&
                                         ContainsSubstring("invalid ELF header") &&
                                         ContainsSubstring("no shared library"));
  std::ofstream(folder.path() / "empty.so").close();
  CHECK_THAT(refusal((folder.path() / "empty.so").string()),
             ContainsSubstring("empty.so") && ContainsSubstring("file too short"));
}

TEST_CASE("a missing file and a folder are refused as a plugin") {
  CHECK_THAT(refusal("/nowhere/plugin.so"), ContainsSubstring("There is no plugin file /nowhere/plugin.so."));
  CHECK_THAT(refusal(TEST_PLUGINS), ContainsSubstring(TEST_PLUGINS) && ContainsSubstring("is a folder"));
}

TEST_CASE("in a folder, plugins that can't be loaded don't stop the others and are remembered") {
  generalizer::testing::TemporaryFolder folder;
  for (const char* name : {"needy", "no_symbol", "other_version", "good"}) {
    fs::copy_file(helper(name), folder.path() / (std::string(name) + ".so"));
  }
  std::ofstream(folder.path() / "notes.txt") << "not looked at\n";
  Registry registry;
  load_folder(folder.path().string(), registry);
  load_folder(folder.path().string(), registry);  // nothing twice
  CHECK(registry.layer_names() == std::vector<std::string>{"pass_through"});
  CHECK(registry.searched_folders() == std::vector<std::string>{fs::canonical(folder.path()).string()});
  REQUIRE(registry.failures().size() == 3);
  REQUIRE(registry.failure_of("needy") != nullptr);
  CHECK_THAT(registry.failure_of("needy")->reason, ContainsSubstring("libnowhere_to_be_found.so"));
  CHECK(registry.failure_of("good") == nullptr);
  CHECK_THAT(registry.where_searched(), ContainsSubstring(folder.path().filename().string()) &&
                                            ContainsSubstring("libnowhere_to_be_found.so"));
}

TEST_CASE("places are searched in the order: graph, command line, environment, installed folder") {
  const auto locations = find_plugin_locations({{"/g.so"}, {"/p"}, "/e1::/e2", "/usr/bin/generalizer"});
  std::vector<std::string> paths;
  for (const PluginLocation& location : locations) paths.push_back(location.path);
  CHECK(paths == std::vector<std::string>{"/g.so", "/p", "/e1", "/e2", "/usr/lib/generalizer"});
}

TEST_CASE(
    "a place that doesn't exist is an error that says who named it; the installed folder may be missing") {
  Registry registry;
  CHECK_THROWS_WITH(load_plugins({{}, {"/nowhere/plugins"}, "", ""}, registry),
                    ContainsSubstring("/nowhere/plugins") && ContainsSubstring("--plugin-path"));
  CHECK_THROWS_WITH(load_plugins({{}, {}, "/nowhere/else", ""}, registry),
                    ContainsSubstring("/nowhere/else") && ContainsSubstring("GENERALIZER_PLUGIN_PATH"));
  CHECK_THROWS_WITH(load_plugins({{"/nowhere/mine.so"}, {}, "", ""}, registry),
                    ContainsSubstring("/nowhere/mine.so") && ContainsSubstring("the graph's plugins"));
  CHECK_NOTHROW(load_plugins({{}, {}, "", "/nowhere/bin/program"}, registry));
  CHECK_THAT(registry.where_searched(), ContainsSubstring("/nowhere/lib/generalizer (missing)"));
}

TEST_CASE("a plugin path may be a file, and a plugin named twice is loaded once") {
  Registry registry;
  load_plugins({{helper("good")}, {helper("good")}, helper("good"), ""}, registry);
  CHECK(registry.plugins().size() == 1);
}

TEST_CASE("a circle of links, an unreadable file and a taken op's name in a plugin folder stop nothing else") {
  generalizer::testing::TemporaryFolder folder;
  fs::permissions(folder.path(), static_cast<fs::perms>(0755));
  fs::copy_file(helper("good"), folder.path() / "good.so");
  fs::copy_file(helper("taken_name"), folder.path() / "taken_name.so");
  fs::create_symlink("loop2.so", folder.path() / "loop1.so");
  fs::create_symlink("loop1.so", folder.path() / "loop2.so");
  fs::create_symlink("nowhere.so", folder.path() / "dangling.so");
  fs::copy_file(helper("same_name"), folder.path() / "secret.so");
  fs::permissions(folder.path() / "secret.so", fs::perms::none);
  // Root may read everything: as somebody else, then.
  const bool root = geteuid() == 0;
  if (root) REQUIRE(seteuid(65534) == 0);
  Registry registry;
  load_folder(folder.path().string(), registry);
  if (root) REQUIRE(seteuid(0) == 0);
  CHECK(registry.layer_names() == std::vector<std::string>{"pass_through"});
  REQUIRE(registry.failures().size() == 5);
  CHECK_THAT(registry.failure_of("loop1")->reason,
             ContainsSubstring("loop1.so is a symbolic link that can't be followed: Too many levels of symbolic links"));
  CHECK_THAT(registry.failure_of("dangling")->reason, ContainsSubstring("No such file or directory"));
  CHECK_THAT(registry.failure_of("secret")->reason, ContainsSubstring("secret.so") && ContainsSubstring("Permission denied"));
  CHECK_THAT(registry.failure_of("taken_name")->reason, ContainsSubstring("the name of a built-in op"));
}
