# Finds every library that weir needs. An error names the Debian package of a missing library.
macro(weir_find name package)
  find_package(${name} ${ARGN} QUIET)
  if(NOT ${name}_FOUND)
    message(FATAL_ERROR "weir needs ${name}; on Debian: apt-get install ${package}")
  endif()
endmacro()

weir_find(Threads libc6-dev)
weir_find(SQLite3 libsqlite3-dev)
weir_find(CLI11 libcli11-dev CONFIG)
weir_find(fmt libfmt-dev CONFIG)
weir_find(tl-expected libexpected-dev CONFIG)

# For WEIR_STATIC: finds a library's archive. The caller has to link the libraries that the archive needs.
function(weir_archive out name package)
  find_library(${out} NAMES "lib${name}.a")
  mark_as_advanced(${out})
  if(NOT ${out})
    message(FATAL_ERROR "WEIR_STATIC needs lib${name}.a; on Debian: apt-get install ${package}")
  endif()
endfunction()

# Since CMake 4.3 the target is SQLite3::SQLite3, and the earlier name is deprecated.
add_library(weir_sqlite INTERFACE)
if(WEIR_STATIC)
  weir_archive(SQLITE3_ARCHIVE sqlite3 libsqlite3-dev)
  target_include_directories(weir_sqlite SYSTEM INTERFACE ${SQLite3_INCLUDE_DIRS})
  target_link_libraries(weir_sqlite INTERFACE ${SQLITE3_ARCHIVE} m ${CMAKE_DL_LIBS} Threads::Threads)
elseif(TARGET SQLite3::SQLite3)
  target_link_libraries(weir_sqlite INTERFACE SQLite3::SQLite3)
else()
  target_link_libraries(weir_sqlite INTERFACE SQLite::SQLite3)
endif()

# Only xxHash's header is needed: its functions are inlined.
find_path(XXHASH_INCLUDE_DIR xxhash.h)
mark_as_advanced(XXHASH_INCLUDE_DIR)
if(NOT XXHASH_INCLUDE_DIR)
  message(FATAL_ERROR "weir needs xxHash; on Debian: apt-get install libxxhash-dev")
endif()
add_library(weir_xxhash INTERFACE)
target_include_directories(weir_xxhash SYSTEM INTERFACE ${XXHASH_INCLUDE_DIR})

# hiredis 0.14 exports no target, so it is found by its files.
find_path(HIREDIS_INCLUDE_DIR hiredis/hiredis.h)
find_library(HIREDIS_LIBRARY hiredis)
find_library(HIREDIS_SSL_LIBRARY hiredis_ssl)
mark_as_advanced(HIREDIS_INCLUDE_DIR HIREDIS_LIBRARY HIREDIS_SSL_LIBRARY)
if(NOT HIREDIS_INCLUDE_DIR OR NOT HIREDIS_LIBRARY)
  message(FATAL_ERROR "weir needs hiredis; on Debian: apt-get install libhiredis-dev")
endif()
add_library(weir_hiredis INTERFACE)
target_include_directories(weir_hiredis SYSTEM INTERFACE ${HIREDIS_INCLUDE_DIR})
if(WEIR_STATIC)
  weir_archive(HIREDIS_ARCHIVE hiredis libhiredis-dev)
  target_link_libraries(weir_hiredis INTERFACE ${HIREDIS_ARCHIVE})
else()
  target_link_libraries(weir_hiredis INTERFACE ${HIREDIS_LIBRARY})
endif()
# Since hiredis 1.0 its TLS is a library of its own. Without that library `rediss://` fails with an error that says so.
if(HIREDIS_SSL_LIBRARY)
  if(WEIR_STATIC)
    set(OPENSSL_USE_STATIC_LIBS ON)
    weir_archive(HIREDIS_SSL_ARCHIVE hiredis_ssl libhiredis-dev)
  endif()
  weir_find(OpenSSL libssl-dev)  # weir checks whose certificate the server has
  target_link_libraries(weir_hiredis INTERFACE $<IF:$<BOOL:${WEIR_STATIC}>,${HIREDIS_SSL_ARCHIVE},${HIREDIS_SSL_LIBRARY}>
    OpenSSL::SSL OpenSSL::Crypto)
  target_compile_definitions(weir_hiredis INTERFACE WEIR_HIREDIS_SSL)
endif()

# simdjson's sources are compiled in if WEIR_SIMDJSON_SOURCE names them, since Debian has no archive of simdjson.
# (scripts/simdjson-source gets the sources.) A shared simdjson is loaded when it is needed: see
# src/io/simdjson_library.h.
add_library(weir_simdjson INTERFACE)
if(WEIR_SIMDJSON_SOURCE)
  add_library(weir_simdjson_code STATIC "${WEIR_SIMDJSON_SOURCE}/simdjson.cpp")
  target_include_directories(weir_simdjson_code SYSTEM PUBLIC "${WEIR_SIMDJSON_SOURCE}")
  target_compile_options(weir_simdjson_code PRIVATE -w)
  target_link_libraries(weir_simdjson_code PRIVATE weir_options)
  target_link_libraries(weir_simdjson INTERFACE weir_simdjson_code)
else()
  weir_find(simdjson libsimdjson-dev CONFIG)
  get_target_property(weir_simdjson_type simdjson::simdjson TYPE)
endif()
if(weir_simdjson_type STREQUAL "SHARED_LIBRARY")
  target_include_directories(weir_simdjson SYSTEM INTERFACE
    $<TARGET_PROPERTY:simdjson::simdjson,INTERFACE_INCLUDE_DIRECTORIES>)
  target_compile_definitions(weir_simdjson INTERFACE
    $<TARGET_PROPERTY:simdjson::simdjson,INTERFACE_COMPILE_DEFINITIONS>
    WEIR_SIMDJSON_SONAME="$<TARGET_SONAME_FILE_NAME:simdjson::simdjson>")
  target_link_libraries(weir_simdjson INTERFACE ${CMAKE_DL_LIBS})
elseif(weir_simdjson_type)
  target_link_libraries(weir_simdjson INTERFACE simdjson::simdjson)
endif()

# `weir top` needs curses. The archive is preferred, since every command would load and bind a shared library.
find_path(CURSES_INCLUDE_DIR curses.h)
find_library(CURSES_ARCHIVE libncursesw.a)
find_library(TINFO_ARCHIVE libtinfo.a)
find_library(CURSES_LIBRARY ncursesw)
find_library(TINFO_LIBRARY tinfo)
mark_as_advanced(CURSES_INCLUDE_DIR CURSES_ARCHIVE TINFO_ARCHIVE CURSES_LIBRARY TINFO_LIBRARY)
if(NOT CURSES_INCLUDE_DIR OR NOT CURSES_LIBRARY)
  message(FATAL_ERROR "weir needs ncursesw; on Debian: apt-get install libncurses-dev")
endif()
add_library(weir_curses INTERFACE)
target_include_directories(weir_curses SYSTEM INTERFACE ${CURSES_INCLUDE_DIR})
if(CURSES_ARCHIVE AND TINFO_ARCHIVE)
  target_link_libraries(weir_curses INTERFACE ${CURSES_ARCHIVE} ${TINFO_ARCHIVE} ${CMAKE_DL_LIBS})
else()
  target_link_libraries(weir_curses INTERFACE ${CURSES_LIBRARY} $<$<BOOL:${TINFO_LIBRARY}>:${TINFO_LIBRARY}>)
endif()
