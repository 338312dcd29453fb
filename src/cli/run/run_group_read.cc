// Reading as a member of a group.
#include <new>

#include "cli/run/answer.h"
#include "cli/run/give_back.h"
#include "cli/run/session.h"
#include "cli/run/waiting_read.h"

namespace weir::cli {

namespace {

// How many messages a consumer takes at a time with --follow, unless --count says: other consumers want some, too.
constexpr std::uint64_t kFollowCount = 10;

// If nobody reads standard output any more, messages taken at that moment are shown to nobody, so they are given back.
Result<StreamEntries> take(const Session& session, Store& store, WaitingReads& reads, const Xreadgroup& request) {
  WEIR_ASSIGN(StreamEntries reply, reads.run(request));
  const Result<bool> reader = reply.empty() ? true : has_reader(session);
  if (reader && *reader) {
    return reply;
  }
  session.out.forget();
  give_back(store, request, std::move(reply));
  return reader ? Result<StreamEntries>() : tl::unexpected(reader.error());
}

Result<int> read_as_consumer(const Session& session, Store& store, Xreadgroup request) {
  const Options& options = session.arguments.options;
  if (options.has("--create")) {
    for (const Xreadgroup::Source& source : request.sources) {
      WEIR_TRY(store.run(XgroupCreate{source.stream, request.group, kMinId, true, std::nullopt, true}));
    }
  }
  WaitingReads reads(session, store);
  if (!options.has("--follow")) {
    WEIR_ASSIGN(StreamEntries reply, take(session, store, reads, request));
    try {
      EntryPages(session.settings, request.sources.size() > 1).write(session.out.text(), reply);
      return is_nothing(reply) ? 1 : 0;
    } catch (const std::bad_alloc&) {
      session.out.forget();
      give_back(store, request, std::move(reply));
      throw;
    }
  }
  request.block = request.block.value_or(Millis(0));
  request.count = request.count.value_or(default_count(request.limit, kFollowCount));
  EntryPages pages(session.settings, request.sources.size() > 1);
  for (bool shown = false;; shown = true) {
    WEIR_ASSIGN(StreamEntries reply, take(session, store, reads, request));
    if (is_nothing(reply)) {
      return shown ? 0 : 1;
    }
    try {
      pages.write(session.out.text(), reply);
    } catch (const std::bad_alloc&) {
      session.out.forget();
      give_back(store, request, std::move(reply));
      throw;
    }
    WEIR_TRY(session.out.flush());
    if (stop_signal() != 0) {
      return 0;
    }
  }
}

}  // namespace

Result<int> run_group_read(const Session& session) {
  WEIR_ASSIGN(auto request, requested(session));
  if (!request) {
    return 0;
  }
  WEIR_ASSIGN(const auto store, open_for(session));
  return read_as_consumer(session, *store, std::get<Xreadgroup>(std::move(*request)));
}

}  // namespace weir::cli
