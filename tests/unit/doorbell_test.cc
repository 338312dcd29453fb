#include "system/doorbell.h"

#include <fcntl.h>
#include <unistd.h>

#include "catch.h"
#include "support/temp_dir.h"
#include "system/fd.h"

namespace weir::test {

TEST_CASE("A bell whose file is cut while somebody listens can be left", "[doorbell]") {
  const TempDir folder;
  const Fd file(open(folder.path("bell").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  REQUIRE(ftruncate(file.get(), 4096) == 0);
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const Fd interrupt(ends[0]);
  const Fd other_end(ends[1]);
  Doorbell bell(file.get(), 0);
  bell.listen();
  CHECK(bell.wait(std::chrono::milliseconds(50), interrupt.get()) == Doorbell::Heard::nothing);
  REQUIRE(ftruncate(file.get(), 0) == 0);
  CHECK(bell.wait(std::chrono::milliseconds(1), interrupt.get()) == Doorbell::Heard::nothing);
}

}  // namespace weir::test
