// `weir serve`.
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "cli/run/session.h"
#include "cli/run/stop_signals.h"
#include "server/serve.h"
#include "system/socket.h"
#include "text/numbers.h"

namespace weir::cli {
namespace {

/// Sockets that systemd has bound and hands over. Child processes must not see the variables.
std::vector<Fd> handed_over() {
  constexpr int kFirst = 3;
  std::vector<Fd> out;
  const char* process = std::getenv("LISTEN_PID");
  const char* count = std::getenv("LISTEN_FDS");
  if (process != nullptr && count != nullptr && whole_number<pid_t>(process) == ::getpid()) {
    for (int i = 0; i < whole_number<std::uint16_t>(count).value_or(0); ++i) {
      out.emplace_back(kFirst + i);
    }
  }
  for (const char* variable : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) {
    ::unsetenv(variable);
  }
  return out;
}

/// Tells systemd the state of the service (Type=notify).
void notify(std::string_view state) {
  const char* place = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (place == nullptr || (*place != '/' && *place != '@') || std::strlen(place) >= sizeof address.sun_path) {
    return;
  }
  const std::size_t size = std::strlen(place);
  std::memcpy(address.sun_path, place, size);
  if (*place == '@') {
    address.sun_path[0] = '\0';
  }
  const Fd fd(::socket(AF_UNIX, SOCK_DGRAM, 0));
  ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
  ::sendto(fd.get(), state.data(), state.size(), kNoSignal, reinterpret_cast<const sockaddr*>(&address),
           static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + size));
}

/// Makes malloc return the memory of large answers to the system once they have been sent.
void keep_no_large_memory() {
#ifdef __GLIBC__
  constexpr int kLarge = 256 * 1024;
  ::mallopt(M_MMAP_THRESHOLD, kLarge);
#endif
}

/// Raises the limit on descriptors, as each client needs one; most systems allow 1024 unless asked. Returns how many of
/// the wanted clients fit.
std::size_t ask_for_descriptors(std::size_t clients) {
  constexpr rlim_t kOwn = 100;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= clients + kOwn) {
    return clients;
  }
  const rlim_t had = std::exchange(limit.rlim_cur, std::min<rlim_t>(clients + kOwn, limit.rlim_max));
  const rlim_t has = ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : had;
  return std::min<std::size_t>(clients, has > 2 * kOwn ? has - kOwn : std::max<rlim_t>(has / 2, 1));
}

Result<std::vector<server::Listener>> open_listeners(const Session& session, bool guarded) {
  std::vector<server::Listener> listeners;
  for (Fd& fd : handed_over()) {
    WEIR_ASSIGN(server::Listener listener, server::Listener::adopt(std::move(fd), guarded));
    listeners.push_back(std::move(listener));
  }
  auto places = session.arguments.options.texts("--listen");
  std::vector<std::string> wanted(places.begin(), places.end());
  if (wanted.empty() && listeners.empty()) {
    wanted.push_back("unix:" + session.settings.database + "-serve.sock");
  }
  for (const std::string& place : wanted) {
    WEIR_ASSIGN(server::Listener listener, server::Listener::open(place, guarded));
    listeners.push_back(std::move(listener));
  }
  return listeners;
}

}  // namespace

Result<int> run_serve(const Session& session) {
  const Arguments& arguments = session.arguments;
  const Settings& settings = session.settings;
  WEIR_ASSIGN(const bool is_server, names_server(settings));
  if (is_server) {
    return fail(Failure::usage, "serve is for a file: a server serves by itself", "name a file with --db FILE");
  }
  server::Options options;
  options.database = settings.database;
  if (settings.password_file) {
    WEIR_ASSIGN(options.password, server_password(settings));
  }
  options.max_clients = static_cast<std::size_t>(arguments.options.number("--max-clients").value_or(10'000));
  const auto bytes = [&](std::string_view option, std::size_t otherwise) {
    return static_cast<std::size_t>(arguments.options.number(option).value_or(static_cast<std::int64_t>(otherwise)));
  };
  options.max_bulk = bytes("--max-value", options.max_bulk);
  options.max_buffers = bytes("--max-buffers", options.max_buffers);
  options.syncs = settings.durability == Durability::full;
  options.documented = [](const command::RedisCommand& command) {
    command::Documented documented;
    for_each_command([&](const Command& each) {
      if (each.redis == &command) {
        documented = {each.summary, redis_usage(each)};
      }
    });
    return documented;
  };
  options.open = [&settings](const std::atomic<bool>& hurry) { return open_store(settings, Access::make, &hurry); };
  options.log = [](std::string_view line) { report(Error{Failure::store, "serve: " + std::string(line)}); };
  keep_no_large_memory();
  if (const std::size_t fit = ask_for_descriptors(options.max_clients); fit < options.max_clients) {
    options.log("only " + std::to_string(fit) + " clients fit into the files that it may open (ulimit -n), not " +
                std::to_string(std::exchange(options.max_clients, fit)));
  }
  const StopSignals stops;
  options.stop = stop_descriptor();
  // The store is made first, as the default socket lies beside it.
  WEIR_ASSIGN(auto made, open_store(settings, Access::make));
  WEIR_ASSIGN(auto listeners, open_listeners(session, !options.password.empty()));
  std::vector<std::string> places;
  for (const server::Listener& listener : listeners) {
    places.push_back(listener.place());
  }
  options.ready = [&] {
    for (const std::string& place : places) {
      options.log("listening on " + place);
    }
    notify("READY=1\nSTATUS=listening on " + places.front());
  };
  options.ending = [&] {
    options.log("ends once what runs is answered");
    notify("STOPPING=1");
  };
  WEIR_TRY(server::serve(options, std::move(listeners)));
  return 0;
}

}  // namespace weir::cli
