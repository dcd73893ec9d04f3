set_source_files_properties(${CMAKE_SOURCE_DIR}/src/base/version.c PROPERTIES
    COMPILE_DEFINITIONS "KM_VERSION=\"${PROJECT_VERSION}\"")
