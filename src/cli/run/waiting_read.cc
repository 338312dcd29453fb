#include "cli/run/waiting_read.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "io/output.h"
#include "redis/wire/url.h"
#include "stream/unhurried.h"
#include "system/output_reader.h"

namespace weir::cli {

Result<bool> has_reader(const Session& session) {
  // With --quiet nothing is written, as only the exit status is asked for.
  const int why = session.arguments.options.has("--quiet") ? 0 : why_unwritable(STDOUT_FILENO);
  if (why == 0) {
    return true;
  }
  struct sigaction pipe {};
  if (why == EPIPE && ::sigaction(SIGPIPE, nullptr, &pipe) == 0 && pipe.sa_handler != SIG_IGN) {
    stop_by(SIGPIPE);
    return false;
  }
  return fail(Failure::store, io::output_failure(why).message);  // without the cause, as nothing was taken
}

WaitingReads::~WaitingReads() {
  if (watches_) {
    set_interrupt(-1);
  }
}

void WaitingReads::watch() {
  if (std::exchange(watches_, true)) {
    return;
  }
  // Reads of a file notice signals by themselves.
  const int stop = redis::is_server(session_.settings.database) ? stop_descriptor() : -1;
  if (!session_.arguments.options.has("--quiet")) {
    output_gone_ = watch_reader(STDOUT_FILENO, stop);
  }
  set_interrupt(output_gone_ ? output_gone_.get() : stop);
}

void WaitingReads::set_interrupt(int fd) {
  if (auto* unhurried = dynamic_cast<Unhurried*>(&store_)) {
    unhurried->set_slow_interrupt(fd);
  } else {
    store_.set_interrupt(fd);
  }
}

}  // namespace weir::cli
