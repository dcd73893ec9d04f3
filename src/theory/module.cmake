# The table of chords by their notes, made from chords.def by a small program during the build.
add_executable(generate_chord_table ${CMAKE_SOURCE_DIR}/tools/generate_chord_table.c)
target_include_directories(generate_chord_table PRIVATE ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(generate_chord_table PRIVATE km_warnings)
set(KM_CHORD_TABLE ${CMAKE_BINARY_DIR}/generated/theory/chord_table.inc)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated/theory)
add_custom_command(OUTPUT ${KM_CHORD_TABLE}
    COMMAND generate_chord_table ${KM_CHORD_TABLE}
    DEPENDS generate_chord_table ${CMAKE_SOURCE_DIR}/src/theory/chords.def ${CMAKE_SOURCE_DIR}/src/theory/likelihoods.def
    COMMENT "Naming the chord of every set of pitch classes" VERBATIM)
target_sources(km_theory PRIVATE ${KM_CHORD_TABLE})
