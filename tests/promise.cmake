# The promise of Side A in each of its cases, watched in several ways; tests/CMakeLists.txt includes this file.
# A run is short; 10 minutes of audio a case with KMIDI_LONG=1. Beside each stands its control: a sin that must be caught.
function(km_promise watch)
    add_executable(promise_${watch} promise/main.c promise/stage.c promise/cases.c promise/watch_${watch}.c)
    target_include_directories(promise_${watch} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_compile_definitions(promise_${watch} PRIVATE _GNU_SOURCE) # Threads' page faults, names of registers.
    target_link_libraries(promise_${watch} PRIVATE ${KM_LIBRARIES} Threads::Threads ${CMAKE_DL_LIBS} km_warnings m)
    add_test(NAME promise_${watch} COMMAND promise_${watch})
    add_test(NAME promise_${watch}_control COMMAND promise_${watch} --sin)
    set_tests_properties(promise_${watch} promise_${watch}_control PROPERTIES TIMEOUT 3600 LABELS rt SKIP_RETURN_CODE 77)
endfunction()

add_executable(promise_threads promise/threads.c promise/stage.c promise/cases.c)
target_include_directories(promise_threads PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(promise_threads PRIVATE ${KM_LIBRARIES} Threads::Threads ${CMAKE_DL_LIBS} km_warnings m)
add_test(NAME promise_threads COMMAND promise_threads)
set_tests_properties(promise_threads PROPERTIES TIMEOUT 3600 LABELS rt)

if(ENABLE_ASAN OR ENABLE_TSAN OR ENABLE_FUZZ OR ENABLE_COVERAGE)
    km_promise(none) # What instruments the code calls the system itself: here it is the watch.
    return()
endif()

km_promise(faults)
km_promise(syscalls)
km_promise(preload)
target_compile_options(promise_preload PRIVATE -fno-builtin) # malloc is called where it is written.
if(TARGET kmidi-preload)
    add_dependencies(promise_preload kmidi-preload)
    set_property(TEST promise_preload promise_preload_control PROPERTY ENVIRONMENT "LD_PRELOAD=$<TARGET_FILE:kmidi-preload>")
endif()
if(FLUIDSYNTH_FOUND)
    target_sources(promise_preload PRIVATE promise/fluid_block.c)
    target_compile_definitions(promise_preload PRIVATE KM_HAS_FLUIDSYNTH)
    target_link_libraries(promise_preload PRIVATE PkgConfig::FLUIDSYNTH)
endif()

# RTSan's runtime; the compilers of Debian 12 cannot instrument for it, but it watches who links to it.
file(GLOB rtsan /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.rtsan-${CMAKE_SYSTEM_PROCESSOR}.a)
list(POP_BACK rtsan KM_RTSAN)
if(KM_RTSAN)
    km_promise(rtsan)
    target_compile_options(promise_rtsan PRIVATE -fno-builtin)
    target_link_libraries(promise_rtsan PRIVATE -Wl,--whole-archive ${KM_RTSAN} -Wl,--no-whole-archive stdc++)
    # It ends the program at the first event, and says which.
    set_tests_properties(promise_rtsan_control PROPERTIES PASS_REGULAR_EXPRESSION "real-time unsafe function `malloc`")
else()
    add_test(NAME promise_rtsan COMMAND ${CMAKE_COMMAND} -E echo "skipped: libclang-rt-19-dev is not installed")
    set_tests_properties(promise_rtsan PROPERTIES SKIP_REGULAR_EXPRESSION "^skipped: " LABELS rt)
endif()
