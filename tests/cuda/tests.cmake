# A stand-in for a CUDA device, as the plugin of a backend "cuda_on_host": kernels are compiled by the host's compiler, so that everything but the driver's
# and the libraries' own work is tested on a machine without a card.
add_library(cuda_on_host MODULE "${CMAKE_CURRENT_SOURCE_DIR}/cuda/stand_in/host_device.cc")
target_link_libraries(cuda_on_host PRIVATE cuda_program generalizer_warnings ${CMAKE_DL_LIBS})
set_target_properties(cuda_on_host PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
                      LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests/stand_in")
add_dependencies(test_cuda cuda_on_host)
target_link_libraries(test_cuda PRIVATE cuda_program)
target_compile_definitions(test_cuda PRIVATE CUDA_ON_HOST="${CMAKE_BINARY_DIR}/tests/stand_in/cuda_on_host.so")
if(TARGET cuda_compiler)
  target_link_libraries(test_cuda PRIVATE cuda_compiler)
  target_compile_definitions(test_cuda PRIVATE WITH_NVRTC)
endif()
# The whole conformance suite on the stand-in, as one test: the kernels of each program are compiled anew, which takes a minute. ONNX's cases run likewise:
#   GENERALIZER_PLUGIN_PATH=build/release/tests/stand_in/cuda_on_host.so GENERALIZER_TEST_BACKEND=cuda_on_host/f32 build/release/bin/test_onnx
add_test(NAME "conformance, cuda_on_host/f32: the whole suite" COMMAND test_conformance)
set_tests_properties("conformance, cuda_on_host/f32: the whole suite" PROPERTIES TIMEOUT 1200
  ENVIRONMENT "OMP_WAIT_POLICY=passive;GENERALIZER_TEST_BACKEND=cuda_on_host/f32;GENERALIZER_PLUGIN_PATH=${CMAKE_BINARY_DIR}/tests/stand_in/cuda_on_host.so")
