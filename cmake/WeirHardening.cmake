# Makes a memory error end the program rather than help an attacker. tests/package/hardening.py checks the binary.
include(CheckCXXCompilerFlag)
include(CheckCXXSourceCompiles)
include(CheckPIESupported)

check_pie_supported(LANGUAGES CXX)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
target_compile_options(weir_options INTERFACE -fstack-protector-strong)
if(NOT APPLE)  # Apple's linker does not know the option
  target_link_options(weir_options INTERFACE -Wl,-z,relro,-z,now)
endif()
check_cxx_compiler_flag(-fcf-protection WEIR_HAVE_CF_PROTECTION)
if(WEIR_HAVE_CF_PROTECTION)
  target_compile_options(weir_options INTERFACE -fcf-protection)
endif()
# The same protection on ARM. On other processors clang accepts this option, but warns in each file.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  check_cxx_compiler_flag(-mbranch-protection=standard WEIR_HAVE_BRANCH_PROTECTION)
endif()
if(WEIR_HAVE_BRANCH_PROTECTION)
  target_compile_options(weir_options INTERFACE -mbranch-protection=standard)
endif()
# _FORTIFY_SOURCE needs optimisation; the sanitizers find the same errors and more. A level that a packager's flags or
# the compiler itself set is kept: it may be higher.
string(TOUPPER "${CMAKE_BUILD_TYPE}" weir_config)
set(weir_flags "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${weir_config}}")
if(NOT WEIR_SANITIZE AND NOT weir_flags MATCHES "_FORTIFY_SOURCE")
  set(CMAKE_REQUIRED_FLAGS -O2)
  check_cxx_source_compiles("#ifndef _FORTIFY_SOURCE\n#error none\n#endif\nint main() {}" WEIR_COMPILER_FORTIFIES)
  unset(CMAKE_REQUIRED_FLAGS)
  if(NOT WEIR_COMPILER_FORTIFIES)
    target_compile_options(weir_options INTERFACE $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
  endif()
endif()
