// INFO: describes the server and what it has counted.
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <vector>

#include "server/asked.h"
#include "server/compatible.h"
#include "text/numbers.h"
#include "text/words.h"

namespace weir::server {
namespace {

using command::Words;

/// The text of a section: its lines are "name:value".
class Section {
 public:
  Section(std::string& out, std::string_view title) : out_(out) {
    if (!out.empty()) {
      out_.append("\r\n");
    }
    out_.append("# ").append(title).append("\r\n");
  }
  void line(std::string_view name, std::string_view value) {
    out_.append(name).append(":").append(value).append("\r\n");
  }
  void line(std::string_view name, std::integral auto value) {
    out_.append(name).append(":");
    append_number(out_, value);
    out_.append("\r\n");
  }

 private:
  std::string& out_;
};

std::int64_t seconds_served(const About& about) {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - about.figures.started)
      .count();
}

void server(Asked& asked, std::string& out) {
  constexpr std::int64_t kDay = 86400;
  const About& about = asked.about;
  utsname system{};
  ::uname(&system);
  Section section(out, "Server");
  section.line("redis_version", kCompatibleVersion);
  section.line("weir_version", WEIR_VERSION);
  section.line("redis_mode", "standalone");
  section.line("os", std::string(system.sysname) + " " + system.release + " " + system.machine);
  section.line("arch_bits", 8 * sizeof(void*));
  section.line("process_id", ::getpid());
  section.line("tcp_port", about.port);
  section.line("server_time_usec", std::chrono::duration_cast<std::chrono::microseconds>(
                                       std::chrono::system_clock::now().time_since_epoch())
                                       .count());
  section.line("uptime_in_seconds", seconds_served(about));
  section.line("uptime_in_days", seconds_served(about) / kDay);
}

void clients(Asked& asked, std::string& out) {
  std::size_t blocked = 0;
  std::size_t longest_in = 0;
  std::size_t longest_out = 0;
  for (const auto& [id, client] : asked.clients.all) {
    blocked += client->is_blocked ? 1 : 0;
    longest_in = std::max(longest_in, client->buffered_in);
    longest_out = std::max(longest_out, client->buffered_out);
  }
  Section section(out, "Clients");
  section.line("connected_clients", asked.clients.all.size());
  section.line("maxclients", asked.about.max_clients);
  section.line("client_recent_max_input_buffer", longest_in);
  section.line("client_recent_max_output_buffer", longest_out);
  section.line("blocked_clients", blocked);
}

/// Resident memory in bytes. Linux tells the present value, other systems only the greatest so far.
std::int64_t resident() {
  std::int64_t all = 0;
  std::int64_t now = 0;
  if (std::ifstream("/proc/self/statm") >> all >> now) {
    return now * ::sysconf(_SC_PAGESIZE);
  }
  return 0;
}

std::int64_t peak() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return usage.ru_maxrss;
#else
  constexpr std::int64_t kKibi = 1024;
  return usage.ru_maxrss * kKibi;
#endif
}

void memory(Asked&, std::string& out) {
  const std::int64_t now = resident();
  Section section(out, "Memory");
  section.line("used_memory", now > 0 ? now : peak());
  section.line("used_memory_rss", now > 0 ? now : peak());
  section.line("used_memory_peak", std::max(now, peak()));
  section.line("maxmemory", 0);
  section.line("maxmemory_policy", "noeviction");
}

// Every command is on disk once it is answered, so weir neither loads at its start nor saves from time to time.
void persistence(Asked& asked, std::string& out) {
  Section section(out, "Persistence");
  section.line("loading", 0);
  section.line("async_loading", 0);
  section.line("rdb_bgsave_in_progress", 0);
  section.line("rdb_last_bgsave_status", "ok");
  section.line("aof_enabled", 1);
  section.line("aof_rewrite_in_progress", 0);
  section.line("aof_last_write_status", "ok");
  section.line("weir_database", asked.about.database);
}

void stats(Asked& asked, std::string& out) {
  const Figures& figures = asked.about.figures;
  Section section(out, "Stats");
  section.line("total_connections_received", figures.connections);
  section.line("total_commands_processed", figures.commands);
  section.line("total_net_input_bytes", figures.bytes_in);
  section.line("total_net_output_bytes", figures.bytes_out);
  section.line("rejected_connections", figures.rejected);
  section.line("expired_keys", 0);
  section.line("evicted_keys", 0);
}

void replication(Asked&, std::string& out) {
  Section section(out, "Replication");
  section.line("role", "master");
  section.line("connected_slaves", 0);
}

std::string seconds(const timeval& time) {
  constexpr std::size_t kDigits = 6;
  const std::string micros = std::to_string(time.tv_usec);
  return std::to_string(time.tv_sec) + "." + std::string(kDigits - micros.size(), '0') + micros;
}

void cpu(Asked&, std::string& out) {
  rusage own{};
  rusage children{};
  ::getrusage(RUSAGE_SELF, &own);
  ::getrusage(RUSAGE_CHILDREN, &children);
  Section section(out, "CPU");
  section.line("used_cpu_sys", seconds(own.ru_stime));
  section.line("used_cpu_user", seconds(own.ru_utime));
  section.line("used_cpu_sys_children", seconds(children.ru_stime));
  section.line("used_cpu_user_children", seconds(children.ru_utime));
}

void modules(Asked&, std::string& out) {
  const Section section(out, "Modules");
}

void cluster(Asked&, std::string& out) {
  Section section(out, "Cluster");
  section.line("cluster_enabled", 0);
}

std::string two_places(double number) {
  std::array<char, 32> text{};
  const int size = std::snprintf(text.data(), text.size(), "%.2f", number);
  return {text.data(), static_cast<std::size_t>(size)};
}

void commandstats(Asked& asked, std::string& out) {
  Section section(out, "Commandstats");
  for (const auto& [name, figures] : asked.about.figures.of) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(figures.took).count();
    const double each = figures.calls == 0 ? 0 : static_cast<double>(micros) / static_cast<double>(figures.calls);
    section.line("cmdstat_" + std::string(name),
                 "calls=" + std::to_string(figures.calls) + ",usec=" + std::to_string(micros) +
                     ",usec_per_call=" + two_places(each) + ",rejected_calls=" + std::to_string(figures.rejected) +
                     ",failed_calls=" + std::to_string(figures.failed));
  }
}

struct Part {
  std::string_view name;
  void (*write)(Asked& asked, std::string& out);
  bool by_default = true;
};
constexpr std::array kParts = {
    Part{"server", server},
    Part{"clients", clients},
    Part{"memory", memory},
    Part{"persistence", persistence},
    Part{"stats", stats},
    Part{"replication", replication},
    Part{"cpu", cpu},
    Part{"modules", modules},
    Part{"commandstats", commandstats, false},
    Part{"cluster", cluster},
};

bool is_asked_for(std::string_view part, Words sections, bool by_default = true) {
  return (sections.empty() && by_default) || std::ranges::any_of(sections, [&](std::string_view name) {
           return same_word(name, part) || same_word(name, "all") || same_word(name, "everything") ||
                  (by_default && same_word(name, "default"));
         });
}

std::string parts(Asked& asked) {
  std::string out;
  for (const Part& part : kParts) {
    if (is_asked_for(part.name, asked.words.subspan(1), part.by_default)) {
      part.write(asked, out);
    }
  }
  return out;
}

/// The number of streams is left out here: only the store knows it.
void info(Asked& asked) {
  asked.writer().text(parts(asked));
}

constexpr std::array kRows = {
    Row{"info", -1, info, "server", "What the server is, and what it has counted."},
};

}  // namespace

bool asks_for_keyspace(Words words) {
  return same_word(words[0], "info") && is_asked_for("keyspace", words.subspan(1));
}

std::string info_text(Client& client, Clients& clients, About& about, Words words) {
  std::string unused;
  Asked asked(client, clients, about, words, unused);
  return parts(asked);
}

void append_keyspace(std::string& out, std::size_t streams) {
  Section section(out, "Keyspace");
  if (streams > 0) {
    section.line("db0", "keys=" + std::to_string(streams) + ",expires=0,avg_ttl=0");
  }
}

std::span<const Row> info_rows() {
  return kRows;
}

}  // namespace weir::server
