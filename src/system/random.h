// Numbers of chance. std::random_device would do, but it throws, and ties a static program to glibc 2.36.
#pragma once

#include <cstdint>
#include <string>

namespace weir {

/// One that nobody can foresee; where the system has none to give, one that differs from process to process and from
/// moment to moment. Threads: any.
std::uint32_t random_number();

/// 32 characters that nothing else is called. Threads: any.
std::string random_name();

}  // namespace weir
