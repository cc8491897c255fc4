# Plugins that the loader must take or refuse. They stand apart from the real ones, each in a folder of the build of its own name's file.
set(test_plugin_folder "${CMAKE_BINARY_DIR}/tests/plugins")
function(add_test_plugin name source)
  add_library(test_plugin_${name} MODULE "${CMAKE_CURRENT_SOURCE_DIR}/plugin/plugins/${source}")
  target_link_libraries(test_plugin_${name} PRIVATE generalizer generalizer_warnings)
  target_compile_definitions(test_plugin_${name} PRIVATE ${ARGN})
  set_target_properties(test_plugin_${name} PROPERTIES PREFIX "" OUTPUT_NAME ${name} CXX_VISIBILITY_PRESET hidden
                        VISIBILITY_INLINES_HIDDEN ON LIBRARY_OUTPUT_DIRECTORY "${test_plugin_folder}")
  add_dependencies(test_plugin test_plugin_${name})
endfunction()

add_test_plugin(good good.cc LAYER_NAME="pass_through")
add_test_plugin(same_name good.cc LAYER_NAME="pass_through")
add_test_plugin(unnamed good.cc LAYER_NAME="")
add_test_plugin(wrong_magic misfit.cc MAGIC_END='?')
add_test_plugin(other_version misfit.cc API_VERSION=77)
add_test_plugin(other_build misfit.cc FINGERPRINT="clang-abi9999-libstdc++0")
add_test_plugin(no_register misfit.cc REGISTER=nullptr)
add_test_plugin(throwing throwing.cc)
add_test_plugin(misbehaving misbehaving.cc)
add_test_plugin(taken_name taken_name.cc)
add_test_plugin(no_symbol no_symbol.cc)
add_test_plugin(undefined undefined.cc)

# Linked to a library that the dynamic linker won't find when the plugin is loaded.
add_library(test_plugin_missing_library SHARED "${CMAKE_CURRENT_SOURCE_DIR}/plugin/plugins/no_symbol.cc")
set_target_properties(test_plugin_missing_library PROPERTIES OUTPUT_NAME nowhere_to_be_found
                      LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests/hidden")
add_test_plugin(needy needy.cc)
target_link_libraries(test_plugin_needy PRIVATE test_plugin_missing_library)
set_target_properties(test_plugin_needy PROPERTIES SKIP_BUILD_RPATH ON)

target_compile_definitions(test_plugin PRIVATE TEST_PLUGINS="${test_plugin_folder}")
