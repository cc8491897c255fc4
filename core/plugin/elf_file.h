#pragma once

#include <string>

namespace generalizer {

/// Refuses a shared library that the dynamic linker must not see, or about which it would say too little: one that
/// is cut short (the linker maps what the headers declare, and the program dies by SIGBUS at the first page that the
/// file doesn't have), and one that was built for another kind of machine. Reads the headers alone (System V
/// ABI, "Object Files"). A file that is no ELF file at all is left to the linker, whose words are clear.
///
/// Throws `PluginError` naming the file, what was expected and what was found.
void check_elf_file(const std::string& path);

}  // namespace generalizer
