// CONFIG: settings that clients ask for. No setting can be changed while the server runs.
#include <array>
#include <map>
#include <set>

#include "server/asked.h"
#include "stream/reply.h"
#include "text/glob.h"
#include "text/words.h"

namespace weir::server {
namespace {

using command::Words;

struct Setting {
  std::string_view name;
  std::string (*value)(const About& about);
};

std::string none(const About&) {
  return "";
}
std::string zero(const About&) {
  return "0";
}
std::string one(const About&) {
  return "1";
}
std::string yes(const About&) {
  return "yes";
}
std::string no(const About&) {
  return "no";
}
std::string path_part(const About& about, bool folder) {
  const std::size_t slash = about.database.rfind('/');
  if (slash == std::string::npos) {
    return folder ? "." : about.database;
  }
  return folder ? about.database.substr(0, slash) : about.database.substr(slash + 1);
}

std::string output_limit(const About& about) {
  const Bounds& bounds = about.bounds;
  return "normal " + std::to_string(bounds.out) + " " + std::to_string(bounds.slow_out) + " " +
         std::to_string(bounds.slow.count());
}

// What is true of weir, in Redis's settings: everything is written to disk, and nothing is evicted.
constexpr std::array kSettings = {
    Setting{"appendfsync", [](const About& about) { return std::string(about.syncs ? "always" : "no"); }},
    Setting{"appendonly", yes},
    Setting{"client-output-buffer-limit", output_limit},
    Setting{"cluster-enabled", no},
    Setting{"databases", one},
    Setting{"dbfilename", [](const About& about) { return path_part(about, false); }},
    Setting{"dir", [](const About& about) { return path_part(about, true); }},
    Setting{"latency-monitor-threshold", zero},
    Setting{"maxclients", [](const About& about) { return std::to_string(about.max_clients); }},
    Setting{"maxmemory", zero},
    Setting{"maxmemory-policy", [](const About&) { return std::string("noeviction"); }},
    Setting{"notify-keyspace-events", none},
    Setting{"port", [](const About& about) { return std::to_string(about.port); }},
    Setting{"proto-max-bulk-len", [](const About& about) { return std::to_string(about.max_bulk); }},
    Setting{"save", none},
    Setting{"slowlog-log-slower-than", [](const About&) { return std::string("-1"); }},
    Setting{"slowlog-max-len", zero},
    Setting{"stream-idmp-duration", [](const About&) { return std::to_string(kIdmpDurationS); }},
    Setting{"stream-idmp-maxsize", [](const About&) { return std::to_string(kIdmpMaxsize); }},
    Setting{"stream-node-max-bytes", zero},
    Setting{"stream-node-max-entries", zero},
    Setting{"tcp-keepalive", [](const About& about) { return std::to_string(about.bounds.keepalive.count()); }},
    Setting{"timeout", zero},
    Setting{"tls-port", zero},
};

void get(Asked& asked) {
  // Each setting once. A setting that was asked for by name keeps the spelling of the question.
  std::map<std::string_view, const Setting*> fits;
  std::set<const Setting*> taken;
  for (const std::string_view pattern : asked.words.subspan(2)) {
    const bool is_name = pattern.find_first_of("*?[") == std::string_view::npos;
    for (const Setting& setting : kSettings) {
      if (glob_match(lower(pattern), setting.name) && taken.insert(&setting).second) {
        fits.emplace(is_name ? pattern : setting.name, &setting);
      }
    }
  }
  io::Resp& writer = asked.writer();
  writer.map(fits.size());
  for (const auto& [name, setting] : fits) {
    writer.bulk(name);
    writer.bulk(setting->value(asked.about));
  }
}

void set(Asked& asked) {
  const std::string_view name = asked.words[2];
  for (const Setting& setting : kSettings) {
    if (same_word(setting.name, name) && asked.words.size() % 2 == 0) {
      asked.refuse("CONFIG SET failed (possibly related to argument '" + std::string(setting.name) +
                   "') - can't set immutable config");
      return;
    }
  }
  asked.refuse("Unknown option or number of arguments for CONFIG SET - '" + command::shown(name) + "'");
}

void resetstat(Asked& asked) {
  const SteadyTime started = asked.about.figures.started;
  asked.about.figures = {};
  asked.about.figures.started = started;
  asked.ok();
}

void rewrite(Asked& asked) {
  asked.refuse("The server is running without a config file");
}

constexpr std::array kRows = {
    Row{"config|get", -3, get, "server", "<pattern> ...: settings, and what they are."},
    Row{"config|help", 2, answer_help, "server", "Prints this help."},
    Row{"config|resetstat", 2, resetstat, "server", "Begin to count again what INFO tells."},
    Row{"config|rewrite", 2, rewrite, "server", "Refused: there is no file of settings."},
    Row{"config|set", -4, set, "server", "Refused: what weir serve was started with stays."},
};

}  // namespace

std::span<const Row> config_rows() {
  return kRows;
}

}  // namespace weir::server
