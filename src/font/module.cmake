# Where the module kmidi-sndfile.so is installed, as font/vorbis.c looks for it: seen from the program, and in full.
include(GNUInstallDirs)
file(RELATIVE_PATH KM_MODULES_FROM_PROGRAM ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR}/kmidi)
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/font/vorbis.c PROPERTIES COMPILE_DEFINITIONS
    "KM_MODULES_FROM_PROGRAM=\"${KM_MODULES_FROM_PROGRAM}\";KM_MODULES_INSTALLED=\"${CMAKE_INSTALL_FULL_LIBDIR}/kmidi\"")
target_link_libraries(km_font PUBLIC ${CMAKE_DL_LIBS})
