# The peers of bench_ring: each is compared with where it is installed. Instrumented builds go without the one in C++: their
# figures mean nothing, and gcc's thread sanitizer refuses its fences.
target_compile_definitions(bench_ring PRIVATE _GNU_SOURCE) # Affinity of threads.
include(CheckLanguage)
check_language(CXX)
if(CMAKE_CXX_COMPILER AND NOT (ENABLE_ASAN OR ENABLE_TSAN OR ENABLE_COVERAGE))
    enable_language(CXX)
    find_path(READERWRITERQUEUE_INCLUDE_DIR readerwriterqueue/readerwriterqueue.h)
    if(READERWRITERQUEUE_INCLUDE_DIR)
        target_sources(bench_ring PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/bench_ring_moodycamel.cpp)
        target_include_directories(bench_ring SYSTEM PRIVATE ${READERWRITERQUEUE_INCLUDE_DIR})
        target_compile_definitions(bench_ring PRIVATE BENCH_RING_MOODYCAMEL)
    endif()
endif()
pkg_check_modules(JACK IMPORTED_TARGET jack)
if(JACK_FOUND)
    target_link_libraries(bench_ring PRIVATE PkgConfig::JACK)
    target_compile_definitions(bench_ring PRIVATE BENCH_RING_JACK)
endif()
