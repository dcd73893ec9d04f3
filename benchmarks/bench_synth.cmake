# The parts of bench_synth, and its peer: compared with where it is installed.
target_sources(bench_synth PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/synth_effects.c ${CMAKE_CURRENT_SOURCE_DIR}/synth_kernels.c
                                   ${CMAKE_CURRENT_SOURCE_DIR}/synth_load.c
                                   ${CMAKE_CURRENT_SOURCE_DIR}/synth_ours.c)
pkg_check_modules(FLUIDSYNTH IMPORTED_TARGET fluidsynth)
if(FLUIDSYNTH_FOUND AND NOT (ENABLE_ASAN OR ENABLE_TSAN OR ENABLE_COVERAGE))
    target_sources(bench_synth PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/synth_fluidsynth.c)
    target_link_libraries(bench_synth PRIVATE PkgConfig::FLUIDSYNTH)
    target_compile_definitions(bench_synth PRIVATE BENCH_SYNTH_FLUIDSYNTH)
endif()
