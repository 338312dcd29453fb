#include "server/loop.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

#include "stream/watching.h"
#include "system/system_reason.h"

namespace weir::server {
namespace {

// Tokens below the clients' ids.
constexpr std::uint64_t kWake = 0;
constexpr std::uint64_t kStop = 1;
constexpr std::uint64_t kFirstListener = 2;

/// Of one that was idle; the more it sends, the more is read at a time.
constexpr std::size_t kRead = 1024;
constexpr std::size_t kMuchRead = 64 * 1024;
/// No more is read from a client that has so much waiting.
constexpr std::size_t kMuchIn = 1024 * 1024;
/// Nothing more is done for a client that has so much to take.
constexpr std::size_t kMuchOut = 1024 * 1024;
/// A client that leaves so much lying is dropped: at once, or after some time.
constexpr std::size_t kTooMuchOut = std::size_t{1024} * 1024 * 1024;
constexpr std::size_t kSlowOut = std::size_t{32} * 1024 * 1024;
constexpr std::chrono::seconds kSlow{60};
constexpr std::size_t kKeptBuffer = 16 * 1024;
constexpr std::chrono::seconds kTidy{1};
/// Without descriptors, new clients are looked at again so much later.
constexpr Millis kNoDescriptors{100};
/// For what is still to be taken when it ends.
constexpr std::chrono::seconds kEnd{10};
constexpr unsigned kMostLooking = 4;

}  // namespace

Loop::Loop(const Options& options, std::vector<Listener> listeners, Readiness readiness)
    : options_(options),
      listeners_(std::move(listeners)),
      readiness_(std::move(readiness)),
      last_id_(kFirstListener + listeners_.size()),
      tidied_(std::chrono::steady_clock::now()),
      wake_(make_pipe()) {
  about_.database = options.database;
  about_.password = options.password;
  about_.max_clients = options.max_clients;
  about_.max_bulk = options.max_bulk;
  about_.syncs = options.syncs;
  about_.summary_of = options.summary_of;
  for (const Listener& listener : listeners_) {
    about_.port = about_.port == 0 ? listener.port() : about_.port;
  }
  clients_.attend = [this](Client& client) { to_attend_.insert(client.id); };
}

Loop::~Loop() {
  watcher_.reset();
  workers_.reset();
}

Result<void> Loop::start() {
  const unsigned looking = std::clamp(std::thread::hardware_concurrency(), 1U, kMostLooking);
  WEIR_ASSIGN(auto writing, options_.open());
  if (dynamic_cast<Sharing*>(writing.get()) == nullptr || dynamic_cast<Watching*>(writing.get()) == nullptr) {
    return fail(Failure::usage, "serve is for a file: a server serves by itself");
  }
  WEIR_ASSIGN(auto watching, options_.open());
  std::vector<std::unique_ptr<Store>> stores;
  for (unsigned i = 0; i < looking; ++i) {
    WEIR_ASSIGN(auto store, options_.open());
    stores.push_back(std::move(store));
  }
  set_nonblocking(wake_.read.get());
  set_nonblocking(wake_.write.get());
  if (!readiness_.add(wake_.read.get(), kWake, true, false) || !readiness_.add(options_.stop, kStop, true, false)) {
    return fail(Failure::store, std::string("cannot wait for clients: ") + system_reason(errno));
  }
  listen(true);
  workers_ = std::make_unique<Workers>(std::move(writing), std::move(stores),
                                       [this](auto done) { tell(std::move(done), {}); });
  watcher_ = std::make_unique<Watcher>(std::move(watching), [this](auto ready) { tell({}, std::move(ready)); });
  return {};
}

Result<void> Loop::run() {
  WEIR_TRY(start());
  options_.ready();
  while (!ending_ || !connections_.empty()) {
    turn();
    if (ending_ && std::chrono::steady_clock::now() >= end_by_) {
      break;
    }
  }
  return {};
}

void Loop::turn() {
  for (const Readiness::Event& event : readiness_.wait(patience())) {
    if (event.token == kWake) {
      std::array<char, 256> drained{};
      while (::read(wake_.read.get(), drained.data(), drained.size()) > 0) {
      }
    } else if (event.token == kStop) {
      begin_end();
    } else if (event.token < kFirstListener + listeners_.size()) {
      accept_all(listeners_[event.token - kFirstListener]);
    } else if (Connection* connection = find(event.token)) {
      if (event.hung_up) {
        readiness_.remove(connection->fd.get());
        connection->hung_up = true;
      }
      if (event.readable || event.hung_up) {
        receive(*connection);
      }
      if (event.writable) {
        send(*connection);
      }
      advance(*connection);
      settle(*connection);
    }
  }
  hand_over();
  take_news();
  end_waits();
  release_held();
  attend();
  hand_over();
  if (waiting_.take_changed()) {
    watcher_->watch(waiting_.awaited());
  }
  const SteadyTime now = std::chrono::steady_clock::now();
  if (now - tidied_ >= kTidy) {
    tidied_ = now;
    give_memory_back();
    drop_slow();
  }
  if (!listening_ && !ending_ && now >= listen_again_) {
    listen(true);
  }
}

std::chrono::milliseconds Loop::patience() const {
  SteadyTime until = SteadyTime::max();
  if (const auto end = waiting_.next_end()) {
    until = *end;
  }
  if (!used_.empty() || !slow_.empty()) {
    until = std::min(until, tidied_ + kTidy);
  }
  if (!held_.empty()) {
    until = std::min(until, held_.begin()->first);
  }
  if (!listening_) {
    until = std::min(until, listen_again_);
  }
  until = std::min(until, end_by_);
  if (!to_attend_.empty()) {
    return Millis(0);
  }
  if (until == SteadyTime::max()) {
    return Millis(-1);
  }
  return std::max(Millis(0), std::chrono::ceil<Millis>(until - std::chrono::steady_clock::now()));
}

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
      options_.log(std::string("cannot take another client: ") + system_reason(errno));
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
  if (connections_.size() >= options_.max_clients) {
    ++about_.figures.rejected;
    constexpr std::string_view kFull = "-ERR max number of clients reached\r\n";
    [[maybe_unused]] const auto sent = ::send(fd.get(), kFull.data(), kFull.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return;
  }
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // fails where it is not TCP
  auto connection = std::make_unique<Connection>();
  Client& client = connection->client;
  client.id = ++last_id_;
  client.fd = fd.get();
  client.address = address_of(fd.get(), true);
  client.local_address = address_of(fd.get(), false);
  if (client.address == ":0") {
    client.address = client.local_address;  // who connects in the file system has no name
  }
  client.connected = client.last_active = std::chrono::steady_clock::now();
  client.authenticated = options_.password.empty();
  connection->gone = std::make_shared<std::atomic<bool>>(false);
  connection->fd = std::move(fd);
  io::CommandLimits limits;
  limits.word = options_.max_bulk;
  connection->reader.limit(client.authenticated ? limits : io::kStrangersLimits);
  if (!readiness_.add(connection->fd.get(), client.id, true, false)) {
    return;
  }
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
        ::send(connection.fd.get(), connection.out.data() + connection.sent, connection.waiting_out(), MSG_NOSIGNAL);
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
  if (connection.waiting_out() >= kSlowOut) {
    if (slow_.insert(client.id).second) {
      connection.slow_since = std::chrono::steady_clock::now();
    }
  } else if (!slow_.empty()) {
    slow_.erase(client.id);
  }
}

/// A unit that was left for its client to take its answers is gone on with.
void Loop::go_on(Connection& connection) {
  if (connection.rest && (connection.waiting_out() < kMuchOut || connection.hung_up)) {
    connection.busy = true;
    workers_->add(std::move(connection.rest));
  }
}

void Loop::set_interest(Connection& connection) {
  if (connection.hung_up) {
    return;
  }
  const bool full = connection.reader.size() >= kMuchIn && (connection.busy || connection.held);
  const bool reads = !connection.ended && !full && connection.waiting_out() < kMuchOut;
  const bool writes = connection.waiting_out() > 0;
  if (reads != connection.reads || writes != connection.writes) {
    readiness_.change(connection.fd.get(), connection.client.id, reads, writes);
    connection.reads = reads;
    connection.writes = writes;
  }
}

/// Sends what there is, and ends what has come to its end. The connection may be gone afterwards.
void Loop::settle(Connection& connection) {
  send(connection);
  go_on(connection);
  Client& client = connection.client;
  client.buffered_in = connection.reader.size();
  client.buffered_out = connection.waiting_out();
  if (client.killed || (connection.ended && client.is_blocked)) {
    close(connection);
    return;
  }
  if (connection.waiting_out() > kTooMuchOut) {
    close(connection, "its answers lie there untaken: more than 1 GB");
    return;
  }
  const bool rests = !connection.busy && !connection.held && connection.rest == nullptr;
  const bool over = client.ending || connection.ended || (ending_ && !client.is_blocked);
  if (rests && over && (connection.waiting_out() == 0 || connection.hung_up)) {
    close(connection);
    return;
  }
  if (const Waiting::Waiter* waiter = waiting_.find(client.id); ending_ && waiter != nullptr && !waiter->trying) {
    close(connection);
    return;
  }
  set_interest(connection);
}

void Loop::close(Connection& connection, std::string_view reason) {
  Client& client = connection.client;
  if (!reason.empty()) {
    options_.log("client " + std::to_string(client.id) + " (" + client.address +
                 ") is dropped: " + std::string(reason));
  }
  *connection.gone = true;
  if (!connection.hung_up) {
    readiness_.remove(connection.fd.get());
    connection.hung_up = true;
  }
  if (Waiting::Waiter* waiter = waiting_.find(client.id)) {
    if (waiter->trying) {
      waiter->end = Waiting::Waiter::End::gone;  // its descriptor is still looked at
    } else {
      waiting_.remove(client.id);
    }
  }
  slow_.erase(client.id);
  clients_.all.erase(client.id);
  clients_.monitors.erase(client.id);
  const std::uint64_t id = client.id;
  if (const Waiting::Waiter* waiter = waiting_.find(id); waiter == nullptr) {
    connections_.erase(id);
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
    connection->used = connection->reader.capacity() > 0;
    return !connection->used;
  });
}

void Loop::drop_slow() {
  const SteadyTime now = std::chrono::steady_clock::now();
  for (const std::uint64_t id : std::vector(slow_.begin(), slow_.end())) {
    Connection* connection = find(id);
    if (connection != nullptr && now - connection->slow_since >= kSlow) {
      close(*connection, "its answers lie there untaken: more than 32 MB for a minute");
    }
  }
}

void Loop::begin_end() {
  if (ending_) {
    return;
  }
  ending_ = true;
  end_by_ = std::chrono::steady_clock::now() + kEnd;
  readiness_.remove(options_.stop);
  if (listening_) {
    listen(false);
  }
  listeners_.clear();
  options_.ending();
  std::vector<std::uint64_t> ids;
  for (const auto& [id, connection] : connections_) {
    ids.push_back(id);
  }
  for (const std::uint64_t id : ids) {
    if (Connection* connection = find(id)) {
      settle(*connection);
    }
  }
}

void Loop::tell(std::vector<std::unique_ptr<Unit>> done, std::vector<Sharing::Awaited> ready) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = done_.empty() && ready_.empty();
    std::ranges::move(done, std::back_inserter(done_));
    std::ranges::move(ready, std::back_inserter(ready_));
  }
  if (first) {
    [[maybe_unused]] const auto written = ::write(wake_.write.get(), "", 1);
  }
}

Result<void> serve(const Options& options, std::vector<Listener> listeners) {
  WEIR_ASSIGN(Readiness readiness, Readiness::make());
  Loop loop(options, std::move(listeners), std::move(readiness));
  return loop.run();
}

}  // namespace weir::server
