# Where modules (kmidi-jack.so, ...) are installed, as drivers/module.c looks for them: seen from the program, and in full.
include(GNUInstallDirs)
file(RELATIVE_PATH KM_MODULES_FROM_PROGRAM ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR}/kmidi)
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/drivers/module.c PROPERTIES COMPILE_DEFINITIONS
    "_GNU_SOURCE;KM_MODULES_FROM_PROGRAM=\"${KM_MODULES_FROM_PROGRAM}\";KM_MODULES_INSTALLED=\"${CMAKE_INSTALL_FULL_LIBDIR}/kmidi\"")
target_link_libraries(km_drivers PUBLIC ${CMAKE_DL_LIBS} Threads::Threads) # Modules; the audio thread's priority.
