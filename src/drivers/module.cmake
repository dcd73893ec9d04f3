target_link_libraries(km_drivers PUBLIC Threads::Threads) # The audio thread's priority.
