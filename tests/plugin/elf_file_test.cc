#include "plugin/elf_file.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "catch.h"
#include "plugin/loader.h"
#include "support/temporary_folder.h"

using namespace generalizer;

namespace {

/// A good plugin's bytes, for tests to spoil.
std::string good_plugin() {
  std::ifstream file(std::string(TEST_PLUGINS) + "/good.so", std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return std::move(bytes).str();
}

Elf64_Ehdr header_of(const std::string& plugin) {
  Elf64_Ehdr header;
  std::memcpy(&header, plugin.data(), sizeof header);
  return header;
}

std::string with_header(std::string plugin, const Elf64_Ehdr& header) {
  std::memcpy(plugin.data(), &header, sizeof header);
  return plugin;
}

/// What the loader says of a file with these bytes.
std::string refusal(const std::string& bytes) {
  const generalizer::testing::TemporaryFolder folder;
  const std::string path = folder / "spoilt.so";
  std::ofstream(path, std::ios::binary) << bytes;
  Registry registry;
  try {
    load_plugin(path, registry);
  } catch (const PluginError& error) {
    CHECK_THAT(error.what(), ContainsSubstring("spoilt.so"));
    return error.what();
  }
  FAIL("the plugin was taken");
  return {};
}

std::string cut_short(std::size_t expected, std::size_t found) {
  return "is cut short: " + std::to_string(expected) + " bytes expected, " + std::to_string(found) + " found";
}

}  // namespace

TEST_CASE("a whole plugin passes") { CHECK_NOTHROW(check_elf_file(std::string(TEST_PLUGINS) + "/good.so")); }

TEST_CASE("a plugin cut short anywhere is refused with both sizes before the linker maps it") {
  const std::string whole = good_plugin();
  const Elf64_Ehdr header = header_of(whole);
  // Linkers write the table of sections last.
  const std::size_t size = header.e_shoff + std::size_t{header.e_shnum} * header.e_shentsize;
  REQUIRE(size == whole.size());
  REQUIRE(size > 5000);
  for (const std::size_t length : {sizeof header, std::size_t{100}, std::size_t{5000}, size / 2, size - 1}) {
    CHECK_THAT(refusal(whole.substr(0, length)), ContainsSubstring(cut_short(size, length)));
  }
  CHECK_THAT(refusal(whole.substr(0, 40)), ContainsSubstring(cut_short(sizeof header, 40)));
  CHECK_THAT(refusal(whole.substr(0, 17)), ContainsSubstring(cut_short(sizeof header, 17)));
}

TEST_CASE("a plugin without a table of sections is cut short where a loaded segment ends") {
  const std::string whole = good_plugin();
  Elf64_Ehdr header = header_of(whole);
  std::size_t end = 0;
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    std::memcpy(&segment, whole.data() + header.e_phoff + i * sizeof segment, sizeof segment);
    if (segment.p_type == PT_LOAD) end = std::max<std::size_t>(end, segment.p_offset + segment.p_filesz);
  }
  header.e_shoff = 0;
  header.e_shnum = 0;
  CHECK_THAT(refusal(with_header(whole, header).substr(0, end - 1)),
             ContainsSubstring(cut_short(end, end - 1)));
}

TEST_CASE("headers whose sums overflow are refused, too") {
  const std::string whole = good_plugin();
  Elf64_Ehdr header = header_of(whole);
  header.e_shoff = ~std::uint64_t{0} - 10;
  CHECK_THAT(refusal(with_header(whole, header)), ContainsSubstring("is cut short"));
  header = header_of(whole);
  header.e_phoff = ~std::uint64_t{0} - 10;
  CHECK_THAT(refusal(with_header(whole, header)), ContainsSubstring("is cut short"));
}

TEST_CASE("a plugin for another machine is refused with both machines") {
  const std::string whole = good_plugin();
  Elf64_Ehdr header = header_of(whole);
  const bool arm = header.e_machine == EM_AARCH64;
  header.e_machine = arm ? EM_X86_64 : EM_AARCH64;
  CHECK_THAT(refusal(with_header(whole, header)),
             ContainsSubstring(std::string("is built for ") + (arm ? "x86-64" : "aarch64") +
                               ", 64-bit; this host is "));

  header = header_of(whole);
  header.e_machine = 0x1234;
  CHECK_THAT(refusal(with_header(whole, header)), ContainsSubstring("is built for machine 4660"));

  header.e_machine = EM_386;
  header.e_ident[EI_CLASS] = ELFCLASS32;
  CHECK_THAT(refusal(with_header(whole, header)),
             ContainsSubstring("is built for x86, 32-bit; this host is "));

  header = header_of(whole);
  header.e_ident[EI_DATA] = ELFDATA2MSB;
  header.e_machine = EM_PPC64 << 8;  // as its bytes stand in a big-endian file
  CHECK_THAT(refusal(with_header(whole, header)),
             ContainsSubstring("is built for ppc64, 64-bit, big-endian"));
}
