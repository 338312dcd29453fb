// Reading without groups: ranges in pages, and reads that continue.
#include <algorithm>
#include <chrono>
#include <optional>

#include "cli/arguments/fill.h"
#include "cli/run/answer.h"
#include "cli/run/selection.h"
#include "cli/run/session.h"
#include "cli/run/waiting_read.h"
#include "system/clock.h"

namespace weir::cli {

namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kTail = 10;  // how many entries tail shows
// Replaces `$` and `+` by IDs, so that no entry is missed between two reads.
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

// Keeps the selected entries of a reply.
void select(const Selection& selection, StreamEntries& reply) {
  std::ranges::for_each(reply, [&](Entries& entries) { selection.filter(entries); });
  std::erase_if(reply, [](const Entries& entries) { return entries.entries.empty(); });
}

// Shows what --since and --last select of the entries that exist. Later entries are left to the next read.
Result<bool> show_selected(const Session& session, EntryPages& pages, Store& store, Xread& request,
                           const Selection& selection) {
  bool shown = false;
  for (Xread::Source& source : request.sources) {
    WEIR_ASSIGN(const Id end, last_id(store, source.stream));
    Xrange range;
    range.stream = source.stream;
    range.last = end;
    WEIR_ASSIGN(const bool any, each_selected(store, range, selection, [&](const Entries& page) {
                  return page.entries.empty() ? Result<void>() : show(session, pages, {page});
                }));
    shown = shown || any;
    source.from = {Xread::From::Kind::after, end};
  }
  return shown;
}

// `+` shows the last entry once, and after that each later entry.
Result<bool> show_last_entries(const Session& session, EntryPages& pages, Store& store, Xread& request,
                               const Selection& selection) {
  bool shown = false;
  for (Xread::Source& source : request.sources) {
    if (source.from.kind != Xread::From::Kind::last_entry) {
      continue;
    }
    WEIR_ASSIGN(Id after, last_id(store, source.stream));
    WEIR_ASSIGN(StreamEntries reply, store.run(Xread{{source}, 1, std::nullopt}));
    if (!reply.empty()) {
      after = reply.front().entries.back().id;
      select(selection, reply);
    }
    if (!reply.empty()) {
      shown = true;
      WEIR_TRY(show(session, pages, reply));
    }
    source.from = {Xread::From::Kind::after, after};
  }
  return shown;
}

// How long reads may still wait, if there is a limit.
class Patience {
 public:
  explicit Patience(std::optional<Millis> block) : block_(block.value_or(Millis(0))) { renew(); }
  void renew() { end_ = later(std::chrono::steady_clock::now(), block_); }
  bool is_over() const { return block_.count() > 0 && std::chrono::steady_clock::now() >= end_; }
  /// The BLOCK of a request: 0 means for ever.
  Millis left() const {
    const auto left = std::chrono::ceil<Millis>(end_ - std::chrono::steady_clock::now());
    return block_.count() == 0 ? block_ : std::max(left, Millis(1));
  }

 private:
  Millis block_;
  std::chrono::steady_clock::time_point end_;
};

void go_on_after(const StreamEntries& reply, Xread& request) {
  for (const Entries& entries : reply) {
    for (Xread::Source& source : request.sources) {
      if (source.stream == entries.stream) {
        source.from.id = std::max(source.from.id, entries.entries.back().id);
      }
    }
  }
}

// Reads on and on; with `once`, until an entry has come.
Result<int> follow(const Session& session, Store& store, Xread request, const Selection& selection, bool once) {
  WEIR_TRY(pin_sources(store, request));
  EntryPages pages(session.settings, request.sources.size() > 1);
  bool shown = false;
  if (selection.first != kMinId || selection.newest) {
    WEIR_ASSIGN(shown, show_selected(session, pages, store, request, selection));
  } else {
    WEIR_ASSIGN(shown, show_last_entries(session, pages, store, request, selection));
  }
  request.count = request.count.value_or(default_count(request.limit, kPage));
  Patience patience(request.block);
  WaitingReads reads(session, store);
  while (!(once && shown)) {
    request.block = patience.left();
    WEIR_ASSIGN(StreamEntries reply, reads.run(request));
    if (is_nothing(reply)) {
      return shown ? 0 : 1;
    }
    go_on_after(reply, request);
    select(selection, reply);
    if (!reply.empty()) {
      shown = true;
      WEIR_TRY(show(session, pages, reply));
      patience.renew();
    }
    if (stop_signal() != 0) {
      return 0;
    }
    if (patience.is_over()) {
      return shown ? 0 : 1;
    }
  }
  return 0;
}

Result<int> show_once(const Session& session, const StreamEntries& reply, bool streams) {
  EntryPages(session.settings, streams).write(session.out.text(), reply);
  return is_nothing(reply) ? 1 : 0;
}

// If one stream is read from an ID to its end as JSON lines, returns the range, which needs no memory for the whole.
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

Result<int> show_range(const Session& session, Store& store, Xrange range, const Selection& selection,
                       EntryPages& pages) {
  auto* packing = pages.takes_packed() && selection.where.empty() ? dynamic_cast<Packing*>(&store) : nullptr;
  if (packing != nullptr) {
    WEIR_ASSIGN(const bool shown, each_packed(store, *packing, range, selection, [&](const PackedEntries& page) {
                  pages.write(session.out.text(), range.stream, page);
                  return session.out.flush_if_large();
                }));
    return shown ? 0 : 1;
  }
  WEIR_ASSIGN(const bool shown, each_selected(store, std::move(range), selection, [&](const Entries& page) {
                if (!page.entries.empty()) {
                  pages.write(session.out.text(), page);
                }
                return session.out.flush_if_large();
              }));
  return shown ? 0 : 1;
}

/// Waits for the first page only, as the others exist already.
Result<int> show_awaited_range(const Session& session, Store& store, Xread request, Xrange range) {
  request.count = kPage;
  EntryPages pages(session.settings, false);
  WEIR_ASSIGN(const StreamEntries reply, WaitingReads(session, store).run(request));
  if (is_nothing(reply)) {
    return 1;
  }
  WEIR_TRY(show(session, pages, reply));
  const std::vector<Entry>& page = reply.front().entries;
  if (const auto next = next_id(page.back().id); next && page.size() >= kPage) {
    range.first = *next;
    WEIR_TRY(show_range(session, store, std::move(range), {}, pages));
  }
  return 0;
}

// The selected entries of all ranges, as one reply.
Result<int> reply_with_selected(const Session& session, Store& store, std::vector<Xrange> ranges,
                                const Selection& selection) {
  StreamEntries all;
  for (Xrange& range : ranges) {
    all.push_back({range.stream, {}});
    WEIR_TRY(each_selected(store, std::move(range), selection, [&](const Entries& page) -> Result<void> {
      all.back().entries.insert(all.back().entries.end(), page.entries.begin(), page.entries.end());
      return {};
    }));
  }
  const bool none = is_nothing(all);
  if (std::string_view(session.arguments.command->name).ends_with("range")) {
    write_answer(session.out.text(), session.settings, std::move(all.front()));
  } else {
    std::erase_if(all, [](const Entries& entries) { return entries.entries.empty(); });
    write_answer(session.out.text(), session.settings, std::move(all));
  }
  return none ? 1 : 0;
}

// The ranges that a read without waiting covers.
std::vector<Xrange> ranges_of(const Xread& request) {
  std::vector<Xrange> ranges;
  for (const Xread::Source& source : request.sources) {
    Xrange range;
    range.stream = source.stream;
    range.count = request.count;
    if (source.from.kind == Xread::From::Kind::last_entry) {
      range.count = 1;
      range.reverse = true;
    } else if (source.from.kind == Xread::From::Kind::end) {
      range.count = 0;  // no entry comes after the last one
    } else if (const auto first = next_id(source.from.id)) {
      range.first = *first;
    }
    ranges.push_back(std::move(range));
  }
  return ranges;
}

Result<int> read_selected(const Session& session, Store& store, const Xread& request, const Selection& selection) {
  std::vector<Xrange> ranges = ranges_of(request);
  if (errors_are_replies(session.settings.format)) {
    return reply_with_selected(session, store, std::move(ranges), selection);
  }
  EntryPages pages(session.settings, ranges.size() > 1);
  bool any = false;
  for (Xrange& range : ranges) {
    WEIR_ASSIGN(const bool shown, each_selected(store, std::move(range), selection, [&](const Entries& page) {
                  if (!page.entries.empty()) {
                    pages.write(session.out.text(), StreamEntries{page});
                  }
                  return session.out.flush_if_large();
                }));
    any = any || shown;
  }
  return any ? 0 : 1;
}

Result<int> run_pages(const Session& session, Store& store, Xrange range, const Selection& selection) {
  EntryPages pages(session.settings, false);
  return show_range(session, store, std::move(range), selection, pages);
}

}  // namespace

Result<int> run_range(const Session& session) {
  WEIR_ASSIGN(auto request, requested(session));
  if (!request) {
    return 0;
  }
  WEIR_ASSIGN(const Selection selection, read_selection(session.arguments.options));
  WEIR_ASSIGN(const auto store, open_for(session));
  auto& range = std::get<Xrange>(*request);
  if (!errors_are_replies(session.settings.format)) {
    return run_pages(session, *store, std::move(range), selection);
  }
  return selection.any() ? reply_with_selected(session, *store, {std::move(range)}, selection)
                         : run_one(session, *store, *request);
}

Result<int> run_read(const Session& session) {
  WEIR_ASSIGN(auto requested_read, requested(session));
  if (!requested_read) {
    return 0;
  }
  auto& request = std::get<Xread>(*requested_read);
  WEIR_ASSIGN(const Selection selection, read_selection_of_read(session.arguments));
  const bool follows = session.arguments.options.has("--follow");
  if (follows || (request.block && selection.any())) {
    WEIR_ASSIGN(const auto store, open_for(session));
    return follow(session, *store, std::move(request), selection, !follows);
  }
  // A blocking read makes the database, in order to wait in it.
  WEIR_ASSIGN(const auto store, request.block ? open_for(session) : open_store(session.settings, Access::look));
  if (selection.any()) {
    return read_selected(session, *store, request, selection);
  }
  if (auto range = as_range(session, request)) {
    return request.block ? show_awaited_range(session, *store, std::move(request), std::move(*range))
                         : run_pages(session, *store, std::move(*range), {});
  }
  WEIR_ASSIGN(const StreamEntries reply, WaitingReads(session, *store).run(request));
  return show_once(session, reply, request.sources.size() > 1);
}

Result<int> run_tail(const Session& session) {
  if (session.arguments.words.empty()) {
    return fail(Failure::usage, "tail needs a STREAM");
  }
  WEIR_TRY(check_none_is_empty(session.arguments));
  Xread request;
  for (const std::string_view stream : session.arguments.words) {
    request.sources.push_back({std::string(stream), {}});
  }
  WEIR_ASSIGN(Selection selection, read_selection_of_read(session.arguments));
  if (!selection.newest && !session.arguments.options.has("--since")) {
    selection.newest = kTail;
  }
  if (session.arguments.options.has("--follow")) {
    WEIR_ASSIGN(const auto store, open_for(session));
    return follow(session, *store, std::move(request), selection, false);
  }
  WEIR_ASSIGN(const auto store, open_store(session.settings, Access::look));
  return read_selected(session, *store, request, selection);
}

}  // namespace weir::cli
