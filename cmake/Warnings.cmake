# Warnings for our own code. New compilers add warnings, so a warning is an error only where KM_WERROR is ON (CI).
add_library(km_warnings INTERFACE)
target_compile_options(km_warnings INTERFACE $<$<COMPILE_LANGUAGE:C>:
    -Wall -Wextra -Wpedantic
    -Wconversion -Wsign-conversion -Wfloat-conversion -Wdouble-promotion
    -Wshadow -Wundef -Wvla -Wcast-qual -Wcast-align -Wpointer-arith -Wwrite-strings
    -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
    -Wformat=2 -Wimplicit-fallthrough -Wswitch-enum>
    # What gcc's sanitizers insert into a shift hides the range of its result: the other builds check conversions.
    $<$<AND:$<C_COMPILER_ID:GNU>,$<BOOL:${ENABLE_ASAN}>>:-Wno-conversion -Wno-sign-conversion>
    $<$<C_COMPILER_ID:GNU>:$<$<COMPILE_LANGUAGE:C>:-Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wnull-dereference -Wtrampolines>>
    $<$<C_COMPILER_ID:Clang>:$<$<COMPILE_LANGUAGE:C>:-Wcomma -Wunreachable-code -Wthread-safety>>
    $<$<BOOL:${KM_WERROR}>:-Werror>)
