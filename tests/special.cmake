# Tests that are not one plain program; tests/CMakeLists.txt includes this file.

# The guard, watched by libkmidi-preload.so. Where there is none, the program says so and is skipped.
add_executable(test_guard_watched special/test_guard_watched.c)
target_include_directories(test_guard_watched PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(test_guard_watched PRIVATE km_rt PkgConfig::CMOCKA Threads::Threads km_warnings)
target_compile_definitions(test_guard_watched PRIVATE _GNU_SOURCE) # Functions that only some systems have.
target_compile_options(test_guard_watched PRIVATE -fno-builtin) # malloc is called where it is written.
add_test(NAME test_guard_watched COMMAND test_guard_watched)
set_tests_properties(test_guard_watched PROPERTIES TIMEOUT 120 LABELS "unit;rt" SKIP_RETURN_CODE 77)
if(TARGET kmidi-preload)
    add_dependencies(test_guard_watched kmidi-preload)
    set_property(TEST test_guard_watched PROPERTY ENVIRONMENT "LD_PRELOAD=$<TARGET_FILE:kmidi-preload>")
else()
    target_compile_definitions(test_guard_watched PRIVATE KM_WITHOUT_PRELOAD)
endif()
