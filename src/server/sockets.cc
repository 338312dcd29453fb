// Sockets: who comes, what comes and goes, and how much memory that may take.
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

/// Of one that was idle; the more it sends, the more is read at a time.
constexpr std::size_t kRead = 1024;
constexpr std::size_t kMuchRead = 64 * 1024;
constexpr std::size_t kKeptBuffer = 16 * 1024;
/// Without descriptors, new clients are looked at again so much later.
constexpr Millis kNoDescriptors{100};
/// The same is not said more often than that.
constexpr std::chrono::minutes kSaidAgain{1};

/// Answers go out at once, and a machine that is gone without a word is noticed: who waits for messages sends nothing,
/// and would be given them for ever. Where the socket is none of TCP, nothing happens.
void prepare(int fd, std::chrono::seconds keepalive) {
  const auto set = [fd](int level, int option, int value) { ::setsockopt(fd, level, option, &value, sizeof value); };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
#ifdef TCP_KEEPIDLE  // elsewhere the system says when
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
    return;  // it has gone again
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
    connection.ended = true;  // nobody waits for what is still to be read
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
    connection->used = false;  // until more comes
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

/// Clients that send much and take little must not take the memory of all. Who has most goes first; those that asked to
/// stay (CLIENT NO-EVICT), last.
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
