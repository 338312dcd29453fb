// `weir ls`: lists streams, sorted as asked.
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "cli/arguments/fill.h"
#include "cli/run/answer.h"
#include "cli/run/list_order.h"
#include "cli/run/session.h"
#include "report/list.h"
#include "report/queued.h"
#include "report/stuck.h"
#include "system/clock.h"

namespace weir::cli {

namespace {

using report::StreamQueue;

struct Matching {
  Names names;
  bool all = true;  ///< each word matches a stream
};

// The streams that match any of the words, each once. With several words, those that match nothing are reported, and
// the matching streams are listed all the same.
Result<Matching> matching(Store& store, const std::vector<std::string_view>& words) {
  if (words.size() < 2) {
    WEIR_ASSIGN(Names found, store.run(Keys{words.empty() ? "*" : std::string(words[0])}));
    return Matching{std::move(found)};
  }
  Names all;
  std::vector<std::string_view> unmatched;
  for (const std::string_view word : words) {
    WEIR_ASSIGN(Names found, store.run(Keys{std::string(word)}));
    if (found.names.empty()) {
      unmatched.push_back(word);
    }
    std::ranges::move(found.names, std::back_inserter(all.names));
  }
  if (all.names.empty() && ::access(std::string(words[0]).c_str(), F_OK) == 0) {
    return fail(Failure::usage, "no stream is called like any of these files",
                "the shell seems to have expanded a glob; put it in quotes");
  }
  for (const std::string_view word : unmatched) {
    report({Failure::refused, "no stream is called or matches " + std::string(word)});
  }
  std::ranges::sort(all.names);
  all.names.erase(std::unique(all.names.begin(), all.names.end()), all.names.end());
  return Matching{std::move(all), unmatched.empty()};
}

// The largest comes first; streams with unknown values come last.
void sort_by(ListOrder order, std::vector<StreamQueue>& streams) {
  const auto by = [&](const auto& figure) {
    std::ranges::stable_sort(streams, [&](const auto& a, const auto& b) { return figure(a) > figure(b); });
  };
  switch (order) {
    case ListOrder::name:
      break;
    case ListOrder::length:
      by([](const StreamQueue& stream) { return stream.length; });
      break;
    case ListOrder::age:
      by([](const StreamQueue& stream) {
        return stream.last_id == kMinId ? std::nullopt : std::optional(~stream.last_id.ms);
      });
      break;
    case ListOrder::waiting:
      by([](const StreamQueue& stream) { return stream.known_waiting(); });
      break;
    case ListOrder::pending:
      by([](const StreamQueue& stream) { return stream.pending(); });
      break;
    case ListOrder::size:
      by([](const StreamQueue& stream) { return stream.size; });
      break;
  }
}

struct Wanted {
  ListOrder order = ListOrder::name;
  std::optional<Millis> stuck_after;
  bool objects = false;  ///< figures are shown, not only names
  report::Depth depth;
};

Result<Wanted> read_wanted(const Session& session) {
  const Options& options = session.arguments.options;
  const Settings& settings = session.settings;
  Wanted wanted;
  WEIR_ASSIGN(wanted.order, options.choice<ListOrder>("--sort"));
  if (options.has("--stuck") || options.has("--stuck-after")) {
    wanted.stuck_after = options.time("--stuck-after").value_or(report::kStuckAfter);
  }
  const bool with_size = options.has("--long");
  const bool columns = settings.framing == Framing::tsv || settings.framing == Framing::csv;
  wanted.objects = with_size || wanted.stuck_after || columns || settings.format == Format::table;
  wanted.depth.held = wanted.objects;
  if (wanted.stuck_after) {
    wanted.depth.held_for = {*wanted.stuck_after};
  }
  wanted.depth.oldest = with_size || wanted.stuck_after;
  wanted.depth.activity = wanted.stuck_after.has_value();
  wanted.depth.size = with_size || wanted.order == ListOrder::size;
  return wanted;
}

Result<std::vector<StreamQueue>> chosen(Store& store, std::span<const std::string> names, const Wanted& wanted) {
  WEIR_ASSIGN(std::vector<StreamQueue> streams, report::queues_of(store, names, wanted.depth));
  if (wanted.stuck_after) {
    const UnixMs now = unix_now();
    std::erase_if(streams, [&](StreamQueue& stream) {
      stream.stuck = report::why_stuck(stream, *wanted.stuck_after, now);
      return !stream.stuck;
    });
  }
  return streams;
}

// Writes streams as they come, if nothing has to be known about all of them first.
Result<bool> write_in_pages(const Session& session, Store& store, const Names& names, const Wanted& wanted) {
  constexpr std::size_t kPage = 256;
  bool any = false;
  std::span<const std::string> rest = names.names;
  while (!rest.empty()) {
    const auto page = rest.first(std::min(kPage, rest.size()));
    rest = rest.subspan(page.size());
    WEIR_ASSIGN(const std::vector<StreamQueue> streams, chosen(store, page, wanted));
    for (const StreamQueue& stream : streams) {
      report::write_queue_line(session.out.text(), stream);
      any = true;
    }
    WEIR_TRY(session.out.flush_if_large());
  }
  return any;
}

}  // namespace

Result<int> run_list(const Session& session) {
  WEIR_TRY(check_none_is_empty(session.arguments));
  WEIR_ASSIGN(const Wanted wanted, read_wanted(session));
  WEIR_ASSIGN(const auto store, open_store(session.settings, Access::look));
  WEIR_ASSIGN(Matching found, matching(*store, session.arguments.words));
  Names& names = found.names;
  const auto status = [&](bool any) { return !found.all ? static_cast<int>(Failure::refused) : any ? 0 : 1; };
  const bool one_reply = errors_are_replies(session.settings.format);
  const bool lines = session.settings.format == Format::lines;
  if ((one_reply || !wanted.objects) && !wanted.stuck_after && wanted.order == ListOrder::name) {
    const bool none = names.names.empty();
    write_answer(session.out.text(), session.settings, std::move(names));
    return status(!none);
  }
  if (lines && wanted.objects && wanted.order == ListOrder::name) {
    WEIR_ASSIGN(const bool any, write_in_pages(session, *store, names, wanted));
    return status(any);
  }
  WEIR_ASSIGN(std::vector<StreamQueue> streams, chosen(*store, names.names, wanted));
  sort_by(wanted.order, streams);
  if (session.settings.format == Format::table) {
    report::write_queue_table(session.out.text(), streams, table_style(session.settings));
  } else if (lines && wanted.objects) {
    std::ranges::for_each(streams,
                          [&](const StreamQueue& stream) { report::write_queue_line(session.out.text(), stream); });
  } else {
    Names sorted;
    std::ranges::transform(streams, std::back_inserter(sorted.names), &StreamQueue::name);
    write_answer(session.out.text(), session.settings, std::move(sorted));
  }
  return status(!streams.empty());
}

}  // namespace weir::cli
