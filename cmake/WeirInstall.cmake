# Where `cmake --install` and the Debian package put the files.
include(GNUInstallDirs)

install(TARGETS weir RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
file(GLOB weir_pages_1 CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/man/*.1")
file(GLOB weir_pages_5 CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/man/*.5")
install(FILES ${weir_pages_1} DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
install(FILES ${weir_pages_5} DESTINATION "${CMAKE_INSTALL_MANDIR}/man5")
# Each command that a page describes gets its own page name, too: `man weir-xadd`.
foreach(page ${weir_pages_1})
  cmake_path(GET page FILENAME page_name)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${page}")
  file(STRINGS "${page}" names REGEX "^\\.Nm weir-[a-z]+( ,)?$")
  foreach(name ${names})
    string(REGEX REPLACE "^\\.Nm (weir-[a-z]+).*$" "\\1" name "${name}")
    if(NOT EXISTS "${PROJECT_SOURCE_DIR}/man/${name}.1")
      file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/man/${name}.1" CONTENT ".so man1/${page_name}\n")
      install(FILES "${PROJECT_BINARY_DIR}/man/${name}.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
    endif()
  endforeach()
endforeach()
install(FILES README.md CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY examples DESTINATION "${CMAKE_INSTALL_DOCDIR}" USE_SOURCE_PERMISSIONS)
# Debian keeps licences under the name "copyright".
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" RENAME copyright)

# Completions go where the shells look. zsh on Debian has one folder for packages and another for programs installed by
# hand. Which one is right depends on the prefix, which is known only at installation. install.sh does the same.
install(FILES completions/weir.bash DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME weir)
install(FILES completions/weir.fish DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
install(CODE "
  set(weir_completions \"${PROJECT_SOURCE_DIR}/completions\")
  set(weir_zsh_folder \"${CMAKE_INSTALL_DATADIR}/zsh/site-functions\")")
install(CODE [[
  cmake_path(ABSOLUTE_PATH weir_zsh_folder BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}")
  if(weir_zsh_folder STREQUAL "/usr/share/zsh/site-functions" AND IS_DIRECTORY "$ENV{DESTDIR}/usr/share/zsh/vendor-completions")
    set(weir_zsh_folder /usr/share/zsh/vendor-completions)
  endif()
  file(INSTALL "${weir_completions}/_weir" DESTINATION "${weir_zsh_folder}")
]])

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME weir)
# Debian's tools take the maintainer from these variables, so this build does too.
set(weir_maintainer "The weir authors <authors@weir.invalid>")
if(DEFINED ENV{DEBFULLNAME} AND DEFINED ENV{DEBEMAIL})
  set(weir_maintainer "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
endif()
set(WEIR_MAINTAINER "${weir_maintainer}" CACHE STRING "Who maintains the Debian package: \"Name <address>\"")
set(CPACK_PACKAGE_CONTACT "${WEIR_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Redis Streams in a file, from the shell")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "Message queues for shell scripts and cron jobs, in one SQLite database,
with one program and no server. Producers append messages, as arguments
or as JSON lines. Groups of workers share them, acknowledge what they have
done, and take over what a dead worker left. Commands, arguments, IDs and
replies are those of Redis Streams.")
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/cmake/WeirDebian.cmake")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
# dpkg-shlibdeps finds libraries that are linked, but simdjson is loaded by name: see src/io/simdjson_library.h.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
if(weir_simdjson_type STREQUAL "SHARED_LIBRARY")
  get_target_property(weir_simdjson_file simdjson::simdjson LOCATION)
  file(REAL_PATH "${weir_simdjson_file}" weir_simdjson_file)
  string(REGEX REPLACE "^.*\\.so\\.([0-9]+).*$" "libsimdjson\\1" weir_simdjson_package "${weir_simdjson_file}")
  set(CPACK_DEBIAN_PACKAGE_DEPENDS "${weir_simdjson_package}, libsqlite3-0 (>= 3.38)")
endif()
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "bash-completion, jq, sqlite3")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_VERBATIM_VARIABLES ON)
include(CPack)
