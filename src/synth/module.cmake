# The table of the 7-point interpolation, made by a small program during the build.
add_executable(generate_sinc_table ${CMAKE_SOURCE_DIR}/tools/generate_sinc_table.c)
target_link_libraries(generate_sinc_table PRIVATE km_base km_warnings)
set(KM_SINC_TABLE ${CMAKE_BINARY_DIR}/generated/synth/sinc_table.inc)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated/synth)
add_custom_command(OUTPUT ${KM_SINC_TABLE}
    COMMAND generate_sinc_table ${KM_SINC_TABLE}
    DEPENDS generate_sinc_table
    COMMENT "Weighing the taps of the 7-point interpolation" VERBATIM)
target_sources(km_synth PRIVATE ${KM_SINC_TABLE})
