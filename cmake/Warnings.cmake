# generalizer_warnings(TARGET): the warnings that all code here is free of. They are errors unless GENERALIZER_WERROR is off, which is
# for people who build with a compiler newer than the ones this was tried with.
option(GENERALIZER_WERROR "Treat warnings as errors" ON)

function(generalizer_warnings target)
  set(_flags -Wall -Wextra -Wnon-virtual-dtor -Woverloaded-virtual -Wshadow=compatible-local)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    list(REMOVE_ITEM _flags -Wshadow=compatible-local)
  endif()
  if(GENERALIZER_WERROR)
    list(APPEND _flags -Werror)
  endif()
  foreach(_flag IN LISTS _flags)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${_flag}>)
  endforeach()
endfunction()
