# Writes the template's files into a source file as raw strings: cmake -DFOLDER=… -DOUT=… -P Embed.cmake
set(entries "")
foreach(pair IN ITEMS "CMakeLists.txt.in:CMakeLists.txt" "layer.cc.in:@NAME@.cc" "cases.toml.in:cases.toml" "graph.toml.in:graph.toml"
                      "README.md.in:README.md" "gitignore.in:.gitignore")
  string(REPLACE ":" ";" parts "${pair}")
  list(GET parts 0 file)
  list(GET parts 1 name)
  file(READ "${FOLDER}/${file}" text)
  string(APPEND entries "    {\"${name}\", R\"TEMPLATE(${text})TEMPLATE\"},\n")
endforeach()
file(WRITE "${OUT}" "// Made by runner/templates/Embed.cmake.
#include \"templates/templates.h\"

namespace generalizer {
namespace {

constexpr TemplateFile files[] = {
${entries}};

}  // namespace

std::span<const TemplateFile> layer_template() { return files; }

}  // namespace generalizer
")
