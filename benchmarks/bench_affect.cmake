# Counts what our code asks of the allocator.
target_link_options(bench_affect PRIVATE -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
target_link_libraries(bench_affect PRIVATE m) # The sanitizers' own malloc needs it.
