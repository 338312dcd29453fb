// Reading: ranges in pages, and reads that follow.
#include <algorithm>
#include <new>
#include <optional>

#include "cli/run/answer.h"
#include "cli/run/session.h"
#include "cli/run/stop_signals.h"
#include "redis/wire/url.h"

namespace weir::cli {

namespace {

constexpr std::uint64_t kPage = 4096;
// So many messages a consumer takes at a time with --follow, if --count does not say: others want some too.
constexpr std::uint64_t kFollowCount = 10;

// No more than MAXCOUNT says, which would be refused.
std::uint64_t default_count(const ReadLimit& limit, std::uint64_t count) {
  return std::min(count, limit.entries.value_or(count));
}

// The last ID that a stream has given; 0-0 if there is no such stream.
Result<Id> last_id(Store& store, const std::string& stream) {
  const auto info = store.run(XinfoStream{stream});
  if (info) {
    return info->last_generated_id;
  }
  if (info.error().failure == Failure::refused) {
    return kMinId;
  }
  return tl::unexpected<Error>(info.error());
}

// Narrows `range` to what comes after its page. False: nothing does.
bool go_on_behind(Xrange& range, Id printed) {
  const auto next = range.reverse ? previous_id(printed) : next_id(printed);
  if (!next) {
    return false;
  }
  (range.reverse ? range.last : range.first) = *next;
  return range.first <= range.last;
}

// From here on `$` and `+` are IDs, so that nothing is missed between two reads.
Result<void> pin_sources(Store& store, Xread& request) {
  for (Xread::Source& source : request.sources) {
    if (source.from.kind == Xread::From::Kind::end) {
      WEIR_ASSIGN(source.from.id, last_id(store, source.stream));
      source.from.kind = Xread::From::Kind::after;
    }
  }
  return {};
}

Result<void> show(const Session& session, EntryPages& pages, const StreamEntries& reply) {
  pages.write(session.out.text(), reply);
  return session.out.flush();
}

// `+` gives the last entry once, and what comes after it from then on.
Result<bool> show_last_entries(const Session& session, EntryPages& pages, Store& store, Xread& request) {
  bool shown = false;
  for (Xread::Source& source : request.sources) {
    if (source.from.kind != Xread::From::Kind::last_entry) {
      continue;
    }
    WEIR_ASSIGN(Id after, last_id(store, source.stream));
    WEIR_ASSIGN(const StreamEntries reply, store.run(Xread{{source}, 1, std::nullopt}));
    if (!reply.empty()) {
      after = reply.front().entries.back().id;
      WEIR_TRY(show(session, pages, reply));
      shown = true;
    }
    source.from = {Xread::From::Kind::after, after};
  }
  return shown;
}

// A read that may wait. If the streams are in a file, a signal that comes meanwhile lets it leave the file in order.
template <typename Request>
Result<StreamEntries> read_waiting(const Session& session, Store& store, const Request& request) {
  std::optional<StopSignals> stop;
  if (request.block && !redis::is_server(session.settings.database)) {
    stop.emplace();
  }
  return store.run(request);
}

Result<int> follow(const Session& session, Store& store, Xread request) {
  WEIR_TRY(pin_sources(store, request));
  EntryPages pages(session.settings, request.sources.size() > 1);
  WEIR_ASSIGN(bool shown, show_last_entries(session, pages, store, request));
  request.block = request.block.value_or(Millis(0));
  request.count = request.count.value_or(default_count(request.limit, kPage));
  while (true) {
    WEIR_ASSIGN(const StreamEntries reply, read_waiting(session, store, request));
    if (is_nothing(reply)) {
      return shown ? 0 : 1;
    }
    shown = true;
    WEIR_TRY(show(session, pages, reply));
    if (stop_signal() != 0) {
      return 0;
    }
    for (const Entries& entries : reply) {
      for (Xread::Source& source : request.sources) {
        if (source.stream == entries.stream) {
          source.from.id = std::max(source.from.id, entries.entries.back().id);
        }
      }
    }
  }
}

Result<int> show_once(const Session& session, const StreamEntries& reply, bool streams) {
  EntryPages(session.settings, streams).write(session.out.text(), reply);
  return is_nothing(reply) ? 1 : 0;
}

// One stream, all that comes after an ID, as JSON lines: a range, which needs no memory for the whole.
std::optional<Xrange> as_range(const Session& session, const Xread& request) {
  if (errors_are_replies(session.settings.format) || request.count || request.limit.any() ||
      request.sources.size() != 1 || request.sources[0].from.kind != Xread::From::Kind::after) {
    return std::nullopt;
  }
  const auto first = next_id(request.sources[0].from.id);
  if (!first) {
    return std::nullopt;
  }
  Xrange range;
  range.stream = request.sources[0].stream;
  range.first = *first;
  return range;
}

Result<int> show_range(const Session& session, Store& store, Xrange range, EntryPages& pages) {
  bool shown = false;
  bool end_fixed = range.reverse;
  std::optional<std::uint64_t> left = range.count;
  while (true) {
    range.count = std::min(kPage, left.value_or(kPage));
    WEIR_ASSIGN(const Entries page, store.run(range));
    if (page.entries.empty()) {
      return shown ? 0 : 1;
    }
    shown = true;
    pages.write(session.out.text(), page);
    WEIR_TRY(session.out.flush_if_large());
    if (left) {
      *left -= page.entries.size();
    }
    if (page.entries.size() < *range.count || left == std::uint64_t{0} ||
        !go_on_behind(range, page.entries.back().id)) {
      return 0;
    }
    // What is added while the range is printed does not make it longer.
    if (!end_fixed) {
      WEIR_ASSIGN(const Id last, last_id(store, range.stream));
      range.last = std::min(range.last, last);
      end_fixed = true;
    }
  }
}

/// Waits for the first page only: what comes after it is there.
Result<int> show_awaited_range(const Session& session, Store& store, Xread request, Xrange range) {
  request.count = kPage;
  EntryPages pages(session.settings, false);
  WEIR_ASSIGN(const StreamEntries reply, store.run(request));
  if (is_nothing(reply)) {
    return 1;
  }
  WEIR_TRY(show(session, pages, reply));
  const std::vector<Entry>& page = reply.front().entries;
  if (page.size() >= kPage && go_on_behind(range, page.back().id)) {
    WEIR_TRY(show_range(session, store, std::move(range), pages));
  }
  return 0;
}

Result<int> run_pages(const Session& session, Store& store, Xrange range) {
  EntryPages pages(session.settings, false);
  return show_range(session, store, std::move(range), pages);
}

// What was taken and cannot be shown is as if it had not been delivered. With NOACK nothing is left to give back.
void give_back(const Session& session, Store& store, const Xreadgroup& request, StreamEntries taken) {
  session.out.forget();
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const auto source = std::ranges::find(request.sources, taken[i].stream, &Xreadgroup::Source::stream);
    if (request.noack || source == request.sources.end() || source->history_after) {
      continue;
    }
    Xnack nack;
    nack.stream = taken[i].stream;
    nack.group = request.group;
    nack.owner = request.consumer;
    nack.blame = Xnack::Blame::silent;
    for (const Entry& entry : taken[i].entries) {
      nack.ids.push_back(entry.id);
    }
    taken[i].entries = {};
    static_cast<void>(store.run(nack));  // where that fails too they stay pending, as with any consumer that ends
  }
}

Result<int> read_as_consumer(const Session& session, Store& store, Xreadgroup request) {
  const Options& options = session.arguments.options;
  if (options.has("--create")) {
    for (const Xreadgroup::Source& source : request.sources) {
      WEIR_TRY(store.run(XgroupCreate{source.stream, request.group, kMinId, true, std::nullopt, true}));
    }
  }
  if (!options.has("--follow")) {
    WEIR_ASSIGN(StreamEntries reply, read_waiting(session, store, request));
    try {
      return show_once(session, reply, request.sources.size() > 1);
    } catch (const std::bad_alloc&) {
      give_back(session, store, request, std::move(reply));
      throw;
    }
  }
  request.block = request.block.value_or(Millis(0));
  request.count = request.count.value_or(default_count(request.limit, kFollowCount));
  EntryPages pages(session.settings, request.sources.size() > 1);
  for (bool shown = false;; shown = true) {
    WEIR_ASSIGN(StreamEntries reply, read_waiting(session, store, request));
    if (is_nothing(reply)) {
      return shown ? 0 : 1;
    }
    try {
      pages.write(session.out.text(), reply);
    } catch (const std::bad_alloc&) {
      give_back(session, store, request, std::move(reply));
      throw;
    }
    WEIR_TRY(session.out.flush());
    if (stop_signal() != 0) {
      return 0;
    }
  }
}

}  // namespace

Result<int> run_range(const Session& session) {
  WEIR_ASSIGN(auto request, requested(session));
  if (!request) {
    return 0;
  }
  WEIR_ASSIGN(const auto store, open_for(session));
  return errors_are_replies(session.settings.format)
             ? run_one(session, *store, *request)
             : run_pages(session, *store, std::get<Xrange>(std::move(*request)));
}

Result<int> run_read(const Session& session) {
  WEIR_ASSIGN(auto requested_read, requested(session));
  if (!requested_read) {
    return 0;
  }
  auto& request = std::get<Xread>(*requested_read);
  const bool follows = session.arguments.options.has("--follow");
  // It makes a database only to wait in it.
  WEIR_ASSIGN(const auto store,
              request.block || follows ? open_for(session) : open_store(session.settings, Access::look));
  if (follows) {
    return follow(session, *store, std::move(request));
  }
  if (auto range = as_range(session, request)) {
    return request.block ? show_awaited_range(session, *store, std::move(request), std::move(*range))
                         : run_pages(session, *store, std::move(*range));
  }
  WEIR_ASSIGN(const StreamEntries reply, read_waiting(session, *store, request));
  return show_once(session, reply, request.sources.size() > 1);
}

Result<int> run_group_read(const Session& session) {
  WEIR_ASSIGN(auto request, requested(session));
  if (!request) {
    return 0;
  }
  WEIR_ASSIGN(const auto store, open_for(session));
  return read_as_consumer(session, *store, std::get<Xreadgroup>(std::move(*request)));
}

}  // namespace weir::cli
