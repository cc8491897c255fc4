find_package(ZLIB REQUIRED)
target_link_libraries(test_datasets PRIVATE ZLIB::ZLIB)
