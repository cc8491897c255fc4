# The suite runs once for each backend and floating type: a new backend is one more word here. One that can't run on this machine is reported as
# skipped, with its reason. To try a plugin of your own:
#   GENERALIZER_PLUGIN_PATH=mine.so GENERALIZER_TEST_BACKEND=mine/f32 build/release/bin/test_conformance
foreach(backend IN ITEMS reference/f32 reference/f64 onednn/f32)
  catch_discover_tests(test_conformance TEST_PREFIX "conformance, ${backend}: " EXTRA_ARGS --name ${backend}
                       PROPERTIES ENVIRONMENT "OMP_WAIT_POLICY=passive"
                                  ENVIRONMENT_MODIFICATION "GENERALIZER_TEST_BACKEND=set:${backend}"
                                  SKIP_REGULAR_EXPRESSION "SKIPPED: " TIMEOUT 600)
endforeach()
set(discovered TRUE)
