#include "server/listening.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>

#include "system/folder.h"
#include "system/pipe.h"
#include "system/system_reason.h"
#include "text/numbers.h"

namespace weir::server {
namespace {

constexpr int kBacklog = 511;
constexpr const char* kHint = "write unix:PATH, 127.0.0.1:PORT or [::1]:PORT";

tl::unexpected<Error> cannot_listen(const std::string& place, int code) {
  return fail(Failure::store, "cannot listen on " + place + ": " + system_reason(code));
}

Fd make_socket(int family) {
  Fd fd(::socket(family, SOCK_STREAM, 0));
  if (fd) {
    ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
    set_nonblocking(fd.get());
  }
  return fd;
}

bool is_loopback(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    constexpr std::uint32_t kNet = 127;
    constexpr int kBits = 24;
    return ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr) >> kBits == kNet;
  }
  return address.ss_family == AF_INET6 &&
         IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
}

/// Whether a socket file was left behind: no process has the socket open. If we cannot try it, because it has another
/// type or another user owns it, we take it as in use.
bool is_left_behind(const sockaddr_un& address) {
  const Fd fd = make_socket(AF_UNIX);
  return fd && ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
         errno == ECONNREFUSED;
}

Result<void> remove_left_behind(const std::string& path, const sockaddr_un& address) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) {
    return {};
  }
  if (!S_ISSOCK(found.st_mode)) {
    return fail(Failure::store, "cannot listen on unix:" + path + ": there is something else of that name",
                "name another with --listen unix:PATH");
  }
  if (!is_left_behind(address)) {
    return fail(Failure::store, "cannot listen on unix:" + path + ": somebody serves there already",
                "one server does for any number of clients; or name another with --listen unix:PATH");
  }
  return ::unlink(path.c_str()) == 0 || errno == ENOENT ? Result<void>() : cannot_listen("unix:" + path, errno);
}

/// Waits while another server starts, but for one second only, in case a process keeps the lock.
Fd lock_for_a_moment(const std::string& folder) {
  constexpr int kTries = 100;
  constexpr int kBetweenMs = 10;
  Fd fd = Fd::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (int i = 0; fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && i < kTries; ++i) {
    ::poll(nullptr, 0, kBetweenMs);
  }
  return fd;
}

}  // namespace

Listener::Listener(Listener&& other) noexcept
    : fd_(std::move(other.fd_)),
      place_(std::move(other.place_)),
      port_(other.port_),
      path_(std::exchange(other.path_, {})),
      device_(other.device_),
      inode_(other.inode_) {}

Listener::~Listener() {
  struct stat found {};
  if (!path_.empty() && ::lstat(path_.c_str(), &found) == 0 && found.st_dev == device_ && found.st_ino == inode_) {
    ::unlink(path_.c_str());
  }
}

Result<Listener> Listener::open(const std::string& place, bool guarded) {
  constexpr std::string_view kUnix = "unix:";
  if (place.starts_with(kUnix)) {
    return open_unix(place.substr(kUnix.size()));
  }
  const std::size_t colon = place.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt : whole_number<std::uint16_t>(place.substr(colon + 1));
  std::string host = place.substr(0, colon == std::string::npos ? 0 : colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string::npos) {
    host.clear();
  }
  if (!port || host.empty()) {
    return fail(Failure::usage, "'" + place + "' is no place to listen on", kHint);
  }
  return open_tcp(place, host, std::to_string(*port), guarded);
}

Result<Listener> Listener::open_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty()) {
    return fail(Failure::usage, "'unix:' names no socket", kHint);
  }
  if (path.size() >= sizeof address.sun_path) {
    return fail(Failure::usage,
                "the name of the socket " + path + " is longer than the system allows, which is " +
                    std::to_string(sizeof address.sun_path - 1) + " bytes",
                "name a shorter one with --listen unix:PATH");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  // Of two servers that start at the same time, neither may take the other's new socket file for one left behind.
  const Fd lock = lock_for_a_moment(folder_of(path));
  WEIR_TRY(remove_left_behind(path, address));
  Listener listener;
  listener.fd_ = make_socket(AF_UNIX);
  listener.place_ = "unix:" + path;
  if (!listener.fd_) {
    return cannot_listen(listener.place_, errno);
  }
  constexpr mode_t kOwner = 0600;
  ::fchmod(listener.fd_.get(), kOwner);  // on Linux this sets the mode of the socket file from the moment it exists
  if (::bind(listener.fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return cannot_listen(listener.place_, errno);
  }
  struct stat made {};
  if (::lstat(path.c_str(), &made) == 0) {
    listener.path_ = path;
    listener.device_ = made.st_dev;
    listener.inode_ = made.st_ino;
  }
  if (::chmod(path.c_str(), kOwner) != 0 || ::listen(listener.fd_.get(), kBacklog) != 0) {
    return cannot_listen(listener.place_, errno);
  }
  return listener;
}

Result<Listener> Listener::open_tcp(const std::string& place, const std::string& host, const std::string& port,
                                    bool guarded) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV | (host == "localhost" ? 0 : AI_NUMERICHOST);
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); code != 0) {
    return fail(Failure::usage, "'" + host + "' is no address: " + ::gai_strerror(code), kHint);
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
  Listener listener;
  listener.fd_ = make_socket(found->ai_family);
  if (!listener.fd_) {
    return cannot_listen(place, errno);
  }
  const int on = 1;
  ::setsockopt(listener.fd_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (found->ai_family == AF_INET6) {
    ::setsockopt(listener.fd_.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  if (::bind(listener.fd_.get(), found->ai_addr, found->ai_addrlen) != 0) {
    return cannot_listen(place, errno);
  }
  WEIR_TRY(listener.look_at_name(guarded));
  if (::listen(listener.fd_.get(), kBacklog) != 0) {
    return cannot_listen(place, errno);
  }
  return listener;
}

Result<Listener> Listener::adopt(Fd fd, bool guarded) {
  Listener listener;
  listener.fd_ = std::move(fd);
  ::fcntl(listener.fd_.get(), F_SETFD, FD_CLOEXEC);
  set_nonblocking(listener.fd_.get());
  int listens = 0;
  socklen_t size = sizeof listens;
  if (::getsockopt(listener.fd_.get(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0) {
    return fail(Failure::store, "what was handed over is not a socket that is listened on",
                "in the unit of systemd, write ListenStream=, and leave Accept= out");
  }
  WEIR_TRY(listener.look_at_name(guarded));
  return listener;
}

Result<void> Listener::look_at_name(bool guarded) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size);
  place_ = address_of(fd_.get(), false);
  if (address.ss_family == AF_UNIX) {
    place_ = "unix:" + place_.substr(0, place_.size() - 2);
    return {};
  }
  port_ = ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                              : reinterpret_cast<const sockaddr_in&>(address).sin_port);
  if (!is_loopback(address) && !guarded) {
    return fail(Failure::usage, "other machines can reach " + place_ + ": that needs a password",
                "write --password-file FILE, or listen on 127.0.0.1");
  }
  return {};
}

std::string address_of(int fd, bool peer) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  const int code = peer ? ::getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size)
                        : ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  if (code != 0) {
    return "?:0";
  }
  if (address.ss_family == AF_UNIX && peer) {
    return address_of(fd, false);  // a peer's own path is usually empty, and may be any bytes
  }
  if (address.ss_family == AF_UNIX) {
    const auto& local = reinterpret_cast<const sockaddr_un&>(address);
    constexpr std::size_t kPath = offsetof(sockaddr_un, sun_path);
    return std::string(local.sun_path, size > kPath ? ::strnlen(local.sun_path, size - kPath) : 0) + ":0";
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool six = address.ss_family == AF_INET6;
  const void* number = six ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr)
                           : &reinterpret_cast<const sockaddr_in&>(address).sin_addr;
  const in_port_t port = six ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                             : reinterpret_cast<const sockaddr_in&>(address).sin_port;
  ::inet_ntop(address.ss_family, number, text.data(), text.size());
  const std::string host = six ? "[" + std::string(text.data()) + "]" : std::string(text.data());
  return host + ":" + std::to_string(ntohs(port));
}

}  // namespace weir::server
