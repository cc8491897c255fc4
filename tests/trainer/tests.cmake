# The picture tests read back what they have written.
find_package(PNG REQUIRED)
target_link_libraries(test_trainer PRIVATE PNG::PNG)
