# The optimiser's loops for one processor each, as the loader may choose them elsewhere, under names of their own.
find_package(OpenMP REQUIRED COMPONENTS CXX)
get_property(update_options GLOBAL PROPERTY GENERALIZER_ONEDNN_UPDATE_OPTIONS)
set(processors native)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  set(processors x86-64 x86-64-v3 x86-64-v4)
  target_compile_definitions(test_onednn PRIVATE GENERALIZER_TEST_X86_64)
endif()
foreach(processor IN LISTS processors)
  string(REPLACE "-" "_" suffix "${processor}")
  add_library(onednn_update_${suffix} OBJECT "${CMAKE_SOURCE_DIR}/plugins/onednn/kernels/optimizer.cc")
  target_include_directories(onednn_update_${suffix} PRIVATE "${CMAKE_SOURCE_DIR}/plugins/onednn")
  target_link_libraries(onednn_update_${suffix} PRIVATE OpenMP::OpenMP_CXX generalizer_warnings)
  target_compile_options(onednn_update_${suffix} PRIVATE ${update_options} -march=${processor})
  target_compile_definitions(onednn_update_${suffix} PRIVATE GENERALIZER_ONEDNN_VECTORISED=
                             adam_loop=adam_loop_${suffix} sgd_loop=sgd_loop_${suffix} momentum_loop=momentum_loop_${suffix}
                             rmsprop_loop=rmsprop_loop_${suffix})
  target_sources(test_onednn PRIVATE $<TARGET_OBJECTS:onednn_update_${suffix}>)
endforeach()
target_include_directories(test_onednn PRIVATE "${CMAKE_SOURCE_DIR}/plugins/onednn")

# How products are computed, chosen from the processor's instructions, is tested by itself; and with processors that oneDNN takes this one for.
find_package(dnnl 3 CONFIG REQUIRED)
target_sources(test_onednn PRIVATE "${CMAKE_SOURCE_DIR}/plugins/onednn/products.cc")
target_link_libraries(test_onednn PRIVATE DNNL::dnnl)
add_test(NAME "onednn: products in bf16 by the kernels for bf16" COMMAND test_onednn "[bf16]")
set_tests_properties("onednn: products in bf16 by the kernels for bf16" PROPERTIES ENVIRONMENT "OMP_WAIT_POLICY=passive;ONEDNN_MAX_CPU_ISA=AVX512_CORE_BF16"
                     SKIP_REGULAR_EXPRESSION "SKIPPED: ")
add_test(NAME "onednn: bf16 is refused where there are no instructions for it" COMMAND test_onednn "bf16 is offered where*")
set_tests_properties("onednn: bf16 is refused where there are no instructions for it" PROPERTIES
                     ENVIRONMENT "OMP_WAIT_POLICY=passive;ONEDNN_MAX_CPU_ISA=AVX2")
