#include "plugin/elf_file.h"

#include <elf.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <type_traits>

#include "generalizer/error.h"

namespace generalizer {
namespace {

// The kind of machine that this program runs on.
#if defined(__x86_64__)
constexpr std::uint16_t host_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t host_machine = EM_AARCH64;
#elif defined(__riscv)
constexpr std::uint16_t host_machine = EM_RISCV;
#elif defined(__powerpc64__)
constexpr std::uint16_t host_machine = EM_PPC64;
#elif defined(__s390x__)
constexpr std::uint16_t host_machine = EM_S390;
#else
constexpr std::uint16_t host_machine = EM_NONE;  // not known here: the linker judges
#endif
constexpr unsigned char host_class = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
constexpr unsigned char host_order = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;

std::string name_of_machine(std::uint16_t machine) {
  switch (machine) {
    case EM_386:
      return "x86";
    case EM_X86_64:
      return "x86-64";
    case EM_ARM:
      return "arm";
    case EM_AARCH64:
      return "aarch64";
    case EM_RISCV:
      return "riscv";
    case EM_PPC64:
      return "ppc64";
    case EM_S390:
      return "s390x";
    default:
      return "machine " + std::to_string(machine) + " (ELF's number)";
  }
}

std::string describe(std::uint16_t machine, unsigned char file_class, unsigned char order) {
  return name_of_machine(machine) + (file_class == ELFCLASS64 ? ", 64-bit" : ", 32-bit") +
         (order == ELFDATA2LSB ? "" : ", big-endian");
}

/// Reads a library's headers; every read is of what the file really holds.
class ElfFile {
 public:
  explicit ElfFile(const std::string& path) : path_(path), file_(path, std::ios::binary | std::ios::ate) {
    if (!file_) throw PluginError("The plugin " + path_ + " can't be read: " + std::strerror(errno) + ".");
    size_ = static_cast<std::uint64_t>(file_.tellg());
  }

  /// The bytes at `offset`; false when the file ends before.
  template <class T>
  bool read(std::uint64_t offset, T& bytes) {
    if (offset > size_ || size_ - offset < sizeof(T)) return false;
    file_.seekg(static_cast<std::streamoff>(offset));
    file_.read(reinterpret_cast<char*>(&bytes), sizeof(T));
    if (!file_) throw PluginError("The plugin " + path_ + " can't be read: " + std::strerror(errno) + ".");
    return true;
  }

  std::uint64_t size() const { return size_; }

  void require(std::uint64_t bytes) const {
    if (bytes <= size_) return;
    throw PluginError("The plugin " + path_ + " is cut short: " + std::to_string(bytes) +
                      " bytes expected, " + std::to_string(size_) + " found. Copy or build it again.");
  }

 private:
  std::string path_;
  std::ifstream file_;
  std::uint64_t size_ = 0;
};

/// offset + size, at most the largest number: a header that lies must not wrap round to a small one.
std::uint64_t end_of(std::uint64_t offset, std::uint64_t size) {
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  return size > most - offset ? most : offset + size;
}

/// The class, byte order and machine stand at the same places in files of every kind.
void check_machine(const std::string& path, const unsigned char* identity, std::uint16_t machine) {
  const bool swapped = identity[EI_DATA] != host_order;
  if (swapped) machine = static_cast<std::uint16_t>(machine << 8 | machine >> 8);
  const bool fits =
      identity[EI_CLASS] == host_class && !swapped && (host_machine == EM_NONE || machine == host_machine);
  if (fits) return;
  const std::uint16_t here = host_machine == EM_NONE ? machine : host_machine;
  throw PluginError("The plugin " + path + " is built for " +
                    describe(machine, identity[EI_CLASS], identity[EI_DATA]) + "; this host is " +
                    describe(here, host_class, host_order) + ". Build the plugin on, or for, this machine.");
}

/// Where the last byte of a library ends that its headers speak of.
template <class Header, class Segment>
std::uint64_t declared_size(ElfFile& file, const Header& header) {
  const std::uint64_t sections = std::uint64_t{header.e_shnum} * header.e_shentsize;
  const std::uint64_t segments = std::uint64_t{header.e_phnum} * header.e_phentsize;
  std::uint64_t size = header.e_shoff == 0 ? sizeof(Header) : end_of(header.e_shoff, sections);
  size = std::max(size, end_of(header.e_phoff, segments));
  for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
    Segment segment;
    if (!file.read(end_of(header.e_phoff, i * header.e_phentsize), segment)) break;
    if (segment.p_type == PT_LOAD) size = std::max(size, end_of(segment.p_offset, segment.p_filesz));
  }
  return size;
}

}  // namespace

void check_elf_file(const std::string& path) {
  using Header = std::conditional_t<host_class == ELFCLASS64, Elf64_Ehdr, Elf32_Ehdr>;
  using Segment = std::conditional_t<host_class == ELFCLASS64, Elf64_Phdr, Elf32_Phdr>;
  ElfFile file(path);
  unsigned char identity[EI_NIDENT];
  if (!file.read(0, identity) || std::memcmp(identity, ELFMAG, SELFMAG) != 0) return;
  std::uint16_t machine = EM_NONE;
  if (!file.read(offsetof(Header, e_machine), machine)) file.require(sizeof(Header));
  check_machine(path, identity, machine);
  Header header;
  if (!file.read(0, header)) file.require(sizeof(Header));
  file.require(declared_size<Header, Segment>(file, header));
}

}  // namespace generalizer
