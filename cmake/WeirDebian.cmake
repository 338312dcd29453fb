# CPack runs this before it packs. It does what only Debian asks of a package.
if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()
set(share "${CPACK_TEMPORARY_DIRECTORY}${CPACK_PACKAGING_INSTALL_PREFIX}/share")
set(doc "${share}/doc/${CPACK_PACKAGE_NAME}")

# Debian's zsh looks for the completions of packages in this folder.
file(RENAME "${share}/zsh/site-functions" "${share}/zsh/vendor-completions")

# Debian calls the upstream changelog "changelog", and wants a changelog of its own, which points to it.
file(STRINGS "${doc}/CHANGELOG.md" released REGEX "^## ${CPACK_PACKAGE_VERSION} \\([0-9-]+\\)$")
if(released MATCHES "([0-9]+)-([0-9]+)-([0-9]+)\\)$")
  set(day "${CMAKE_MATCH_1}-${CMAKE_MATCH_2}-${CMAKE_MATCH_3}")
else()
  string(TIMESTAMP day "%Y-%m-%d" UTC)
endif()
execute_process(COMMAND date --utc --rfc-email "--date=${day}T12:00Z" OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
file(WRITE "${doc}/changelog.Debian" "${CPACK_PACKAGE_NAME} (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * Version ${CPACK_PACKAGE_VERSION}: changelog.gz says what is new.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
file(RENAME "${doc}/CHANGELOG.md" "${doc}/changelog")
file(GLOB texts "${share}/man/man*/*.[0-9]" "${doc}/changelog*")
execute_process(COMMAND gzip --best --no-name ${texts} COMMAND_ERROR_IS_FATAL ANY)

# Libraries that are linked into the program keep their licences.
foreach(package libcli11-dev libexpected-dev libfmt-dev libncurses-dev libxxhash-dev)
  if(EXISTS "/usr/share/doc/${package}/copyright")
    file(READ "/usr/share/doc/${package}/copyright" licence)
    string(REGEX REPLACE "-dev$" "" library "${package}")
    file(APPEND "${doc}/copyright" "\n\nThe program has parts of ${library} inside:\n\n${licence}")
  endif()
endforeach()

# Complaints that lintian is to ignore, and why.
file(WRITE "${share}/lintian/overrides/${CPACK_PACKAGE_NAME}" "# Only weir top needs it. A shared one would be loaded by every command, most of which take a few milliseconds.
${CPACK_PACKAGE_NAME}: embedded-library ncurses *
# It is not in Debian's archive, so nobody has asked there for it.
${CPACK_PACKAGE_NAME}: initial-upload-closes-no-bugs *
")
file(CHMOD_RECURSE "${share}/lintian" "${doc}" "${share}/man"
  FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ
  DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
