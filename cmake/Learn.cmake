# Programs that learn what src/ holds as figures: `cmake --build build --target learn_keys`. Their headers say from what.
foreach(name IN ITEMS learn_keys learn_tempo)
    add_executable(${name} EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tools/${name}.c)
    target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tools)
    target_link_libraries(${name} PRIVATE ${KM_LIBRARIES} km_warnings Threads::Threads m)
endforeach()
