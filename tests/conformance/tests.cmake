# The suite runs once for each backend and floating type: a new backend is one more word here, and is left out where this build does not make it.
# One that says that it can't run on this machine is reported as skipped, with its reason; one that can't be loaded fails. To try a plugin of your own:
#   GENERALIZER_PLUGIN_PATH=mine.so GENERALIZER_TEST_BACKEND=mine/f32 build/release/bin/test_conformance
foreach(backend IN ITEMS reference/f32 reference/f64 onednn/f32 cuda/f32 cuda/f64)
  get_filename_component(plugin "${backend}" DIRECTORY)
  if(NOT TARGET ${plugin})
    continue()
  endif()
  catch_discover_tests(test_conformance TEST_PREFIX "conformance, ${backend}: " EXTRA_ARGS --name ${backend}
                       PROPERTIES ENVIRONMENT "OMP_WAIT_POLICY=passive"
                                  ENVIRONMENT_MODIFICATION "GENERALIZER_TEST_BACKEND=set:${backend}"
                                  SKIP_REGULAR_EXPRESSION "SKIPPED: " TIMEOUT 600)
endforeach()
add_test(NAME "conformance: a backend that no plugin brings is no skipped test but a failed one"
         COMMAND test_conformance "Two variables swap*")
set_tests_properties("conformance: a backend that no plugin brings is no skipped test but a failed one" PROPERTIES
                     ENVIRONMENT_MODIFICATION "GENERALIZER_TEST_BACKEND=set:missing/f32"
                     PASS_REGULAR_EXPRESSION "no plugin brings the backend \"missing\".*1 failed")
set(discovered TRUE)
