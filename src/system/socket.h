// Socket functions that differ between systems.
#pragma once

#include <sys/socket.h>

namespace weir {

/// A flag for send(): no SIGPIPE if the other end is closed. On systems without the flag, use `send_without_signal`.
#ifdef MSG_NOSIGNAL
inline constexpr int kNoSignal = MSG_NOSIGNAL;
#else
inline constexpr int kNoSignal = 0;
#endif

/// Call this for each new socket that is used with kNoSignal. False: the socket refused the option, since the other end
/// is gone.
bool send_without_signal(int fd);

/// Whether the other end has closed the connection, or will send no more. Does not block. Without POLLRDHUP, an end
/// that will send no more may be noticed only once all its data is read.
bool other_end_has_closed(int fd);

}  // namespace weir
