# The program that saves and compares curves lies beside the tests, as it looks for plugins as `generalizer` does.
find_package(CLI11 REQUIRED)
add_executable(parity "${CMAKE_CURRENT_SOURCE_DIR}/parity/tool/parity.cc" "${CMAKE_CURRENT_SOURCE_DIR}/parity/curve.cc")
target_include_directories(parity PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/parity")
target_link_libraries(parity PRIVATE generalizer_internal generalizer_warnings CLI11::CLI11)
if(plugins)
  add_dependencies(parity ${plugins})
endif()

# Some of it here: the curves' own backend, another one, and the CUDA backend's kernels on the stand-in for a device.
set(parity_data "${CMAKE_BINARY_DIR}/parity/data")
add_test(NAME "parity: the beginning of Fashion-MNIST is written"
         COMMAND python3 "${CMAKE_CURRENT_SOURCE_DIR}/parity/first_images.py" /usr/share/datasets/fashion-mnist "${parity_data}")
set_tests_properties("parity: the beginning of Fashion-MNIST is written" PROPERTIES FIXTURES_SETUP parity_data TIMEOUT 120)
function(add_parity_test backend precision steps)
  set(name "parity: fashion-lenet on ${backend} follows its saved curve in ${precision}")
  add_test(NAME "${name}" COMMAND parity compare --backend ${backend} --precision ${precision} --steps ${steps} --data "${parity_data}"
           --curves "${CMAKE_CURRENT_SOURCE_DIR}/parity/curves" "${CMAKE_SOURCE_DIR}/graphs/fashion-lenet.toml")
  set_tests_properties("${name}" PROPERTIES FIXTURES_REQUIRED parity_data TIMEOUT 600
    ENVIRONMENT "OMP_WAIT_POLICY=passive;GENERALIZER_PLUGIN_PATH=${CMAKE_BINARY_DIR}/tests/stand_in/cuda_on_host.so")
endfunction()
add_dependencies(parity cuda_on_host)
add_parity_test(reference f64 20)
add_parity_test(reference f32 20)
add_parity_test(cuda_on_host f64 2)
if(TARGET onednn)
  add_parity_test(onednn f32 20)
endif()
