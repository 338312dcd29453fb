// Catch2's header under either of its major versions.
#pragma once
#ifdef WEIR_CATCH2_V3
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
