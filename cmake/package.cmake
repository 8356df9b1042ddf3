# What belongs into the Debian package, by place, and how CPack makes it; `./dev package` calls it.
# The scripts of the package are in packaging/debian.

# `cpack` takes what was built: the program alone, whatever else there is to build.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

# All that the loader resolves, it resolves at the start and then closes.
target_link_options(assembly-sync PRIVATE $<$<CONFIG:Release>:-Wl,-z,relro,-z,now>)

install(TARGETS assembly-sync RUNTIME DESTINATION usr/bin)

install(FILES systemd/assembly-sync.service systemd/assembly-sync@.service
        DESTINATION lib/systemd/system)
install(FILES systemd/assembly-sync.sysusers DESTINATION usr/lib/sysusers.d
        RENAME assembly-sync.conf)

install(FILES packaging/completions/assembly-sync.bash
        DESTINATION usr/share/bash-completion/completions RENAME assembly-sync)
install(FILES packaging/completions/_assembly-sync DESTINATION usr/share/zsh/vendor-completions)

# Documents stand to each other as in the sources, so that their links lead somewhere.
set(package_doc usr/share/doc/assembly-sync)
install(FILES README.md ARCHITECTURE.md config.example.yaml DESTINATION ${package_doc})
install(DIRECTORY docs DESTINATION ${package_doc})
install(DIRECTORY connectors/presets DESTINATION ${package_doc}/examples FILES_MATCHING PATTERN *.yaml)
install(FILES packaging/debian/copyright DESTINATION ${package_doc})
install(FILES packaging/debian/lintian-overrides DESTINATION usr/share/lintian/overrides
        RENAME assembly-sync)
install(CODE "set(source \"${PROJECT_SOURCE_DIR}\")")
install(SCRIPT cmake/package_files.cmake)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME assembly-sync)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The assembly-sync maintainers <maintainers@assembly-sync.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "keeps Assembly true to a company's CRM")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"A daemon that brings companies, people and usage from a CRM, a database,
files or webhooks into the customer-success product Assembly. A mapping in
YAML says what becomes of what.
.
It sends differences only, never more than 30 calls a second; what was
received is on disk before it is acknowledged, and each record ends visibly.")
set(CPACK_PACKAGING_INSTALL_PREFIX /)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS ${CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS})
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
# Libraries by what is linked; beside them: certificates to believe, time zones, and systemd for user
# and folders, also where it does not run.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ca-certificates, systemd (>= 252), tzdata")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "nginx | caddy")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${PROJECT_SOURCE_DIR}/packaging/debian/postinst ${PROJECT_SOURCE_DIR}/packaging/debian/prerm
    ${PROJECT_SOURCE_DIR}/packaging/debian/postrm)
include(CPack)
