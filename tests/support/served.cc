#include "support/served.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <future>
#include <stdexcept>

#include "sqlite/sqlite_store.h"

namespace weir::test {

Served::Served(const std::string& folder, server::Options options) : path_(folder + "/serve.sock") {
  auto listener = server::Listener::open("unix:" + path_, false);
  if (!listener) {
    throw std::runtime_error(listener.error().message);
  }
  std::vector<server::Listener> listeners;
  listeners.push_back(std::move(*listener));
  std::promise<void> ready;
  options.database = folder + "/served.db";
  options.syncs = false;
  options.documented = [](const command::RedisCommand&) {
    return command::Documented{"what it is for", "STREAM [COUNT N] ID [ID ...]"};
  };
  options.stop = stop_.read.get();
  options.open = [database = options.database](const std::atomic<bool>& hurry) {
    return sqlite::open_sqlite_store(database, {Access::make, Durability::off}, {0, nullptr, &hurry});
  };
  options.ready = [&ready] { ready.set_value(); };
  options.ending = [] {};
  options.log = [this](std::string_view line) {
    const std::lock_guard lock(mutex_);
    told_.append(line).append("\n");
  };
  thread_ = std::thread([options, &ready, listeners = std::move(listeners)]() mutable {
    if (const auto served = server::serve(options, std::move(listeners)); !served) {
      ready.set_exception(std::make_exception_ptr(std::runtime_error(served.error().message)));
    }
  });
  try {
    ready.get_future().get();
  } catch (...) {
    thread_.join();
    throw;
  }
}

Served::~Served() {
  stop_.write = {};
  thread_.join();
}

Fd Served::connect() const {
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path_.data(), std::min(path_.size(), sizeof address.sun_path - 1));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("nobody takes clients at " + path_);
  }
  return fd;
}

std::string Served::answer(std::string_view sent) const {
  const Fd fd = connect();
  send_all(fd, sent);
  ::shutdown(fd.get(), SHUT_WR);
  return receive_all(fd);
}

std::string Served::told() const {
  const std::lock_guard lock(mutex_);
  return told_;
}

void send_all(const Fd& fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(size));
    } else if (errno != EINTR) {
      return;
    }
  }
}

std::string receive_all(const Fd& fd) {
  constexpr std::size_t kAtOnce = 64 * 1024;
  std::string received;
  std::string piece(kAtOnce, '\0');
  while (true) {
    const ssize_t size = ::recv(fd.get(), piece.data(), piece.size(), 0);
    if (size > 0) {
      received.append(piece, 0, static_cast<std::size_t>(size));
    } else if (size == 0 || errno != EINTR) {  // libFuzzer has an alarm, now and then
      return received;
    }
  }
}

}  // namespace weir::test
