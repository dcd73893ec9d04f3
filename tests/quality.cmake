# Our synthesiser against FluidSynth (Debian: libfluidsynth-dev), note by note; tests/CMakeLists.txt includes this file.
pkg_check_modules(FLUIDSYNTH IMPORTED_TARGET fluidsynth)
if(NOT FLUIDSYNTH_FOUND)
    foreach(name test_measures compare_presets)
        add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -E echo "skipped: libfluidsynth-dev is not installed")
        set_tests_properties(${name} PROPERTIES SKIP_REGULAR_EXPRESSION "^skipped: " LABELS quality)
    endforeach()
    return()
endif()

add_library(quality STATIC quality/fluid.c quality/fourier.c quality/measure.c quality/measure_pitch.c
    quality/presets.c quality/stem.c)
target_include_directories(quality PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(quality PUBLIC PkgConfig::FLUIDSYNTH km_warnings m)

add_executable(test_measures quality/test_measures.c)
target_link_libraries(test_measures PRIVATE quality PkgConfig::CMOCKA)
add_test(NAME test_measures COMMAND test_measures)

add_executable(compare_presets quality/compare_presets.c quality/ours.c)
target_link_libraries(compare_presets PRIVATE quality ${KM_LIBRARIES} Threads::Threads ${CMAKE_DL_LIBS})
add_test(NAME compare_presets COMMAND compare_presets)
set_tests_properties(test_measures compare_presets PROPERTIES TIMEOUT 300 LABELS quality SKIP_RETURN_CODE 77)
