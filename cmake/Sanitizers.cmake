# GENERALIZER_SANITIZE: compile and link everything with these sanitizers ("address,undefined", "thread", ...).
#
# Applied to the whole build, since a program with half of its code under a sanitizer reports false findings. Include this before the
# first target.
set(GENERALIZER_SANITIZE "" CACHE STRING "Sanitizers for the whole build, separated by commas; empty for none")

if(GENERALIZER_SANITIZE)
  string(REPLACE "," ";" _sanitizers "${GENERALIZER_SANITIZE}")
  foreach(_sanitizer IN LISTS _sanitizers)
    if(NOT _sanitizer MATCHES "^(address|undefined|leak|thread)$")
      message(FATAL_ERROR "GENERALIZER_SANITIZE is \"${GENERALIZER_SANITIZE}\", and \"${_sanitizer}\" is no sanitizer that this build "
        "knows. Give address, undefined, leak or thread, separated by commas.")
    endif()
  endforeach()
  if("thread" IN_LIST _sanitizers AND ("address" IN_LIST _sanitizers OR "leak" IN_LIST _sanitizers))
    message(FATAL_ERROR "GENERALIZER_SANITIZE is \"${GENERALIZER_SANITIZE}\": thread can't be joined with address or leak. Build twice.")
  endif()
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${GENERALIZER_SANITIZE}>
                      $<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize-recover=all>
                      $<$<COMPILE_LANGUAGE:CXX>:-fno-omit-frame-pointer>)
  add_link_options(-fsanitize=${GENERALIZER_SANITIZE})
endif()
