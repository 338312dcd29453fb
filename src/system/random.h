// Random numbers. Not std::random_device, since it throws, and ties a static program to glibc 2.36.
#pragma once

#include <cstdint>
#include <string>

namespace weir {

/// A number that nobody can predict. If the system gives none, a number that differs between processes and moments.
/// Threads: any.
std::uint32_t random_number();

/// A name of 32 random characters, which nothing else has. Threads: any.
std::string random_name();

}  // namespace weir
