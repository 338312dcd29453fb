#include <csignal>

#include "cli/program.h"
#include "cli/run/stop_signals.h"
#include "system/standard_descriptors.h"

int main(int argc, char** argv) {
  weir::open_standard_descriptors();
  // At the limit for file sizes (ulimit -f), the failing write is reported. The signal would end the process without a
  // word.
  std::signal(SIGXFSZ, SIG_IGN);
  const int status = weir::cli::run(argc, argv);
  weir::cli::end_by_stop_signal();
  return status;
}
