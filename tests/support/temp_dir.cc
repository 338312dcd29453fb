#include "support/temp_dir.h"

#include <unistd.h>

#include <atomic>

namespace weir::test {

TempDir::TempDir() {
  static std::atomic<int> next = 0;
  path_ = std::filesystem::path(WEIR_TEST_DIR) / (std::to_string(getpid()) + "." + std::to_string(next++));
  std::filesystem::create_directories(path_);
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace weir::test
