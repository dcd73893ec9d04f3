# The parts of bench_smf that read files of any size, and their peer: compared with where it is installed.
target_sources(bench_smf PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/smf_generate.c ${CMAKE_CURRENT_SOURCE_DIR}/smf_plain.c
                                 ${CMAKE_CURRENT_SOURCE_DIR}/smf_stream.c)
pkg_check_modules(LIBSMF IMPORTED_TARGET smf)
if(LIBSMF_FOUND AND NOT (ENABLE_ASAN OR ENABLE_TSAN OR ENABLE_COVERAGE))
    target_sources(bench_smf PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/smf_libsmf.c)
    target_link_libraries(bench_smf PRIVATE PkgConfig::LIBSMF)
    target_compile_definitions(bench_smf PRIVATE BENCH_SMF_LIBSMF)
endif()
