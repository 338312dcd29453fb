// Sockets: accepting clients, receiving and sending, and how much memory the clients may take.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "server/loop.h"
#include "system/socket.h"
#include "system/system_reason.h"

namespace weir::server {
namespace {

/// How much is read at a time from a client that was idle; the size grows with what the client sends.
constexpr std::size_t kRead = 1024;
constexpr std::size_t kMuchRead = 64 * 1024;
constexpr std::size_t kKeptBuffer = 16 * 1024;
/// When there are no descriptors left, how long the server waits before it accepts clients again.
constexpr Millis kNoDescriptors{100};
/// The same line is not logged more often than this.
constexpr std::chrono::minutes kSaidAgain{1};

/// Answers leave without delay, and keepalive notices a machine that disappears silently: a client that waits for
/// messages sends nothing, so otherwise the server would give it messages for ever. A socket that is not TCP is left as
/// it is.
void prepare(int fd, std::chrono::seconds keepalive) {
  const auto set = [fd](int level, int option, int value) { ::setsockopt(fd, level, option, &value, sizeof value); };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
#ifdef TCP_KEEPIDLE  // other systems have no option for the time
  constexpr int kProbes = 3;
  const auto seconds = static_cast<int>(keepalive.count());
  set(IPPROTO_TCP, TCP_KEEPIDLE, seconds);
  set(IPPROTO_TCP, TCP_KEEPINTVL, seconds / kProbes);
  set(IPPROTO_TCP, TCP_KEEPCNT, kProbes);
#endif
}

}  // namespace

void Loop::listen(bool on) {
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    if (on) {
      readiness_.add(listeners_[i].fd(), kFirstListener + i, true, false);
    } else {
      readiness_.remove(listeners_[i].fd());
    }
  }
  listening_ = on;
  listen_again_ = SteadyTime::max();
}

void Loop::accept_all(const Listener& listener) {
  constexpr int kAtOnce = 256;
  for (int i = 0; i < kAtOnce; ++i) {
    Fd fd(::accept(listener.fd(), nullptr, nullptr));
    if (fd) {
      ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
      set_nonblocking(fd.get());
      accept_one(std::move(fd));
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      const SteadyTime now = std::chrono::steady_clock::now();
      if (now >= say_again_) {
        say_again_ = now + kSaidAgain;
        options_.log(std::string("cannot take another client: ") + system_reason(errno));
      }
      listen(false);
      listen_again_ = std::chrono::steady_clock::now() + kNoDescriptors;
    }
    if (errno != ECONNABORTED && errno != EINTR) {
      return;
    }
  }
}

void Loop::accept_one(Fd fd) {
  ++about_.figures.connections;
  if (!send_without_signal(fd.get())) {
    return;  // the client has already disconnected
  }
  if (connections_.size() >= options_.max_clients) {
    ++about_.figures.rejected;
    constexpr std::string_view kFull = "-ERR max number of clients reached\r\n";
    [[maybe_unused]] const auto sent = ::send(fd.get(), kFull.data(), kFull.size(), kNoSignal | MSG_DONTWAIT);
    return;
  }
  prepare(fd.get(), options_.bounds.keepalive);
  auto connection = std::make_unique<Connection>();
  Client& client = connection->client;
  client.id = ++last_id_;
  client.fd = fd.get();
  client.address = address_of(fd.get(), true);
  client.local_address = address_of(fd.get(), false);
  client.connected = client.last_active = std::chrono::steady_clock::now();
  client.authenticated = options_.password.empty();
  connection->gone = std::make_shared<std::atomic<bool>>(false);
  connection->fd = std::move(fd);
  if (!readiness_.add(connection->fd.get(), client.id, true, false)) {
    return;
  }
  limit(*connection);
  clients_.all.emplace(client.id, &client);
  connections_.emplace(client.id, std::move(connection));
}

void Loop::receive(Connection& connection) {
  if (connection.ended) {
    return;
  }
  Client& client = connection.client;
  std::size_t room = std::clamp(connection.reader.capacity(), kRead, kMuchRead);
  while (connection.reader.size() < kMuchIn || !connection.busy) {
    const std::span<char> to = connection.reader.room(room);
    const ssize_t size = ::recv(connection.fd.get(), to.data(), to.size(), 0);
    if (size > 0) {
      const auto come = static_cast<std::size_t>(size);
      connection.reader.add(come);
      client.bytes_in += come;
      about_.figures.bytes_in += come;
      if (!connection.used) {
        connection.used = true;
        used_.push_back(client.id);
      }
      if (!connection.hung_up && (come < to.size() || connection.reader.size() >= kMuchIn)) {
        break;
      }
      room = std::min(2 * room, kMuchIn);
      continue;
    }
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size == 0 || errno != EAGAIN) {
      connection.ended = true;
    }
    break;
  }
  if (connection.hung_up && !connection.ended && connection.reader.size() >= kMuchIn) {
    connection.ended = true;  // the client cannot get answers to what is still unread
  }
  client.last_active = std::chrono::steady_clock::now();
}

void Loop::send(Connection& connection) {
  Client& client = connection.client;
  while (connection.waiting_out() > 0) {
    if (connection.hung_up) {
      connection.out.clear();
      connection.sent = 0;
      return;
    }
    const ssize_t size =
        ::send(connection.fd.get(), connection.out.data() + connection.sent, connection.waiting_out(), kNoSignal);
    if (size < 0) {
      if (errno == EINTR) {
        continue;
      }
      if (errno != EAGAIN) {
        connection.ended = connection.hung_up = true;
        readiness_.remove(connection.fd.get());
        continue;
      }
      break;
    }
    answered_ = true;
    connection.sent += static_cast<std::size_t>(size);
    client.bytes_out += static_cast<std::uint64_t>(size);
    about_.figures.bytes_out += static_cast<std::uint64_t>(size);
  }
  if (connection.waiting_out() == 0) {
    connection.sent = 0;
    if (connection.out.capacity() > kKeptBuffer) {
      std::string().swap(connection.out);
    } else {
      connection.out.clear();
    }
  }
  if (connection.waiting_out() > options_.bounds.slow_out) {
    if (slow_.insert(client.id).second) {
      connection.slow_since = std::chrono::steady_clock::now();
    }
  } else if (!slow_.empty()) {
    slow_.erase(client.id);
  }
}

void Loop::give_memory_back() {
  const SteadyTime now = std::chrono::steady_clock::now();
  std::erase_if(used_, [&](std::uint64_t id) {
    Connection* connection = find(id);
    if (connection == nullptr) {
      return true;
    }
    if (now - connection->client.last_active < kTidy || connection->busy) {
      return false;
    }
    connection->reader.release();
    if (connection->out.empty()) {
      std::string().swap(connection->out);
    }
    count_memory(*connection);
    connection->used = false;  // until the client sends more
    return true;
  });
}

void Loop::drop_slow() {
  const Bounds& bounds = options_.bounds;
  const SteadyTime now = std::chrono::steady_clock::now();
  for (const std::uint64_t id : std::vector(slow_.begin(), slow_.end())) {
    Connection* connection = find(id);
    if (connection != nullptr && now - connection->slow_since >= bounds.slow) {
      close(*connection, "it has left more than " + std::to_string(bounds.slow_out) + " bytes of answers lying for " +
                             std::to_string(bounds.slow.count()) + " s");
    }
  }
}

void Loop::count_memory(Connection& connection) {
  const std::size_t now = connection.memory();
  memory_ += now - std::exchange(connection.counted, now);
}

/// A client that sends much and takes little must not use up the memory of all. The client with the largest buffers is
/// closed first; clients that gave CLIENT NO-EVICT are closed last.
void Loop::drop_largest() {
  while (memory_ > options_.max_buffers) {
    Connection* largest = nullptr;
    for (const auto& [id, connection] : connections_) {
      const auto rank = [](const Connection& each) { return std::pair(each.client.may_be_evicted, each.counted); };
      if (connection->counted > 0 && (largest == nullptr || rank(*connection) > rank(*largest))) {
        largest = connection.get();
      }
    }
    if (largest == nullptr) {
      return;
    }
    close(*largest,
          "what all clients have sent and have to take is more than --max-buffers, and its share the largest");
  }
}

}  // namespace weir::server
