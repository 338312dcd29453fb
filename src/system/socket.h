// What each system has in its own way of sockets.
#pragma once

#include <sys/socket.h>

namespace weir {

/// For send(): no SIGPIPE where nobody reads any more. Where there is no such flag, `send_without_signal` sees to it.
#ifdef MSG_NOSIGNAL
inline constexpr int kNoSignal = MSG_NOSIGNAL;
#else
inline constexpr int kNoSignal = 0;
#endif

/// For each new socket that is sent to with kNoSignal. False: it takes no such option, as the other end has gone.
bool send_without_signal(int fd);

/// Whether the other end has closed a connection, or sends no more. Does not block. Where the system has no POLLRDHUP,
/// it may overlook an end that sends no more as long as something from it is still to be read.
bool other_end_has_closed(int fd);

}  // namespace weir
