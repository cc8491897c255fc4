# What `cmake --install` puts under the prefix: bin/generalizer, lib/libgeneralizer.so, lib/generalizer/*.so (the plugins, where the program looks for
# them), include/generalizer/, share/generalizer/graphs/ and a CMake package. The whole can be moved: run paths are relative.
include(CMakePackageConfigHelpers)

set_target_properties(generalizer_program PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
get_property(plugins GLOBAL PROPERTY GENERALIZER_PLUGINS)
set_target_properties(${plugins} PROPERTIES INSTALL_RPATH "$ORIGIN/..")

install(TARGETS generalizer_program RUNTIME DESTINATION bin)
install(TARGETS generalizer EXPORT generalizerTargets LIBRARY DESTINATION lib)
install(TARGETS ${plugins} LIBRARY DESTINATION lib/generalizer)
install(DIRECTORY core/include/generalizer DESTINATION include)
install(DIRECTORY graphs DESTINATION share/generalizer)
install(FILES LICENSE DESTINATION share/doc/generalizer)

set(package lib/cmake/generalizer)
install(EXPORT generalizerTargets NAMESPACE generalizer:: DESTINATION ${package})
# A build's folder is laid out as a prefix, and has the package, too: a plugin can be built against it without installing anything.
set(package_here "${CMAKE_BINARY_DIR}/${package}")
file(REMOVE "${CMAKE_BINARY_DIR}/generalizerConfig.cmake" "${CMAKE_BINARY_DIR}/generalizerConfigVersion.cmake")  # an older layout's, found first
export(EXPORT generalizerTargets NAMESPACE generalizer:: FILE "${package_here}/generalizerTargets.cmake")
configure_package_config_file(cmake/generalizerConfig.cmake.in "${package_here}/generalizerConfig.cmake"
                              INSTALL_DESTINATION ${package})
write_basic_package_version_file("${package_here}/generalizerConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${package_here}/generalizerConfig.cmake" "${package_here}/generalizerConfigVersion.cmake"
        DESTINATION ${package})
