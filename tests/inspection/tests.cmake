# Plugins with faults that the checks must find.
foreach(name IN ITEMS faulty crashing)
  add_library(inspected_${name} MODULE "${CMAKE_CURRENT_SOURCE_DIR}/inspection/plugins/${name}.cc")
  target_link_libraries(inspected_${name} PRIVATE generalizer generalizer_warnings)
  set_target_properties(inspected_${name} PROPERTIES PREFIX "" OUTPUT_NAME ${name} CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
                        LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests/inspected")
  add_dependencies(test_inspection inspected_${name})
endforeach()
target_compile_definitions(test_inspection PRIVATE INSPECTED_PLUGINS="${CMAKE_BINARY_DIR}/tests/inspected")
