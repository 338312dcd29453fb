#include "server/loop.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include "stream/watching.h"
#include "system/system_reason.h"

namespace weir::server {
namespace {

/// When the server ends, how long its clients may still take answers.
constexpr std::chrono::seconds kEnd{10};
/// When the server ends, how long a store may still wait for other writers: most of them write for a moment only.
constexpr Millis kPatience{500};
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
  about_.bounds = options.bounds;
  about_.syncs = options.syncs;
  about_.documented = options.documented;
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
  WEIR_ASSIGN(auto writing, options_.open(hurry_));
  auto* sharing = dynamic_cast<Sharing*>(writing.get());
  if (sharing == nullptr || dynamic_cast<Watching*>(writing.get()) == nullptr) {
    return fail(Failure::usage, "serve is for a file: a server serves by itself");
  }
  WEIR_ASSIGN(auto lines, sharing->lines());
  waiting_.stand_in(std::move(lines));
  WEIR_ASSIGN(auto watching, options_.open(hurry_));
  std::vector<std::unique_ptr<Store>> stores;
  for (unsigned i = 0; i < looking; ++i) {
    WEIR_ASSIGN(auto store, options_.open(hurry_));
    stores.push_back(std::move(store));
  }
  set_nonblocking(wake_.read.get());
  set_nonblocking(wake_.write.get());
  if (!readiness_.add(wake_.read.get(), kWake, true, false) || !readiness_.add(options_.stop, kStop, true, false)) {
    return fail(Failure::store, std::string("cannot wait for clients: ") + system_reason(errno));
  }
  listen(true);
  try {
    workers_ = std::make_unique<Workers>(
        std::move(writing), std::move(stores), waiting_.lines(), [this](auto done) { tell(std::move(done), {}); },
        [this](const Error& error) { tell({}, {}, error); });
    watcher_ = std::make_unique<Watcher>(
        std::move(watching), waiting_.lines(), [this](auto ready) { tell({}, std::move(ready)); },
        [this](const Error& error) { tell({}, {}, error); });
  } catch (const std::system_error& error) {
    return fail(Failure::store, std::string("cannot start its threads: ") + system_reason(error.code().value()),
                "more processes have to be allowed: ulimit -u, or TasksMax= in the unit");
  }
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
  return ended_by_ ? Result<void>(tl::unexpected(*ended_by_)) : Result<void>();
}

/// A client that has just been answered often asks again at once, so the loop looks for a brief time before it sleeps.
const std::vector<Readiness::Event>& Loop::next_events() {
  const Millis most = patience();
  if (std::exchange(answered_, false) && most != Millis(0)) {
    const std::vector<Readiness::Event>* events = nullptr;
    if (brief_look_.finds([&] {
          events = &readiness_.wait(Millis(0));
          return !events->empty();
        })) {
      return *events;
    }
  }
  return readiness_.wait(most);
}

void Loop::turn() {
  for (const Readiness::Event& event : next_events()) {
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
      proceed(*connection, event.readable || event.hung_up);
    }
  }
  drop_largest();
  hand_over();
  take_news();
  end_waits();
  release_held();
  drop_strangers();
  attend();
  hand_over();
  drop_largest();
  if (waiting_.take_changed()) {
    watcher_->watch(waiting_.awaited());
  }
  const SteadyTime now = std::chrono::steady_clock::now();
  if (now - tidied_ >= kTidy) {
    tidied_ = now;
    give_memory_back();
    drop_slow();
  }
  if (now >= hurry_at_) {
    hurry_ = true;
    hurry_at_ = SteadyTime::max();
  }
  if (!listening_ && !ending_ && now >= listen_again_) {
    listen(true);
  }
}

/// Goes on with what a client has sent, and sends the answers that are there. Afterwards the connection may be gone.
void Loop::proceed(Connection& connection, bool readable) {
  with_memory(connection, [&] {
    if (readable) {
      receive(connection);
    }
    advance(connection);
    settle(connection);
  });
}

void Loop::drop_for_memory(std::uint64_t client) {
  if (Connection* connection = find(client)) {
    connection->reader = {};
    std::string().swap(connection->out);
    connection->sent = 0;
    close(*connection, "there is no memory for it");
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
  if (!strangers_.empty()) {
    until = std::min(until, strangers_.begin()->first + options_.bounds.strangers);
  }
  if (!listening_) {
    until = std::min(until, listen_again_);
  }
  until = std::min({until, end_by_, hurry_at_});
  if (!to_attend_.empty() || !units_.empty()) {
    return Millis(0);
  }
  if (until == SteadyTime::max()) {
    return Millis(-1);
  }
  return std::max(Millis(0), std::chrono::ceil<Millis>(until - std::chrono::steady_clock::now()));
}

/// Goes on with a unit that was interrupted because its client had too many answers to take.
void Loop::go_on(Connection& connection) {
  if (connection.rest && (connection.waiting_out() < kMuchOut || connection.hung_up)) {
    connection.busy = true;
    units_.push_back(std::move(connection.rest));
  }
}

void Loop::set_interest(Connection& connection) {
  if (connection.hung_up) {
    return;
  }
  const bool full = connection.reader.size() >= kMuchIn && (connection.busy || connection.held);
  const bool reads = !connection.ended && !full && connection.waiting_out() < kMuchOut;
  const bool writes = connection.waiting_out() > 0 && !connection.held;
  if (reads != connection.reads || writes != connection.writes) {
    readiness_.change(connection.fd.get(), connection.client.id, reads, writes);
    connection.reads = reads;
    connection.writes = writes;
  }
}

/// Sends the answers that are there, and closes a connection that has come to its end. Afterwards the connection may be
/// gone.
void Loop::settle(Connection& connection) {
  if (!connection.held) {
    send(connection);
  }
  go_on(connection);
  Client& client = connection.client;
  if (connection.crowded && connection.waiting_out() < kMuchOut) {
    to_attend_.insert(client.id);  // the client took everything at once, so readiness will not wake the loop
  }
  client.buffered_in = connection.reader.size();
  client.buffered_out = connection.waiting_out();
  if (client.killed || (connection.ended && (client.is_blocked || connection.held))) {
    close(connection);
    return;
  }
  if (connection.waiting_out() > options_.bounds.out) {
    close(connection, "it leaves more than " + std::to_string(options_.bounds.out) + " bytes of answers lying");
    return;
  }
  const bool rests = !connection.busy && !connection.held && !connection.crowded && connection.rest == nullptr;
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
  count_memory(connection);
}

void Loop::close(Connection& connection, std::string_view reason) {
  Client& client = connection.client;
  if (!reason.empty()) {
    options_.log("client " + std::to_string(client.id) + " (" + client.address +
                 ") is dropped: " + std::string(reason));
  }
  *connection.gone = true;
  memory_ -= std::exchange(connection.counted, 0);
  if (!connection.hung_up) {
    readiness_.remove(connection.fd.get());
    connection.hung_up = true;
  }
  if (Waiting::Waiter* waiter = waiting_.find(client.id)) {
    if (waiter->trying) {
      ::shutdown(connection.fd.get(), SHUT_RDWR);
      waiter->descriptor = std::move(connection.fd);
    } else {
      waiting_.remove(client.id);
    }
  }
  slow_.erase(client.id);
  strangers_.erase({connection.stranger_since, client.id});
  clients_.all.erase(client.id);
  clients_.monitors.erase(client.id);
  connections_.erase(std::uint64_t{client.id});
}

void Loop::begin_end() {
  if (ending_) {
    return;
  }
  ending_ = true;
  end_by_ = std::chrono::steady_clock::now() + kEnd;
  hurry_at_ = std::chrono::steady_clock::now() + kPatience;
  readiness_.remove(options_.stop);
  if (listening_) {
    listen(false);
  }
  listeners_.clear();
  options_.ending();
  std::vector<std::uint64_t> ids;
  ids.reserve(connections_.size());
  for (const auto& [id, connection] : connections_) {
    ids.push_back(id);
  }
  for (const std::uint64_t id : ids) {
    if (Connection* connection = find(id)) {
      settle(*connection);
    }
  }
}

/// Ends the server if the store is of no use any more: a restart opens a new store, or tells why it cannot.
void Loop::end_for(const std::optional<Error>& lost) {
  if (lost && !ending_) {
    ended_by_ = lost;
    begin_end();
  }
}

void Loop::tell(std::vector<std::unique_ptr<Unit>> done, std::vector<Sharing::Awaited> ready,
                std::optional<Error> lost) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = done_.empty() && ready_.empty() && !lost_;
    lost_ = lost_ ? lost_ : std::move(lost);
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
