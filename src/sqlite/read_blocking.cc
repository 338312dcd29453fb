// XREAD and XREADGROUP that block, and waiting for any change.
//
// No read transaction is held while waiting: it would keep the write-ahead log from being reset.
#include <poll.h>

#include <algorithm>

#include "sqlite/file/waiting.h"
#include "sqlite/lines.h"
#include "sqlite/sqlite_engine.h"
#include "sqlite/tables/pending.h"
#include "sqlite/tables/rows.h"
#include "stream/refusals.h"
#include "system/clock.h"

namespace weir::sqlite {
namespace {

Deadline deadline_of(const std::optional<Millis>& block) {
  return *block == Millis(0) ? Deadline::never() : Deadline::after(*block);
}

/// What a reader that has just come may be given: nothing for which others stand in line.
Tables::Served served_now(const LockFile& file, std::int64_t group, const std::optional<Millis>& claim) {
  return {!file.anyone_in_line(group), !claim || !file.anyone_in_line(line_for_claims(group, *claim))};
}

/// Likewise, for a client that waits for a stream onto which another was renamed: its turn is as it was. The clients of
/// this process in the line of the other wait for a name that is gone.
Tables::Served served_instead(Lines& lines, std::int64_t group, const std::optional<Millis>& claim,
                              const Sharing::Standing& before) {
  return {before.fresh_is_ours && !lines.others_are_in(group),
          claim && before.claims_are_ours && !lines.others_are_in(line_for_claims(group, *claim))};
}

/// Whether there is a message that this reader may not have, since others stand in line for it.
bool leaves(Database& db, const StreamAndGroup& at, const Tables::Served& served, const std::optional<Millis>& claim) {
  const UnixMs now = unix_now();
  if (at.group.is_paused(now)) {
    return false;
  }
  if (!served.fresh && next_undelivered(db, at)) {
    return true;
  }
  const auto pending = served.claims || !claim ? std::nullopt : next_claimable(db, at, *claim, now);
  return pending && pending->at <= now;
}

/// Whether a group of the same names may take the place of the old one: only on a stream that was renamed onto the
/// name. A group that was made anew in the same stream is a different one.
bool may_serve_instead(const StreamAndGroup& at, std::int64_t stream) {
  return at.stream.number != stream && at.stream.renamed;
}

/// When the next delayed message is due. If it is still due after a look, it could not be appended, or has just become
/// due: we try again in a moment.
class NextDue {
 public:
  explicit NextDue(const auto& sources) {
    for (const auto& source : sources) {
      streams_.push_back(source.stream);
    }
  }
  void look(Tables& tables) { due_ = tables.next_due(streams_); }
  bool passed() const { return due_ && *due_ <= unix_now(); }
  /// `deadline`, or the moment when the message is due if that comes first.
  Deadline before(const Deadline& deadline) const {
    constexpr Millis kAgain{4};
    if (!due_) {
      return deadline;
    }
    const UnixMs now = unix_now();
    return Deadline::after(deadline.left(*due_ > now ? *due_ - now : kAgain));
  }

 private:
  std::vector<std::string> streams_;
  std::optional<UnixMs> due_;
};

}  // namespace

bool SqliteEngine::is_over() const {
  pollfd slow{slow_interrupt_, POLLIN, 0};
  return connection_->is_told_to_stop() || (slow_interrupt_ >= 0 && ::poll(&slow, 1, 0) > 0);
}

Result<StreamEntries> SqliteEngine::read_after(const Xread& request, const std::vector<Id>& after) {
  return whole([&] { return tables_.read_after(request, after); });
}

Result<StreamEntries> SqliteEngine::deliver(const Xreadgroup& request, const std::vector<Tables::Served>& served) {
  return whole([&] { return tables_.deliver(request, served); });
}

Result<Xread::Reply> SqliteEngine::answer(const Xread& request) {
  WEIR_ASSIGN(const std::vector<Id> after, whole([&] { return tables_.starts_of(request); }));
  WEIR_ASSIGN(StreamEntries found, read_after(request, after));
  if (!found.empty() || !request.block || connection_->is_in_parts()) {
    return found;
  }
  const Deadline deadline = deadline_of(request.block);
  WEIR_ASSIGN(const LockFile* file, connection_->lock_file());
  BellWaiter waiter(*file);
  Woken woken = Woken::maybe;
  std::int64_t seen = 0;
  NextDue due(request.sources);
  while (true) {
    waiter.listen();
    if (woken == Woken::slow_look) {
      WEIR_TRY(connection_->check_files());
    }
    const std::int64_t version = connection_->data_version();
    if (woken == Woken::maybe || version != seen || due.passed()) {
      WEIR_ASSIGN(found, read_after(request, after));
      due.look(tables_);
      seen = version;
    }
    if (!found.empty() || woken == Woken::interrupted || deadline.passed() || is_over()) {
      return found;
    }
    woken = waiter.sleep(due.before(deadline), interrupt_);
  }
}

/// One blocked XREADGROUP: its places in the lines of its groups.
///
/// Only the reader at the head of a line watches the bell; each other reader sleeps until the one ahead leaves, so that
/// a message wakes one reader. A head that is stopped (Ctrl-Z) would hold up the whole line: when it has left a message
/// lying for a second, everybody passes it over until it goes on.
///
/// A reader with CLAIM also stands in a second line, for pending messages, since the readers ahead of it in the first
/// line may not take those. At the head of the second line it also watches the clock, since time alone makes a message
/// idle enough.
class BlockedGroupRead {
 public:
  BlockedGroupRead(SqliteEngine& engine, const Xreadgroup& request, const LockFile& file)
      : engine_(engine), request_(request), file_(file), deadline_(deadline_of(request.block)), due_(request.sources) {}

  Result<StreamEntries> wait();

 private:
  struct Source {
    std::int64_t stream;
    PatientPlace fresh;
    std::optional<PatientPlace> claims;
  };
  struct Look {
    std::vector<Tables::Served> served;  ///< for each source: there is a message, and it is our turn
    bool any = false;
    bool mends = false;        ///< delivering may give nothing, but mends times: then look again
    bool lying = false;        ///< there is a message, but it is not our turn
    bool at_head = true;       ///< of all lines
    bool at_any_head = false;  ///< of at least one line
    std::string gone;          ///< the stream that is gone, or whose group is
    bool any_gone = false;
    std::optional<Millis> until_more;  ///< until the next message is idle enough, if it is our turn, or a pause ends
  };
  Look look();
  void look_at_pending(Database& db, const StreamAndGroup& at, Source& source, Look& seen, bool paused);
  bool join(std::size_t i, const StreamAndGroup& at);
  Source join_lines(const StreamAndGroup& at) const;

  SqliteEngine& engine_;
  const Xreadgroup& request_;
  const LockFile& file_;
  Deadline deadline_;
  NextDue due_;
  std::vector<Source> sources_;
};

/// Joins the line at the first look. At later looks: false if the group is no longer the same one.
bool BlockedGroupRead::join(std::size_t i, const StreamAndGroup& at) {
  if (i == sources_.size()) {
    sources_.push_back(join_lines(at));
    return true;
  }
  Source& source = sources_[i];
  if (at.group.number == source.fresh->group()) {
    return true;
  }
  if (!may_serve_instead(at, source.stream)) {
    return false;
  }
  source = join_lines(at);
  return true;
}

BlockedGroupRead::Source BlockedGroupRead::join_lines(const StreamAndGroup& at) const {
  Source source{at.stream.number, PatientPlace(file_, at.group.number), {}};
  if (request_.claim) {
    source.claims.emplace(file_, line_for_claims(at.group.number, *request_.claim));
  }
  return source;
}

void BlockedGroupRead::look_at_pending(Database& db, const StreamAndGroup& at, Source& source, Look& seen,
                                       bool paused) {
  const UnixMs now = unix_now();
  const bool at_head = (*source.claims)->at_head();
  seen.at_head = seen.at_head && at_head;
  seen.at_any_head = seen.at_any_head || at_head;
  if (paused) {
    return;
  }
  if (at_head && is_held_from_the_future(db, at.group, now)) {
    seen.served.back().claims = true;  // the clock was set back: giving mends the times first
    seen.any = seen.mends = true;
    return;
  }
  const auto next = next_claimable(db, at, *request_.claim, now);
  if (!next) {
    return;
  }
  if (next->at > now) {
    const Millis left = next->at - now;
    if (at_head) {
      seen.until_more = std::min(seen.until_more.value_or(left), left);
    }
    return;
  }
  const bool ours = source.claims->is_turn(next->row.id, at_head);
  seen.served.back().claims = ours;
  seen.any = seen.any || ours;
  seen.lying = seen.lying || !ours;
}

BlockedGroupRead::Look BlockedGroupRead::look() {
  Look seen;
  Database& db = engine_.connection_->database();
  const ReadTransaction transaction(*engine_.connection_);
  const UnixMs now = unix_now();
  for (std::size_t i = 0; i < request_.sources.size(); ++i) {
    const std::string& name = request_.sources[i].stream;
    const auto at = find_stream_and_group(db, name, request_.group);
    if (!at || !join(i, *at)) {
      seen.gone = name;
      seen.any_gone = true;
      return seen;
    }
    const bool paused = at->group.is_paused(now);
    if (paused) {
      const Millis left = *at->group.paused_until - now;
      seen.until_more = std::min(seen.until_more.value_or(left), left);
    }
    const auto next = paused ? std::nullopt : next_undelivered(db, *at);
    const bool at_head = sources_[i].fresh->at_head();
    seen.at_head = seen.at_head && at_head;
    seen.at_any_head = seen.at_any_head || at_head;
    const bool ours = next && sources_[i].fresh.is_turn(next->id, at_head);
    seen.served.push_back({ours, false});
    seen.any = seen.any || ours;
    seen.lying = seen.lying || (next && !ours);
    if (sources_[i].claims) {
      look_at_pending(db, *at, sources_[i], seen, paused);
    }
  }
  return seen;
}

Result<StreamEntries> BlockedGroupRead::wait() {
  Database& db = engine_.connection_->database();
  std::optional<BellWaiter> bell;
  Woken woken = Woken::maybe;
  std::int64_t version = 0;
  bool lying = false;
  bool at_head = false;
  bool at_any_head = false;
  Deadline more;  ///< never, or when time alone makes something ready
  while (true) {
    if (bell) {
      bell->listen();
    }
    if (woken == Woken::slow_look) {
      WEIR_TRY(engine_.connection_->check_files());
    }
    const std::int64_t version_before = std::exchange(version, engine_.connection_->data_version());
    if (woken != Woken::slow_look || version != version_before || lying || more.passed() || due_.passed()) {
      const Look seen = look();
      if (engine_.append_due_if_stale()) {
        woken = Woken::maybe;
        continue;
      }
      if (seen.any_gone) {
        return db.refuse(no_key_or_group_to_read(seen.gone, request_.group));
      }
      if (db.failed()) {
        return tl::unexpected<Error>(db.take_failure());
      }
      if (seen.any) {
        if (engine_.is_over()) {
          return StreamEntries();  // a message taken now might reach nobody
        }
        WEIR_ASSIGN(StreamEntries found, engine_.deliver(request_, seen.served));
        if (!found.empty()) {
          return found;
        }
        if (seen.mends) {
          woken = Woken::maybe;
          continue;
        }
      }
      due_.look(engine_.tables_);
      lying = seen.lying;
      at_head = seen.at_head;
      at_any_head = seen.at_any_head;
      more = seen.until_more ? Deadline::after(*seen.until_more) : Deadline::never();
    }
    if (woken == Woken::interrupted || deadline_.passed() || engine_.is_over()) {
      return StreamEntries();
    }
    if (!at_any_head && sources_.size() == 1) {
      // The readers ahead in the two lines are mostly the same, and leave both. In case they are not, this reader looks
      // now and then by itself. It does so too if a slow interrupt may come: as long as this reader is not at the head,
      // that keeps nothing from others.
      constexpr Millis kLookInTwoLines{1000};
      constexpr Millis kLookForInterrupt{5000};
      const bool by_itself = request_.claim || engine_.slow_interrupt_ >= 0;
      const Millis most = request_.claim ? kLookInTwoLines : kLookForInterrupt;
      const Deadline limit = by_itself ? Deadline::after(deadline_.left(most)) : deadline_;
      woken = sources_.front().fresh->sleep(limit, engine_.interrupt_);
      woken = request_.claim && woken == Woken::slow_look ? Woken::maybe : woken;
    } else if (!bell) {
      bell.emplace(file_);  // then look again: a message may have come before the bell was watched
      woken = Woken::maybe;
    } else {
      woken = bell->sleep(due_.before(Deadline::after(more.left(deadline_.left(Millis::max())))), engine_.interrupt_);
      if (!at_head && woken == Woken::slow_look) {
        woken = Woken::maybe;  // the reader ahead in one of the lines may have been killed
      }
    }
  }
}

Result<Xreadgroup::Reply> SqliteEngine::answer(const Xreadgroup& request) {
  const bool history =
      std::ranges::any_of(request.sources, [](const auto& source) { return source.history_after.has_value(); });
  if (history || !request.block || connection_->is_in_parts()) {
    return deliver(request, {});
  }
  WEIR_ASSIGN(const LockFile* file, connection_->lock_file());
  // A reader that comes while others wait goes to the end of the line.
  std::vector<Tables::Served> served(request.sources.size());
  for (std::size_t i = 0; i < served.size(); ++i) {
    const auto at = find_stream_and_group(connection_->database(), request.sources[i].stream, request.group);
    if (at) {
      served[i] = served_now(*file, at->group.number, request.claim);
    }
  }
  WEIR_ASSIGN(StreamEntries found, deliver(request, served));
  if (!found.empty()) {
    return found;
  }
  return BlockedGroupRead(*this, request, *file).wait();
}

Result<Sharing::TurnToRead> SqliteEngine::read_in_turn(const Xreadgroup& request, std::span<const Standing> standing,
                                                       Lines& lines) {
  WEIR_ASSIGN(const LockFile* file, connection_->lock_file());
  Database& db = connection_->database();
  TurnToRead turn;
  std::vector<Tables::Served> served(request.sources.size());
  for (std::size_t i = 0; i < served.size(); ++i) {
    const std::string& name = request.sources[i].stream;
    const auto at = find_stream_and_group(db, name, request.group);
    if (!at) {
      break;  // deliver() below reports the missing group
    }
    if (!standing.empty() && standing[i].fresh == at->group.number) {
      turn.standing.push_back(standing[i]);
      served[i] = {standing[i].fresh_is_ours, standing[i].claims_are_ours};
    } else if (!standing.empty() && !may_serve_instead(*at, standing[i].stream)) {
      return db.refuse(no_key_or_group_to_read(name, request.group));
    } else {
      turn.standing.push_back({at->stream.number, at->group.number, {}});
      if (request.claim) {
        turn.standing.back().claims = line_for_claims(at->group.number, *request.claim);
      }
      served[i] = standing.empty() ? served_now(*file, at->group.number, request.claim)
                                   : served_instead(lines, at->group.number, request.claim, standing[i]);
    }
    turn.left = turn.left || leaves(db, *at, served[i], request.claim);
  }
  WEIR_ASSIGN(turn.found, deliver(request, served));
  return turn;
}

Result<void> SqliteEngine::watch() {
  if (!watcher_) {
    WEIR_ASSIGN(const LockFile* file, connection_->lock_file());
    watcher_.emplace(*file);
  }
  watcher_->listen();
  watched_version_ = connection_->data_version();
  return {};
}

Result<bool> SqliteEngine::await_change(Millis most) {
  const Deadline deadline = Deadline::after(most);
  while (!connection_->is_told_to_stop()) {
    const Woken woken = watcher_->sleep(deadline, interrupt_);
    if (woken == Woken::slow_look) {
      WEIR_TRY(connection_->check_files());
    }
    if (woken != Woken::slow_look || deadline.passed() || connection_->data_version() != watched_version_) {
      return woken != Woken::interrupted && !connection_->is_told_to_stop();
    }
  }
  return false;
}

}  // namespace weir::sqlite
