# What `cmake --install` and cpack put where: the command, libkmidi (shared and static), its headers, pkg-config and CMake
# package files, man pages, bash completion and documents. Paths inside are relative, so that a tree may be moved.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# libkmidi: every module's objects, compiled once, in one library. Only km_ names leave the shared one.
set(objects "")
foreach(module IN LISTS KM_MODULES)
    get_target_property(type km_${module} TYPE)
    if(NOT type STREQUAL "INTERFACE_LIBRARY")
        list(APPEND objects $<TARGET_OBJECTS:km_${module}>)
    endif()
endforeach()
foreach(kind shared static)
    string(TOUPPER ${kind} type)
    add_library(kmidi_${kind} ${type} ${objects})
    set_target_properties(kmidi_${kind} PROPERTIES OUTPUT_NAME kmidi LINKER_LANGUAGE C
        VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
    target_include_directories(kmidi_${kind} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/kmidi>) # Our headers include each other as "base/status.h".
    target_link_libraries(kmidi_${kind} PRIVATE jansson m ${CMAKE_DL_LIBS} ${CMAKE_THREAD_LIBS_INIT})
endforeach()
set_target_properties(kmidi_shared PROPERTIES EXPORT_NAME kmidi)
target_link_options(kmidi_shared PRIVATE -Wl,--version-script=${CMAKE_CURRENT_LIST_DIR}/kmidi.map -Wl,--as-needed)
set_property(TARGET kmidi_shared APPEND PROPERTY LINK_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/kmidi.map)

install(TARGETS kmidi RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT kmidi)
install(TARGETS kmidi_shared EXPORT kmidi
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT libkmidi0 NAMELINK_COMPONENT libkmidi-dev)
install(TARGETS kmidi_static EXPORT kmidi-static ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT libkmidi-dev)

# Headers, but not apps' and not those that end in _private.h; and the tables that they include.
install(CODE "set(KM_SOURCE_DIR \"${CMAKE_SOURCE_DIR}/src\")
set(KM_HEADERS_DIR \"${CMAKE_INSTALL_INCLUDEDIR}/kmidi\")
set(KM_HEADER_MODULES \"${KM_MODULES}\")" COMPONENT libkmidi-dev)
install(SCRIPT ${CMAKE_CURRENT_LIST_DIR}/InstallHeaders.cmake COMPONENT libkmidi-dev)

# For pkg-config and for find_package(kmidi).
file(RELATIVE_PATH KM_PREFIX_FROM_PKGCONFIG ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(${CMAKE_CURRENT_LIST_DIR}/kmidi.pc.in ${CMAKE_BINARY_DIR}/generated/kmidi.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/generated/kmidi.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT libkmidi-dev)
set(packagedir ${CMAKE_INSTALL_LIBDIR}/cmake/kmidi)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/kmidiConfig.cmake.in ${CMAKE_BINARY_DIR}/generated/kmidiConfig.cmake
    INSTALL_DESTINATION ${packagedir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/generated/kmidiConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/generated/kmidiConfig.cmake ${CMAKE_BINARY_DIR}/generated/kmidiConfigVersion.cmake
    DESTINATION ${packagedir} COMPONENT libkmidi-dev)
install(EXPORT kmidi NAMESPACE kmidi:: FILE kmidiTargets.cmake DESTINATION ${packagedir} COMPONENT libkmidi-dev)
install(EXPORT kmidi-static NAMESPACE kmidi:: FILE kmidiStaticTargets.cmake DESTINATION ${packagedir} COMPONENT libkmidi-dev)

# Man pages and completion come from the same tables as the command line: the program writes them itself.
file(STRINGS ${CMAKE_SOURCE_DIR}/src/apps/commands.def commands REGEX "^KM_COMMAND\\(")
file(STRINGS ${CMAKE_SOURCE_DIR}/src/apps/groups.def groups REGEX "^KM_GROUP\\(")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/apps/commands.def
    ${CMAKE_SOURCE_DIR}/src/apps/groups.def)
list(APPEND commands ${groups})
list(TRANSFORM commands REPLACE "^KM_[A-Z]+\\(([a-z_]+).*" "\\1")
list(TRANSFORM commands REPLACE "_" "-") # midi_scan is called "midi scan", and its page kmidi-midi-scan.
set(mandir ${CMAKE_BINARY_DIR}/man)
file(MAKE_DIRECTORY ${mandir})
set(pages "")
foreach(command "" ${commands})
    string(REGEX REPLACE "-$" "" page ${mandir}/kmidi-${command})
    set(page ${page}.1)
    add_custom_command(OUTPUT ${page}.gz
        COMMAND kmidi help --man ${command} > ${page}
        COMMAND gzip -n -9 -f ${page}
        DEPENDS kmidi VERBATIM)
    list(APPEND pages ${page}.gz)
endforeach()
set(completion ${CMAKE_BINARY_DIR}/completion/kmidi)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/completion)
add_custom_command(OUTPUT ${completion} COMMAND kmidi help --completion bash > ${completion} DEPENDS kmidi VERBATIM)
add_custom_target(kmidi_documents ALL DEPENDS ${pages} ${completion})
install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT kmidi)
install(FILES ${completion} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT kmidi)

foreach(component kmidi kmidi-modules libkmidi0 libkmidi-dev)
    install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${component} RENAME copyright COMPONENT ${component})
    install(FILES ${CMAKE_SOURCE_DIR}/CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${component} COMPONENT ${component})
endforeach()
install(FILES ${CMAKE_SOURCE_DIR}/README.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/kmidi COMPONENT kmidi OPTIONAL)
install(DIRECTORY docs/examples DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libkmidi-dev COMPONENT libkmidi-dev OPTIONAL)
if(EXISTS ${CMAKE_SOURCE_DIR}/models)
    install(DIRECTORY models DESTINATION ${CMAKE_INSTALL_DATADIR}/kmidi COMPONENT kmidi)
endif()

include(cmake/Package.cmake)
