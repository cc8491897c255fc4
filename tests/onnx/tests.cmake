# The cases run once for each backend and floating type, as those of tests/conformance do; what checks the fixture itself, once.
target_sources(test_onnx PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/conformance/target.cc")
catch_discover_tests(test_onnx TEST_SPEC "~[backend]" TEST_PREFIX "onnx: ")
foreach(backend IN ITEMS reference/f32 reference/f64 onednn/f32 cuda/f32)
  get_filename_component(plugin "${backend}" DIRECTORY)
  if(NOT TARGET ${plugin})
    continue()
  endif()
  catch_discover_tests(test_onnx TEST_SPEC "[backend]" TEST_PREFIX "onnx, ${backend}: " EXTRA_ARGS --name ${backend}
                       PROPERTIES ENVIRONMENT "OMP_WAIT_POLICY=passive"
                                  ENVIRONMENT_MODIFICATION "GENERALIZER_TEST_BACKEND=set:${backend}"
                                  SKIP_REGULAR_EXPRESSION "SKIPPED: " TIMEOUT 600)
endforeach()
set(discovered TRUE)
