#include "system/system_reason.h"

#include <cerrno>

#include "catch.h"

namespace weir::test {

TEST_CASE("a limit is named, anything else is what the system says, unknown numbers too") {
  CHECK(system_reason(EMFILE) == "too many files are open in this process (ulimit -n)");
  CHECK(system_reason(ENOENT) == "No such file or directory");
  CHECK_FALSE(system_reason(99'999).empty());
}

}  // namespace weir::test
