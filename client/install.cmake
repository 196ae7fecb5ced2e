# What a program outside this tree needs: find_package(clacks) or pkg-config, then clacks::client.
# The static libraries below it are installed too; their headers are not, they are ours alone.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(clacks_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/clacks)
foreach(name client protocol asio url options)
    set_target_properties(clacks_${name} PROPERTIES EXPORT_NAME ${name})
    install(TARGETS clacks_${name} EXPORT clacks-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT client)
endforeach()
install(EXPORT clacks-targets NAMESPACE clacks:: DESTINATION ${clacks_package_dir}
    COMPONENT client)
install(DIRECTORY include/clacks DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT client)

write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/clacks-config-version.cmake
    COMPATIBILITY SameMinorVersion)
file(RELATIVE_PATH clacks_up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(clacks.pc.in ${CMAKE_CURRENT_BINARY_DIR}/clacks.pc @ONLY)
install(FILES clacks-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/clacks-config-version.cmake
    DESTINATION ${clacks_package_dir} COMPONENT client)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/clacks.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT client)
