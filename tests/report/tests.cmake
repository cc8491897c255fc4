find_package(ZLIB REQUIRED)
target_link_libraries(test_report PRIVATE generalizer_runner ZLIB::ZLIB)
# The small project that the runner's tests train, and how they run the program.
target_sources(test_report PRIVATE ${CMAKE_SOURCE_DIR}/tests/runner/project.cc ${CMAKE_SOURCE_DIR}/tests/runner/run_program.cc)
target_include_directories(test_report PRIVATE ${CMAKE_SOURCE_DIR}/tests/runner)
