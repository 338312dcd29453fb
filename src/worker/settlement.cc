#include "worker/settlement.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace weir::worker {
namespace {

bool refused(const std::vector<Result<Reply>>& replies) {
  return !replies.empty() && !replies.back();
}

}  // namespace

Settlement::Settlement(Store& store, const Leases& leases, const WorkOptions& options)
    : store_(store), leases_(leases), options_(options), log_policy_(store, options.log) {}

void Settlement::acknowledge(const std::string& stream, std::vector<Id> ids) {
  if (options_.remove || ids.size() > 1) {
    acknowledge_with(stream, std::move(ids), {});
    return;
  }
  add_log();
  auto& all = plain_[stream];
  all.insert(all.end(), ids.begin(), ids.end());
}

void Settlement::give_back(Xnack nack) {
  add_log();
  returns_.push_back(std::move(nack));
}

void Settlement::add_log() {
  if (auto log = std::exchange(log_, std::nullopt)) {
    logs_.push_back(std::move(*log));
  }
}

void Settlement::leave_logs_to_policy() {
  if (options_.log.empty() || !log_policy_.is_set()) {
    return;
  }
  for (Xadd& log : logs_) {
    log.trim.reset();
  }
  for (Whole& whole : whole_) {
    if (whole.log) {
      whole.log->trim.reset();
    }
  }
}

void Settlement::add(const std::string& stream, std::vector<Id> ids, std::vector<Request> more,
                     std::optional<Dead> dead) {
  Whole whole{stream, ids, {}, std::move(dead), std::exchange(log_, std::nullopt)};
  Xack acknowledge;
  acknowledge.stream = stream;
  acknowledge.group = options_.group;
  acknowledge.ids = ids;
  acknowledge.owner = leases_.consumer();
  acknowledge.all_or_none = true;
  whole.requests.emplace_back(std::move(acknowledge));
  std::move(more.begin(), more.end(), std::back_inserter(whole.requests));
  constexpr std::size_t kTogether = 1'000;  // a server's transaction takes commands with a few thousand IDs
  for (std::size_t first = 0; options_.remove && first < ids.size(); first += kTogether) {
    const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = ids.begin() + static_cast<std::ptrdiff_t>(std::min(first + kTogether, ids.size()));
    whole.requests.emplace_back(Xdel{stream, std::vector<Id>(begin, end)});
  }
  whole_.push_back(std::move(whole));
}

std::vector<Request> Settlement::simple_requests() const {
  std::vector<Request> requests;
  for (const auto& [stream, ids] : plain_) {
    Xack acknowledge;
    acknowledge.stream = stream;
    acknowledge.group = options_.group;
    acknowledge.ids = ids;
    acknowledge.owner = leases_.consumer();
    requests.emplace_back(std::move(acknowledge));
  }
  requests.insert(requests.end(), returns_.begin(), returns_.end());
  requests.insert(requests.end(), logs_.begin(), logs_.end());
  return requests;
}

void Settlement::check_acknowledgements(const Replies& replies, Written& written) const {
  const std::size_t first_log = plain_.size() + returns_.size();
  for (std::size_t i = first_log; i < first_log + logs_.size(); ++i) {
    if (!replies[i]) {
      written.complaints.push_back("a run was not logged: " + replies[i].error().message);
      break;
    }
  }
  std::size_t i = 0;
  for (const auto& [stream, ids] : plain_) {
    const Result<Reply>& reply = replies[i++];
    if (!reply) {
      written.complaints.push_back(std::to_string(ids.size()) + " finished messages of " + stream +
                                   " were not acknowledged: " + reply.error().message);
      continue;
    }
    const std::uint64_t done = std::get<Count>(*reply).value;
    if (done < ids.size()) {
      written.complaints.push_back(std::to_string(ids.size() - done) + " of " + std::to_string(ids.size()) +
                                   " finished messages of " + stream +
                                   " had been taken over or deleted, and were not acknowledged");
    }
  }
}

Result<std::set<Id>> Settlement::still_pending(const std::string& stream, const std::vector<Id>& ids) {
  constexpr std::size_t kTogether = 1'000;
  std::set<Id> pending;
  for (std::size_t first = 0; first < ids.size(); first += kTogether) {
    std::vector<Request> looks;
    for (std::size_t i = first; i < std::min(first + kTogether, ids.size()); ++i) {
      Xpending look;
      look.stream = stream;
      look.group = options_.group;
      look.first = ids[i];
      look.last = ids[i];
      look.count = 1;
      looks.emplace_back(std::move(look));
    }
    WEIR_ASSIGN(const Replies replies, store_.transact(looks, Store::OnRefusal::go_on));
    for (std::size_t i = 0; i < replies.size(); ++i) {
      // If the group is gone, this look is refused; writing the outcome will report that.
      if (!replies[i] || !std::get<PendingEntries>(*replies[i]).entries.empty()) {
        pending.insert(ids[first + i]);
      }
    }
  }
  return pending;
}

/// If a message is not pending any more, the write that failed was done: only this worker, which held the message,
/// could end it.
Result<void> Settlement::find_out() {
  for (auto& of_stream : plain_) {
    std::vector<Id>& ids = of_stream.second;
    WEIR_ASSIGN(const std::set<Id> pending, still_pending(of_stream.first, ids));
    std::erase_if(ids, [&](Id id) { return pending.count(id) == 0; });
  }
  const std::size_t streams = plain_.size();
  std::erase_if(plain_, [](const auto& of_stream) { return of_stream.second.empty(); });
  if (plain_.size() < streams) {
    logs_.clear();  // the log entries were in the same transaction
  }
  for (auto whole = whole_.begin(); whole != whole_.end();) {
    WEIR_ASSIGN(const std::set<Id> pending, still_pending(whole->stream, whole->ids));
    if (pending.empty()) {
      if (whole->dead) {
        found_dead_.push_back(std::move(*whole->dead));
      }
      whole = whole_.erase(whole);
      logs_.clear();  // the log entries were in the same transaction
    } else {
      ++whole;
    }
  }
  return {};
}

Result<Settlement::Written> Settlement::write(const std::optional<Xreadgroup>& read) {
  auto written = write_all(read);
  unsure_ = !written;
  if (written) {
    for (Dead& dead : std::exchange(found_dead_, {})) {
      written->dead.push_back(std::move(dead));
    }
  }
  return written;
}

Result<Settlement::Written> Settlement::write_all(const std::optional<Xreadgroup>& read) {
  if (unsure_) {
    WEIR_TRY(find_out());
  }
  leave_logs_to_policy();
  Written written;
  std::vector<Request> requests = simple_requests();
  for (const Whole& whole : whole_) {
    requests.insert(requests.end(), whole.requests.begin(), whole.requests.end());
    if (whole.log) {
      requests.emplace_back(*whole.log);
    }
    written.tell(whole.dead);
  }
  if (read) {
    requests.emplace_back(*read);
  }
  if (requests.empty()) {
    return written;
  }
  const auto on_refusal = whole_.empty() ? Store::OnRefusal::go_on : Store::OnRefusal::undo;
  auto done = store_.transact(requests, on_refusal);
  const bool too_much = !done && done.error().failure == Failure::bad_input && whole_.size() > 1;
  if (!done && !too_much) {
    return tl::unexpected(std::move(done).error());
  }
  if (too_much || (on_refusal == Store::OnRefusal::undo && refused(*done))) {
    written = {};
    WEIR_TRY(write_one_by_one(written));
  } else {
    Replies& replies = *done;
    check_acknowledgements(replies, written);
    if (read && replies.back()) {
      written.read = std::get<StreamEntries>(std::move(*replies.back()));
    } else if (read) {
      written.read_refused = replies.back().error();
    }
  }
  plain_.clear();
  whole_.clear();
  returns_.clear();
  logs_.clear();
  return written;
}

Result<void> Settlement::write_one_by_one(Written& written) {
  const auto simple = simple_requests();
  if (!simple.empty()) {
    WEIR_ASSIGN(const Replies replies, store_.transact(simple, Store::OnRefusal::go_on));
    check_acknowledgements(replies, written);
  }
  for (const Whole& whole : whole_) {
    std::vector<Request> requests = whole.requests;
    if (whole.log) {
      requests.emplace_back(*whole.log);
    }
    WEIR_ASSIGN(const Replies replies, store_.transact(requests, Store::OnRefusal::undo));
    if (!refused(replies)) {
      written.tell(whole.dead);
      continue;
    }
    if (whole.log) {
      // A run log that refuses its entry must not block the outcome.
      WEIR_ASSIGN(const Replies without, store_.transact(whole.requests, Store::OnRefusal::undo));
      if (!refused(without)) {
        written.tell(whole.dead);
        written.complaints.push_back("a run was not logged: " + replies.back().error().message);
        continue;
      }
    }
    written.complaints.push_back(to_string(whole.ids.front()) +
                                 ": its outcome was not recorded: " + replies.back().error().message);
    // Messages of the batch that are still ours are given back, so that they need not wait until their lease is over.
    if (whole.log) {
      WEIR_TRY(store_.transact({{Request(*whole.log)}}, Store::OnRefusal::go_on));
    }
    const auto parked = store_.run(leases_.giving_back(whole.stream, whole.ids, options_.backoff.first));
    if (!parked && parked.error().failure != Failure::refused) {
      return tl::unexpected(parked.error());
    }
  }
  return {};
}

}  // namespace weir::worker
