// Removing streams and entries, and saying what would be removed.
#include <algorithm>

#include "cli/arguments/fill.h"
#include "cli/run/answer.h"
#include "cli/run/session.h"
#include "redis/wire/url.h"

namespace weir::cli {

namespace {

bool is_dry(const Session& session) {
  return session.arguments.options.has("--dry-run");
}

Result<int> answer_count(const Session& session, std::uint64_t count) {
  write_answer(session.out.text(), session.settings, Count{count});
  return 0;
}

Result<std::uint64_t> count_before(Store& store, const std::string& stream, Id end) {
  constexpr std::uint64_t kPage = 4096;
  std::uint64_t count = 0;
  const auto last = previous_id(end);
  std::optional<Id> first = last ? std::optional(kMinId) : std::nullopt;
  while (first) {
    WEIR_ASSIGN(const Entries page, store.run(Xrange{stream, *first, *last, false, kPage}));
    count += page.entries.size();
    first = page.entries.size() < kPage ? std::nullopt : next_id(page.entries.back().id);
  }
  return count;
}

/// A server undoes nothing that it has done: it is reckoned.
Result<std::uint64_t> reckon(Store& store, const Xtrim& request) {
  const Trim& trim = request.trim;
  if (trim.references == References::acked || trim.approximate) {
    return fail(Failure::refused, "what a server would drop with --acked or ~ cannot be told beforehand");
  }
  if (trim.by == Trim::By::minid) {
    return count_before(store, request.stream, trim.minid);
  }
  WEIR_ASSIGN(const Count length, store.run(Xlen{request.stream}));
  return length.value > trim.maxlen ? length.value - trim.maxlen : 0;
}

/// In a file it is done, and undone: what comes after it is refused.
Result<std::uint64_t> do_and_undo(Store& store, const Xtrim& request) {
  XgroupSetid refused;
  refused.stream = request.stream;
  const std::vector<Request> both{request, refused};
  WEIR_ASSIGN(const auto replies, store.transact(both, Store::OnRefusal::undo));
  const auto* count =
      replies.size() == both.size() && !replies.back() ? std::get_if<Count>(&*replies.front()) : nullptr;
  return count == nullptr ? fail(Failure::store, "it could not be tried") : Result<std::uint64_t>(count->value);
}

}  // namespace

Result<int> run_del(const Session& session) {
  if (!is_dry(session)) {
    return run_request(session);
  }
  WEIR_ASSIGN(const auto request, requested(session));
  WEIR_ASSIGN(const auto store, open_store(session.settings, Access::look));
  std::vector<std::string> streams = std::get<Del>(*request).streams;
  std::ranges::sort(streams);
  streams.erase(std::unique(streams.begin(), streams.end()), streams.end());
  WEIR_ASSIGN(const Count there, store->run(Exists{std::move(streams)}));
  return answer_count(session, there.value);
}

Result<int> run_trim(const Session& session) {
  if (!is_dry(session)) {
    return run_request(session);
  }
  WEIR_ASSIGN(const auto request, requested(session));
  if (!request) {
    return 0;
  }
  const auto& trim = std::get<Xtrim>(*request);
  // It makes no database only to try.
  WEIR_ASSIGN(auto store, open_store(session.settings, Access::look));
  const bool server = redis::is_server(session.settings.database);
  WEIR_ASSIGN(const Count length, store->run(Xlen{trim.stream}));
  if (length.value == 0) {
    return answer_count(session, 0);
  }
  if (!server) {
    store.reset();
    WEIR_ASSIGN(store, open_store(session.settings, Access::make));
  }
  WEIR_ASSIGN(const std::uint64_t dropped, server ? reckon(*store, trim) : do_and_undo(*store, trim));
  return answer_count(session, dropped);
}

}  // namespace weir::cli
