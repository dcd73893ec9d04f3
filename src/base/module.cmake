set_source_files_properties(${CMAKE_SOURCE_DIR}/src/base/version.c PROPERTIES
    COMPILE_DEFINITIONS "KM_VERSION=\"${PROJECT_VERSION}\"")
target_link_libraries(km_base PUBLIC m) # sqrt, which is exact everywhere: without optimisation it is a call.
# Where modules (kmidi-jack.so, ...) are installed, as base/module.c looks for them: seen from the program, and in full.
include(GNUInstallDirs)
file(RELATIVE_PATH KM_MODULES_FROM_PROGRAM ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR}/kmidi)
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/base/module.c PROPERTIES COMPILE_DEFINITIONS
    "_GNU_SOURCE;KM_MODULES_FROM_PROGRAM=\"${KM_MODULES_FROM_PROGRAM}\";KM_MODULES_INSTALLED=\"${CMAKE_INSTALL_FULL_LIBDIR}/kmidi\"")
target_link_libraries(km_base PUBLIC ${CMAKE_DL_LIBS})
