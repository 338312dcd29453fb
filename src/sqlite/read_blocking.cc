// XREAD and XREADGROUP that wait.
//
// No read transaction is held while waiting: it would keep the write-ahead log from being reset.
#include <algorithm>

#include "sqlite/file/waiting.h"
#include "sqlite/sqlite_engine.h"
#include "sqlite/tables/refusals.h"
#include "sqlite/tables/rows.h"

namespace weir::sqlite {
namespace {

Deadline deadline_of(const std::optional<Millis>& block) {
  return *block == Millis(0) ? Deadline::never() : Deadline::after(*block);
}

}  // namespace

Result<StreamEntries> SqliteEngine::read_after(const Xread& request, const std::vector<Id>& after) {
  return whole([&] { return tables_.read_after(request, after); });
}

Result<StreamEntries> SqliteEngine::deliver(const Xreadgroup& request, const std::vector<bool>& served) {
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
  while (true) {
    waiter.listen();
    if (woken == Woken::slow_look) {
      WEIR_TRY(connection_->check_files());
    }
    const std::int64_t version = connection_->data_version();
    if (woken == Woken::maybe || version != seen) {
      WEIR_ASSIGN(found, read_after(request, after));
      seen = version;
    }
    if (!found.empty() || woken == Woken::interrupted || deadline.passed() || connection_->is_told_to_stop()) {
      return found;
    }
    woken = waiter.sleep(deadline, interrupt_);
  }
}

/// One blocked XREADGROUP: its places in the lines of its groups.
///
/// Only who is at the head of a line watches the bell; each of the others sleeps until the one ahead leaves, so that a
/// message wakes one reader. A head that is stopped (Ctrl-Z) would hold up the whole line: when it has left something
/// lying for a second, it is passed over, by everybody, until it goes on.
class BlockedGroupRead {
 public:
  BlockedGroupRead(SqliteEngine& engine, const Xreadgroup& request, const LockFile& file)
      : engine_(engine), request_(request), file_(file), deadline_(deadline_of(request.block)) {}

  Result<StreamEntries> wait();

 private:
  struct Source {
    std::int64_t stream;
    PlaceInLine place;
    std::int64_t left_lying = 0;  ///< the position of an entry that the one ahead did not take
    SteadyTime lying_since;       ///< first seen so
    SteadyTime last_seen;         ///< and last
  };
  struct Look {
    std::vector<bool> served;  ///< for each source: there is something, and it is our turn
    bool any = false;
    bool lying = false;   ///< there is something, and it is not our turn
    bool at_head = true;  ///< of every line
    std::string gone;     ///< the stream that went, or whose group did
    bool any_gone = false;
  };
  Look look();
  bool join(std::size_t i, const StreamAndGroup& at);
  static bool our_turn(Source& source, std::int64_t next, bool at_head);

  SqliteEngine& engine_;
  const Xreadgroup& request_;
  const LockFile& file_;
  Deadline deadline_;
  std::vector<Source> sources_;
};

/// Joins the line at the first look. Later: false if the group is not the one it was.
bool BlockedGroupRead::join(std::size_t i, const StreamAndGroup& at) {
  if (i == sources_.size()) {
    sources_.push_back({at.stream.number, PlaceInLine(file_, at.group.number), 0, {}, {}});
    return true;
  }
  Source& source = sources_[i];
  if (at.group.number == source.place.group()) {
    return true;
  }
  // A group made anew under the old name is another one. A stream that was renamed onto the name may serve.
  if (at.stream.number == source.stream || !at.stream.renamed) {
    return false;
  }
  source = {at.stream.number, PlaceInLine(file_, at.group.number), 0, {}, {}};
  return true;
}

bool BlockedGroupRead::our_turn(Source& source, std::int64_t next, bool at_head) {
  constexpr std::chrono::seconds kPatience{1};
  // With one that is not stopped: a machine may be very busy.
  constexpr std::chrono::seconds kLongPatience{10};
  // Who has not looked for longer was stopped itself.
  constexpr std::chrono::seconds kAsleep{9};
  if (at_head) {
    return true;
  }
  const SteadyTime now = std::chrono::steady_clock::now();
  if (next != source.left_lying || now - source.last_seen > kAsleep) {
    source.left_lying = next;
    source.lying_since = now;
  }
  source.last_seen = now;
  const auto lying = now - source.lying_since;
  return lying >= kPatience && source.place.pass_over_ahead(lying >= kLongPatience);
}

BlockedGroupRead::Look BlockedGroupRead::look() {
  Look seen;
  Database& db = engine_.connection_->database();
  const ReadTransaction transaction(*engine_.connection_);
  for (std::size_t i = 0; i < request_.sources.size(); ++i) {
    const std::string& name = request_.sources[i].stream;
    const auto at = find_stream_and_group(db, name, request_.group);
    if (!at || !join(i, *at)) {
      seen.gone = name;
      seen.any_gone = true;
      return seen;
    }
    const auto next = next_undelivered(db, *at);
    const bool at_head = sources_[i].place.at_head();
    seen.at_head = seen.at_head && at_head;
    seen.served.push_back(next && our_turn(sources_[i], next->n, at_head));
    seen.any = seen.any || seen.served.back();
    seen.lying = seen.lying || (next && !seen.served.back());
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
  while (true) {
    if (bell) {
      bell->listen();
    }
    if (woken == Woken::slow_look) {
      WEIR_TRY(engine_.connection_->check_files());
    }
    const std::int64_t version_before = std::exchange(version, engine_.connection_->data_version());
    if (woken != Woken::slow_look || version != version_before || lying) {
      const Look seen = look();
      if (seen.any_gone) {
        return db.refuse(no_key_or_group_to_read(seen.gone, request_.group));
      }
      if (db.failed()) {
        return tl::unexpected<Error>(db.take_failure());
      }
      if (seen.any) {
        WEIR_ASSIGN(StreamEntries found, engine_.deliver(request_, seen.served));
        if (!found.empty()) {
          return found;
        }
      }
      lying = seen.lying;
      at_head = seen.at_head;
    }
    if (woken == Woken::interrupted || deadline_.passed() || engine_.connection_->is_told_to_stop()) {
      return StreamEntries();
    }
    if (!at_head && sources_.size() == 1) {
      woken = sources_.front().place.sleep(deadline_, engine_.interrupt_);
    } else if (!bell) {
      bell.emplace(file_);  // then another look: something may have come before it
      woken = Woken::maybe;
    } else {
      woken = bell->sleep(deadline_, engine_.interrupt_);
      if (!at_head && woken == Woken::slow_look) {
        woken = Woken::maybe;  // the one ahead in one of the lines may have left without a sound
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
  // Who comes while others wait goes to the end of the line.
  std::vector<bool> served(request.sources.size(), true);
  for (std::size_t i = 0; i < served.size(); ++i) {
    const auto at = find_stream_and_group(connection_->database(), request.sources[i].stream, request.group);
    served[i] = !at || !file->anyone_in_line(at->group.number);
  }
  WEIR_ASSIGN(StreamEntries found, deliver(request, served));
  if (!found.empty()) {
    return found;
  }
  return BlockedGroupRead(*this, request, *file).wait();
}

}  // namespace weir::sqlite
