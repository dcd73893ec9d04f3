# The rules of the text, and that each rule catches what it should. They need no build: ./check runs them first.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND)
    add_test(NAME check_layers COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/tools/check_layers.py ${CMAKE_SOURCE_DIR}/src)
    add_test(NAME check_layers_test COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tools/test_check_layers.py)
    add_test(NAME check_source COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/tools/check_source.py)
    add_test(NAME check_source_test COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tools/test_check_source.py)
    set_tests_properties(check_layers check_layers_test check_source check_source_test PROPERTIES LABELS source)
endif()
