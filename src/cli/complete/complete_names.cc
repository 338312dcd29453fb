// What the words of a command line name, and which names the database has.
#include <algorithm>
#include <chrono>
#include <set>
#include <span>
#include <string_view>

#include "cli/complete/complete.h"
#include "cli/run/settings.h"
#include "io/terminal_text.h"

namespace weir::cli {

namespace {

constexpr std::size_t kIds = 20;
/// If no stream is named, names within streams are looked for in so many streams.
constexpr std::size_t kMostStreams = 100;
/// Far more steps than completion needs, and still only a fraction of a second.
constexpr std::uint64_t kMostSteps = 5'000'000;

/// Whether a word is displayed unchanged, and a person can type it.
bool presentable(std::string_view name) {
  return !name.empty() && io::visible(name).text == name;
}

// The beginning of an entry's fields, with `?` for bytes that a terminal might obey.
std::string gist(const Entry& entry) {
  constexpr std::size_t kWidth = 50;
  std::string text(entry.fields ? entry.fields->json().substr(0, kWidth) : "");
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
  return text;
}

template <typename R>
typename R::Reply ask(Store& store, const R& request) {
  auto reply = store.run(request);
  return reply ? std::move(*reply) : typename R::Reply{};
}

/// Collects candidates, each name once.
class Found {
 public:
  explicit Found(std::string_view prefix) : prefix_(prefix) {}

  void add(std::string name, std::string meaning) {
    if (name.starts_with(prefix_) && presentable(name) && names_.insert(name).second) {
      candidates_.push_back({std::move(name), std::move(meaning)});
    }
  }

  /// Returns the candidates in order. If there are too many, the last one in order is kept at the end.
  std::vector<Candidate> take() {
    if (candidates_.size() > kMostCandidates) {
      const auto last = std::ranges::max_element(candidates_, {}, &Candidate::name);
      std::iter_swap(last, candidates_.begin() + kMostCandidates - 1);
      const auto first = std::ranges::min_element(candidates_, {}, &Candidate::name);
      std::iter_swap(first, candidates_.begin());
      candidates_.resize(kMostCandidates);
    }
    return std::move(candidates_);
  }

 private:
  std::string_view prefix_;
  std::set<std::string> names_;
  std::vector<Candidate> candidates_;
};

void add_groups(Found& found, Store& store, const std::string& stream) {
  for (const GroupInfo& group : ask(store, XinfoGroups{stream}).groups) {
    found.add(group.name, "group of " + (presentable(stream) ? stream : "a stream"));
  }
}

void add_consumers(Found& found, Store& store, const std::string& stream, const std::string& group) {
  std::vector<std::string> groups{group};
  if (group.empty()) {
    groups.clear();
    for (const GroupInfo& each : ask(store, XinfoGroups{stream}).groups) {
      groups.push_back(each.name);
    }
  }
  for (const std::string& each : groups) {
    for (const ConsumerInfo& consumer : ask(store, XinfoConsumers{stream, each}).consumers) {
      found.add(consumer.name, std::to_string(consumer.pending) + " pending");
    }
  }
}

void add_ids(Found& found, Store& store, const std::string& stream, const std::string& group) {
  if (!group.empty()) {
    Xpending request;
    request.stream = stream;
    request.group = group;
    request.count = kIds;
    for (const PendingEntry& entry : ask(store, request).entries) {
      found.add(to_string(entry.id), "pending");
    }
    return;
  }
  Xrange request;
  request.stream = stream;
  request.reverse = true;
  request.count = kIds;
  for (const Entry& entry : ask(store, request).entries) {
    found.add(to_string(entry.id), gist(entry));
  }
}

/// The suffix of streams of dead letters in a file, unless a worker is told another name.
constexpr std::string_view kLetters = ".dead";

void add_dead_streams(Found& found, Store& store, std::span<const std::string> streams) {
  for (const std::string& letters : streams) {
    if (!letters.ends_with(kLetters)) {
      continue;
    }
    if (const std::uint64_t count = ask(store, Xlen{letters}).value; count > 0) {
      const std::size_t length = letters.size() - kLetters.size();
      found.add(letters.substr(0, length), std::to_string(count) + (count == 1 ? " dead letter" : " dead letters"));
    }
  }
}

std::vector<std::string> streams_of(Store& store, std::string_view prefix, std::size_t most) {
  auto names = store.names_from(prefix, most);
  return names ? std::move(names->names) : std::vector<std::string>{};
}

}  // namespace

std::vector<Candidate> stored_names(Named kind, const NameScope& scope, const Options& options) {
  auto settings = read_settings(options);
  if (!settings || settings->database.find("://") != std::string::npos) {
    return {};
  }
  settings->lock_timeout = std::chrono::milliseconds(0);
  settings->most_steps = kMostSteps;
  const auto store = open_store(*settings, Access::look);
  if (!store) {
    return {};
  }
  Found found(scope.prefix);
  if (kind == Named::stream) {
    for (std::string& stream : streams_of(**store, scope.prefix, kMostCandidates)) {
      found.add(std::move(stream), "stream");
    }
    return found.take();
  }
  if (kind == Named::dead_stream) {
    add_dead_streams(found, **store, streams_of(**store, scope.prefix, kMostCandidates));
    return found.take();
  }
  for (const std::string& stream : scope.streams.empty() ? streams_of(**store, "", kMostStreams) : scope.streams) {
    if (kind == Named::group) {
      add_groups(found, **store, stream);
    } else if (kind == Named::consumer) {
      add_consumers(found, **store, stream, scope.group);
    } else if (kind == Named::letter && !scope.streams.empty()) {
      add_ids(found, **store, stream + std::string(kLetters), "");
    } else if (!scope.streams.empty()) {
      add_ids(found, **store, stream, scope.group);
    }
  }
  return found.take();
}

}  // namespace weir::cli
