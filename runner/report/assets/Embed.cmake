# Writes files into a source file as raw strings: cmake -DFILES=NAME=PATH|… -DHEADER=… -DOUT=… -P Embed.cmake. NAME is the function that gives the text.
set(functions "")
string(REPLACE "|" ";" FILES "${FILES}")
foreach(pair IN LISTS FILES)
  string(REGEX MATCH "^([a-z_]+)=(.*)$" matched "${pair}")
  set(name "${CMAKE_MATCH_1}")
  file(READ "${CMAKE_MATCH_2}" text)
  string(APPEND functions "std::string_view ${name}() {\n  static constexpr char text[] = R\"ASSET(${text})ASSET\";\n  return {text, sizeof text - 1};\n}\n\n")
endforeach()
file(WRITE "${OUT}" "// Made by runner/report/assets/Embed.cmake.
#include \"${HEADER}\"

namespace generalizer {

${functions}}  // namespace generalizer
")
