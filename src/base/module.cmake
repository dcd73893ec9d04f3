set_source_files_properties(${CMAKE_SOURCE_DIR}/src/base/version.c PROPERTIES
    COMPILE_DEFINITIONS "KM_VERSION=\"${PROJECT_VERSION}\"")
target_link_libraries(km_base PUBLIC m) # sqrt, which is exact everywhere: without optimisation it is a call.
