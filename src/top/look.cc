#include "top/look.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "report/stuck.h"
#include "system/clock.h"
#include "text/words.h"
#include "worker/dead/targets.h"

namespace weir::top {
namespace {

using report::Depth;
using report::StreamQueue;

/// Without `held_for`: each look would cost a server as much as there is pending.
const Depth kDeep{.held = true, .oldest = true, .activity = true, .dead = true};

SeenStream seen(StreamQueue queue, Millis stuck_after, bool deep) {
  SeenStream stream;
  stream.at = unix_now();
  stream.seen = std::chrono::steady_clock::now();
  stream.deep = deep;
  if (deep) {
    stream.stuck = report::why_stuck(queue, stuck_after, stream.at);
    for (const report::GroupQueue& group : queue.groups) {
      stream.stuck_groups.push_back(report::why_stuck(group, stuck_after, stream.at));
    }
  }
  stream.queue = std::move(queue);
  return stream;
}

Result<std::vector<SeenStream>> deep_look(Store& store, std::span<const std::string> names, Millis stuck_after) {
  WEIR_ASSIGN(std::vector<StreamQueue> queues, report::queues_of(store, names, kDeep));
  std::vector<SeenStream> streams;
  streams.reserve(queues.size());
  for (StreamQueue& queue : queues) {
    streams.push_back(seen(std::move(queue), stuck_after, true));
  }
  return streams;
}

/// A refusal means that what we look for does not exist.
template <typename T>
Result<bool> take(Result<T> result, T& into) {
  if (result) {
    into = std::move(*result);
    return true;
  }
  return result.error().failure == Failure::refused ? Result<bool>(false) : tl::unexpected<Error>(result.error());
}

void cut_to(std::uint64_t limit, auto& rows, bool& more) {
  more = rows.size() > limit;
  if (more) {
    rows.resize(limit);
  }
}

/// The beginning of a large message, as a line of a list shows no more.
Fields beginning_of(Fields fields) {
  constexpr std::size_t kEnough = 1'600;
  constexpr std::size_t kLarge = 4'096;
  if (fields.json().size() <= kLarge) {
    return fields;
  }
  std::vector<Field> first;
  std::size_t size = 0;
  fields.each([&](std::string_view name, std::string_view value) {
    if (size < kEnough) {
      first.push_back({std::string(name.substr(0, kEnough)), std::string(value.substr(0, kEnough))});
      size += first.back().name.size() + first.back().value.size();
    }
  });
  return Fields::from_pairs(first);
}

SeenEntry seen_entry(Entry entry) {
  auto letter = entry.fields ? worker::read_dead_letter(*entry.fields) : std::nullopt;
  return {std::move(entry), std::move(letter)};
}

Result<void> find_last(Store& store, const std::string& stream, std::uint64_t limit, FoundPlace& found) {
  constexpr std::uint64_t kPage = 32;  // small, as messages may be megabytes long
  Xrange page;
  page.stream = stream;
  page.reverse = true;
  while (found.entries.size() <= limit) {
    page.count = std::min(kPage, limit + 1 - found.entries.size());
    Entries entries;
    WEIR_TRY(take(store.run(page), entries));
    for (Entry& entry : entries.entries) {
      SeenEntry seen = seen_entry(std::move(entry));
      if (seen.entry.fields) {
        seen.entry.fields = beginning_of(std::move(*seen.entry.fields));
      }
      if (seen.letter) {
        seen.letter->original = beginning_of(std::move(seen.letter->original));
        seen.letter->death.last_lines = last_line(seen.letter->death.last_lines);
      }
      found.entries.push_back(std::move(seen));
    }
    if (entries.entries.size() < *page.count || found.entries.back().entry.id == kMinId) {
      break;
    }
    page.last = *previous_id(found.entries.back().entry.id);
  }
  cut_to(limit, found.entries, found.more);
  return {};
}

Result<void> find_pending(Store& store, const Want& want, FoundPlace& found) {
  Xpending request;
  request.stream = want.place.stream;
  request.group = want.place.group;
  request.count = want.limit + 1;
  if (!want.place.consumer.empty()) {
    request.consumer = want.place.consumer;
  }
  PendingEntries pending;
  WEIR_ASSIGN(const bool there, take(store.run(request), pending));
  found.gone = found.gone || !there;
  found.pending = std::move(pending.entries);
  cut_to(want.limit, found.pending, found.more);
  return {};
}

Result<void> find_message(Store& store, const Place& place, FoundPlace& found) {
  Entries entries;
  WEIR_TRY(take(store.run(Xrange{place.stream, place.id, place.id, false, 1}), entries));
  for (Entry& entry : entries.entries) {
    found.entries.push_back(seen_entry(std::move(entry)));
  }
  if (!place.group.empty()) {
    Xpending request;
    request.stream = place.stream;
    request.group = place.group;
    request.first = place.id;
    request.last = place.id;
    request.count = 1;
    PendingEntries pending;
    WEIR_TRY(take(store.run(request), pending));
    found.pending = std::move(pending.entries);
  }
  found.gone = found.entries.empty() && found.pending.empty();
  return {};
}

bool has_group(const StreamQueue& queue, const std::string& name) {
  return std::ranges::any_of(queue.groups, [&](const report::GroupQueue& group) { return group.name == name; });
}

}  // namespace

Result<FoundStreams> look_at_some(Store& store, std::span<const std::string> names, Millis stuck_after) {
  FoundStreams found;
  found.asked.assign(names.begin(), names.end());
  WEIR_ASSIGN(found.streams, deep_look(store, names, stuck_after));
  return found;
}

Result<FoundStreams> look_at_all(Store& store, const std::string& pattern, const Want& want, Millis stuck_after) {
  WEIR_ASSIGN(const Names names, store.run(Keys{pattern}));
  FoundStreams found;
  found.all = true;
  if (want.visible_is_all) {
    WEIR_ASSIGN(found.streams, deep_look(store, names.names, stuck_after));
    return found;
  }
  WEIR_ASSIGN(std::vector<StreamQueue> queues, report::queues_of(store, names.names, {}));
  std::unordered_map<std::string, std::uint64_t> lengths;
  lengths.reserve(queues.size());
  for (const StreamQueue& queue : queues) {
    lengths.emplace(queue.name, queue.length);
  }
  const std::unordered_set<std::string> visible(want.visible.begin(), want.visible.end());
  std::vector<std::string> deep;
  found.streams.reserve(queues.size());
  for (StreamQueue& queue : queues) {
    if (visible.contains(queue.name)) {
      deep.push_back(queue.name);
      continue;
    }
    WEIR_ASSIGN(const std::string letters, worker::dead_letter_stream(store, queue.name, ""));
    const auto dead = lengths.find(letters);
    queue.dead = dead == lengths.end() ? 0 : dead->second;
    found.streams.push_back(seen(std::move(queue), stuck_after, false));
  }
  WEIR_ASSIGN(std::vector<SeenStream> some, deep_look(store, deep, stuck_after));
  std::ranges::move(some, std::back_inserter(found.streams));
  return found;
}

Result<FoundPlace> look_at_place(Store& store, const Want& want, Millis stuck_after) {
  const Place& place = want.place;
  FoundPlace found;
  found.place = place;
  WEIR_ASSIGN(found.dead_stream, worker::dead_letter_stream(store, place.stream, ""));
  WEIR_ASSIGN(std::vector<SeenStream> streams, deep_look(store, {&place.stream, 1}, stuck_after));
  if (!streams.empty()) {
    found.stream = std::move(streams.front());
  }
  // Dead letters outlive their stream, so their place still exists without it.
  found.gone = place.kind != Kind::dead && (!found.stream || (!place.group.empty() && place.kind != Kind::message &&
                                                              !has_group(found.stream->queue, place.group)));
  found.at = unix_now();
  switch (place.kind) {
    case Kind::streams:
    case Kind::groups:
      break;
    case Kind::dead:
      WEIR_TRY(find_last(store, found.dead_stream, want.limit, found));
      break;
    case Kind::entries:
      WEIR_TRY(find_last(store, place.stream, want.limit, found));
      break;
    case Kind::delayed: {
      WEIR_ASSIGN(found.delayed, dynamic_cast<Delaying&>(store).delayed(place.stream, std::nullopt, want.limit + 1));
      cut_to(want.limit, found.delayed, found.more);
      break;
    }
    case Kind::pending:
      WEIR_TRY(find_pending(store, want, found));
      break;
    case Kind::consumers: {
      ConsumerInfos consumers;
      WEIR_TRY(take(store.run(XinfoConsumers{place.stream, place.group}), consumers));
      found.consumers = std::move(consumers.consumers);
      break;
    }
    case Kind::message:
      WEIR_TRY(find_message(store, place, found));
      break;
  }
  return found;
}

}  // namespace weir::top
