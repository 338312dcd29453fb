// Removes streams and entries, and tells what would be removed.
#include <algorithm>

#include "cli/run/answer.h"
#include "cli/run/progress_line.h"
#include "cli/run/session.h"
#include "cli/run/would_remove.h"
#include "stream/upkeep.h"

namespace weir::cli {

namespace {

bool is_dry(const Session& session) {
  return session.arguments.options.has("--dry-run");
}

Result<int> answer_count(const Session& session, std::uint64_t count) {
  write_answer(session.out.text(), session.settings, Count{count});
  return 0;
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
  WEIR_ASSIGN(const auto request, requested(session));
  if (!request) {
    return 0;
  }
  if (!is_dry(session)) {
    ProgressLine line(session, std::get<Xtrim>(*request).stream, {}, true);  // outlives the store, which calls it
    WEIR_ASSIGN(const auto store, open_for(session));
    if (auto* file = dynamic_cast<Upkeep*>(store.get()); file != nullptr) {
      file->while_working([&] { line.show(); });
    }
    return run_one(session, *store, *request);
  }
  const auto& trim = std::get<Xtrim>(*request);
  WEIR_ASSIGN(Trial trial, open_trial(session.settings));
  WEIR_ASSIGN(const std::uint64_t dropped, would_trim(trial, trim));
  return answer_count(session, dropped);
}

Result<int> run_remove(const Session& session) {
  if (!is_dry(session)) {
    return run_request(session);
  }
  WEIR_ASSIGN(const auto request, requested(session));
  if (!request) {
    return 0;
  }
  WEIR_ASSIGN(Trial trial, open_trial(session.settings));
  const auto* acknowledges = std::get_if<Xackdel>(&*request);
  WEIR_ASSIGN(Outcomes outcomes, acknowledges != nullptr ? would_remove(trial, *acknowledges)
                                                         : would_remove(trial, std::get<Xdelex>(*request)));
  write_answer(session.out.text(), session.settings, std::move(outcomes));
  return 0;
}

}  // namespace weir::cli
