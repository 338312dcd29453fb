#include "sqlite/append_together.h"

#include <algorithm>
#include <iterator>
#include <new>
#include <span>
#include <utility>

#include "sqlite/file/appended_row.h"

namespace weir::sqlite {
namespace {

using std::chrono::milliseconds;
using Asked = AppendSlots::Asked;
using Told = AppendSlots::Told;

/// How long to sleep before looking again, since a leader that was killed wakes nobody; doubled each time.
constexpr milliseconds kSleep{2};
constexpr milliseconds kLongestSleep{16};
/// How long to wait before looking whether the leader is stopped; doubled each time.
constexpr milliseconds kPatience{20};
/// How long to wait for the leader in all: the disk may be slow, or the leader may have to wait for its turn.
constexpr milliseconds kLongest{1000};

/// A process begins to append together with others once they made kCrowd commits between two of its own. It goes on as
/// long as it finds kCompany of them waiting. With fewer it would be slower.
constexpr std::uint32_t kCrowd = 4;
constexpr std::size_t kCompany = 2;

/// With a larger entry nothing is appended for others, since the entry would have to be copied.
constexpr std::size_t kLarge = std::size_t{64} * 1024;

constexpr const char* kMayBeThere = "; another process was about to append the message for this one: it may be there";

Xadd entry_of(const Asked& asked) {
  return {asked.stream, {}, Fields::from_json(asked.fields), true, std::nullopt, nullptr};
}

}  // namespace

Result<MaybeId> AppendTogether::append(const Xadd& entry) {
  if (!is_crowded_) {
    return append_in_turn(entry, {});
  }
  if (slots_->start_leading()) {
    in_vain_ = false;
    return lead(entry, {});
  }
  if (in_vain_ || !slots_->has_slot() || !slots_->ask(entry.stream, entry.fields.json())) {
    return append_in_turn(entry, {});
  }
  try {
    return ask_and_wait(entry);
  } catch (const std::bad_alloc&) {
    if (!slots_->is_asking() || slots_->withdraw()) {
      throw;
    }
    return fail(Failure::store, std::string("out of memory") + kMayBeThere);
  }
}

/// Requires: a request in the slot. Afterwards there is none.
Result<MaybeId> AppendTogether::ask_and_wait(const Xadd& entry) {
  const auto begun = std::chrono::steady_clock::now();
  const auto waited = [&] {
    return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun);
  };
  const milliseconds longest = std::min(kLongest, connection_.options().lock_timeout);
  milliseconds patience = kPatience;
  for (milliseconds sleep = kSleep;; sleep = std::min(2 * sleep, kLongestSleep)) {
    slots_->listen();
    const auto answer = slots_->hear();
    if (answer.told == Told::appended) {
      WEIR_TRY(connection_.check_files());
      return MaybeId(answer.id);
    }
    if (answer.told == Told::declined) {
      return append_in_turn(entry, waited());
    }
    if (slots_->start_leading()) {
      return lead(entry, waited());
    }
    if (waited() >= std::min(patience, longest)) {
      const auto leader = slots_->who_leads();
      in_vain_ = !leader || leader->stopped;
      if (in_vain_ || waited() >= longest) {
        return append_in_turn(entry, waited());
      }
      patience *= 2;
    }
    slots_->sleep(sleep);
  }
}

/// Requires: to lead. Afterwards this process no longer leads.
Result<MaybeId> AppendTogether::lead(const Xadd& entry, milliseconds waited) {
  struct Leading {
    AppendSlots& slots;
    ~Leading() { slots.stop_leading(nullptr); }
  } const leading{*slots_};
  bool with_others = false;
  const int commits = connection_.commits();
  auto id = append_in_turn(entry, waited, &with_others);
  if (!id && with_others && connection_.commits() == commits) {
    return append_in_turn(entry, {});  // the others' messages may be the cause: too large for the disk, for example
  }
  return id;
}

/// `with_others`: set if there were messages to append for others; null: this process does not lead.
Result<MaybeId> AppendTogether::append_in_turn(const Xadd& entry, milliseconds waited, bool* with_others) {
  std::optional<Id> done;
  {
    auto transaction = WriteTransaction::begin(connection_, waited);
    if (!transaction) {
      return without_a_turn(std::move(transaction).error());
    }
    WEIR_ASSIGN(done, done_by_others());
    if (!done && with_others != nullptr && entry.fields.json().size() < kLarge && !connection_.has_sync_failed()) {
      return append_leading(*transaction, entry, *with_others);
    }
    if (!done) {
      return append_alone(*transaction, entry);
    }
  }
  if (with_others != nullptr) {
    slots_->stop_leading(nullptr);
  }
  WEIR_TRY(connection_.sync_begun());
  WEIR_TRY(connection_.check_files());
  return done;
}

/// What to answer when `error` kept this process from getting a turn.
Result<MaybeId> AppendTogether::without_a_turn(Error error) {
  if (slots_ && slots_->is_asking()) {
    if (const auto answer = slots_->hear(); answer.told == Told::appended) {
      return MaybeId(answer.id);
    }
    if (slots_->is_asking() && !slots_->withdraw()) {
      error.message += kMayBeThere;
    }
  }
  return tl::unexpected(std::move(error));
}

/// The message may have been appended by others, though no answer came. Withdraws the request. Requires: the turn to
/// write.
Result<std::optional<Id>> AppendTogether::done_by_others() {
  if (!slots_ || !slots_->is_asking()) {
    return std::nullopt;
  }
  Database& db = connection_.database();
  const AppendedRow row(db);
  if (db.failed()) {
    Error error = db.take_failure();
    if (!slots_->withdraw()) {
      error.message += kMayBeThere;
    }
    return tl::unexpected(std::move(error));
  }
  return row.id_of(slots_->withdraw_in_turn());
}

Result<MaybeId> AppendTogether::append_alone(WriteTransaction& transaction, const Xadd& entry) {
  WEIR_ASSIGN(auto change, tables_.append(std::span(&entry, 1)));
  if (Database& db = connection_.database(); db.failed()) {
    return tl::unexpected(db.take_failure());
  }
  if (change.worth != Worth::nothing) {
    look_around(0);
    WEIR_TRY(transaction.commit());
  }
  return std::move(change.reply.front());
}

/// Requires: to lead. `with_others`: set if there were messages to append for others.
Result<MaybeId> AppendTogether::append_leading(WriteTransaction& transaction, const Xadd& entry, bool& with_others) {
  Database& db = connection_.database();
  AppendedRow row(db);
  const std::vector<Asked> asked = slots_->asked(row);
  with_others = !asked.empty();
  std::vector<AppendSlots::Place> places;
  std::transform(asked.begin(), asked.end(), std::back_inserter(places), [](const Asked& each) { return each.place; });
  const auto withdrawn = slots_->take(places);
  places.clear();
  std::vector<Xadd> entries{entry};
  for (const Asked& each : asked) {
    if (std::find(withdrawn.begin(), withdrawn.end(), each.place) == withdrawn.end()) {
      places.push_back(each.place);
      entries.push_back(entry_of(each));
    }
  }
  WEIR_ASSIGN(auto change, tables_.append(entries));
  auto& ids = change.reply;
  if (!ids.front() && !db.failed()) {
    return std::move(ids.front());
  }
  std::vector<AppendSlots::Outcome> outcomes;
  for (std::size_t i = 1; i < ids.size(); ++i) {  // it stops at the first that is refused
    const auto& place = places[i - 1];
    outcomes.push_back({place, ids[i] ? *ids[i] : std::nullopt});
    if (ids[i]) {
      row.note(place, **ids[i]);
    }
  }
  if (!outcomes.empty()) {
    row.save(db);
  }
  if (db.failed()) {
    return tl::unexpected(db.take_failure());
  }
  look_around(asked.size());
  // While this process waits for the disk, the next leader gathers and commits, and then waits for the disk itself.
  const auto end = [&] { slots_->stop_leading(&row); };
  const auto tell = [&] {
    if (!connection_.has_sync_failed()) {
      slots_->tell(outcomes);
    }
    end();  // needed if another process's sync was enough
  };
  WEIR_TRY(transaction.commit({!outcomes.empty(), end, tell}));
  return std::move(ids.front());
}

/// Requires: the turn, in which a slot can be claimed.
void AppendTogether::look_around(std::size_t others) {
  constexpr int kTryAgain = 64;
  is_crowded_ = false;
  if ((connection_.others_commits() < kCrowd && others < kCompany) || connection_.has_sync_failed()) {
    return;
  }
  const auto file = connection_.lock_file();
  if (!slots_ && file) {
    slots_.emplace(**file);
  }
  if (slots_ && !slots_->has_slot() && tries_++ % kTryAgain == 0) {
    slots_->claim();
  }
  is_crowded_ = slots_.has_value();
}

}  // namespace weir::sqlite
