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

# An engine under the guard, all through its transport.
add_executable(test_engine_watched special/test_engine_watched.c)
target_include_directories(test_engine_watched PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(test_engine_watched PRIVATE ${KM_LIBRARIES} PkgConfig::CMOCKA km_warnings m)
target_compile_options(test_engine_watched PRIVATE -fno-builtin) # malloc is called where it is written.
add_test(NAME test_engine_watched COMMAND test_engine_watched)
set_tests_properties(test_engine_watched PROPERTIES TIMEOUT 120 LABELS "unit;engine" SKIP_RETURN_CODE 77)
if(TARGET kmidi-preload)
    add_dependencies(test_engine_watched kmidi-preload)
    set_property(TEST test_engine_watched PROPERTY ENVIRONMENT "LD_PRELOAD=$<TARGET_FILE:kmidi-preload>")
else()
    target_compile_definitions(test_engine_watched PRIVATE KM_WITHOUT_PRELOAD)
endif()

# No function marked KM_RT comes to call what may block; instrumented code calls its own runtime, so only in plain builds.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND NOT (ENABLE_ASAN OR ENABLE_TSAN OR ENABLE_FUZZ OR ENABLE_COVERAGE))
    add_library(rt_inline OBJECT special/rt_inline.c) # What headers compile into their callers.
    target_link_libraries(rt_inline PRIVATE km_rt km_warnings)
    set(marked "")
    set(archives "")
    foreach(module IN LISTS KM_MODULES)
        list(APPEND marked --headers ${CMAKE_SOURCE_DIR}/src/${module})
        get_target_property(type km_${module} TYPE)
        if(type STREQUAL "STATIC_LIBRARY")
            list(APPEND archives $<TARGET_FILE:km_${module}>)
        endif()
    endforeach()
    add_test(NAME rt_symbols COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/tools/check_rt_symbols.py ${marked}
        --root rt_inline_write --root rt_inline_read ${archives} $<TARGET_OBJECTS:rt_inline>)
    add_test(NAME rt_symbols_test COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tools/test_check_rt_symbols.py)
    set_tests_properties(rt_symbols_test PROPERTIES ENVIRONMENT "CC=${CMAKE_C_COMPILER}")
    set_tests_properties(rt_symbols rt_symbols_test PROPERTIES TIMEOUT 120 LABELS source)
endif()

# Drivers on real servers that need no hardware. Where a server is not installed, or cannot start, the test is skipped.
if(TARGET kmidi-jack)
    add_executable(test_jack_driver special/test_jack_driver.c)
    target_include_directories(test_jack_driver PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(test_jack_driver PRIVATE ${KM_LIBRARIES} PkgConfig::JACK PkgConfig::CMOCKA km_warnings)
    add_dependencies(test_jack_driver kmidi-jack)
    add_test(NAME test_jack_driver COMMAND test_jack_driver)
    set_tests_properties(test_jack_driver PROPERTIES TIMEOUT 120 LABELS "integration;drivers" SKIP_RETURN_CODE 77)
endif()
add_executable(audio_probe special/audio_probe.c)
target_include_directories(audio_probe PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(audio_probe PRIVATE ${KM_LIBRARIES} km_warnings m)
add_dependencies(audio_probe kmidi_modules)
if(Python3_FOUND)
    foreach(name test_audio_files test_sound_servers)
        add_test(NAME ${name} COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/special/${name}.py)
        set_tests_properties(${name} PROPERTIES TIMEOUT 240 LABELS "integration;drivers" ENVIRONMENT "KMIDI_PROBE=$<TARGET_FILE:audio_probe>")
    endforeach()
endif()
set_property(TEST test_callback APPEND PROPERTY LABELS tsan) # What its threads share.

# Modules that cannot be used, for test_module and test_audio_file: one of another version, one whose library is not found.
add_library(km_absent SHARED special/absent.c)
foreach(name sndfile portaudio)
    add_library(special-${name} MODULE special/other_abi.c)
    set_target_properties(special-${name} PROPERTIES PREFIX "" OUTPUT_NAME kmidi-${name} SKIP_BUILD_RPATH ON
        LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/special_modules)
    add_dependencies(test_module special-${name})
    add_dependencies(test_audio_file special-${name})
endforeach()
target_compile_definitions(special-portaudio PRIVATE KM_ABSENT)
target_link_libraries(special-portaudio PRIVATE km_absent)
