set_source_files_properties(${CMAKE_SOURCE_DIR}/src/rt/guard_start.c ${CMAKE_SOURCE_DIR}/src/rt/resident.c PROPERTIES
    COMPILE_DEFINITIONS _GNU_SOURCE) # RTLD_DEFAULT, dl_iterate_phdr.
target_link_libraries(km_rt PUBLIC ${CMAKE_DL_LIBS}) # The guard looks for the preload library.
