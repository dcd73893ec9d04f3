target_link_libraries(km_session PRIVATE PkgConfig::JANSSON) # Plans are read from JSON: docs/decisions/0002-jansson.md.
