find_package(ZLIB REQUIRED)
find_package(PNG REQUIRED)
find_package(JPEG REQUIRED)
target_link_libraries(test_runner PRIVATE generalizer_runner ZLIB::ZLIB PNG::PNG JPEG::JPEG)
# Plugins that can't be loaded, of the loader's tests.
add_dependencies(test_runner test_plugin_needy test_plugin_other_version test_plugin_good)
target_compile_definitions(test_runner PRIVATE TEST_PLUGINS="${CMAKE_BINARY_DIR}/tests/plugins")
# Plugins with faults, of the tests of inspection.
add_dependencies(test_runner test_plugin_other_version inspected_faulty inspected_crashing)
target_compile_definitions(test_runner PRIVATE INSPECTED_PLUGINS="${CMAKE_BINARY_DIR}/tests/inspected")
