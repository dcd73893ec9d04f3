target_link_libraries(km_groove PRIVATE PkgConfig::JANSSON) # Templates are read from JSON: docs/decisions/0002-jansson.md.
