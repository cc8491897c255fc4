# scripts/gpu-check.sh as far as a machine without a card goes: what it says of what is there and what is missing, and how it makes its report.
foreach(test IN ITEMS dry_run report)
  add_test(NAME "gpu_check: ${test}" COMMAND bash "${CMAKE_CURRENT_LIST_DIR}/${test}.sh" "${CMAKE_SOURCE_DIR}")
  set_tests_properties("gpu_check: ${test}" PROPERTIES TIMEOUT 300)
endforeach()
