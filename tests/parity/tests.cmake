# The program that saves and compares curves lies beside the tests, as it looks for plugins as `generalizer` does.
find_package(CLI11 REQUIRED)
add_executable(parity "${CMAKE_CURRENT_SOURCE_DIR}/parity/tool/parity.cc" "${CMAKE_CURRENT_SOURCE_DIR}/parity/curve.cc")
target_include_directories(parity PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/parity")
target_link_libraries(parity PRIVATE generalizer_internal generalizer_warnings CLI11::CLI11)
if(plugins)
  add_dependencies(parity ${plugins})
endif()
