// The embedded engine, for its own files. Other code uses sqlite_store.h.
//
// The engine joins two halves: what a command does (tables/), and the turn to write, the disk and the log (file/). So
// here each command takes one line: its run() is in tables/, and the type of run() says which transaction it needs.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sqlite/append_together.h"
#include "sqlite/file/connection.h"
#include "sqlite/file/transaction.h"
#include "sqlite/file/waiting.h"
#include "sqlite/tables/tables.h"
#include "stream/delaying.h"
#include "stream/keeping.h"
#include "stream/logged.h"
#include "stream/packing.h"
#include "stream/pausing.h"
#include "stream/rationing.h"
#include "stream/receiving.h"
#include "stream/remembering.h"
#include "stream/sharing.h"
#include "stream/store.h"
#include "stream/surveying.h"
#include "stream/unhurried.h"
#include "stream/unique.h"
#include "stream/upkeep.h"
#include "stream/watching.h"

namespace weir::sqlite {

/// Whether the type that a function of Tables returns says that the function writes.
template <typename Found>
inline constexpr bool kWrites = false;
template <typename T>
inline constexpr bool kWrites<Result<Change<T>>> = true;

#define WEIR_RUN(Request)                                       \
  Result<Request::Reply> run(const Request& request) override { \
    return answer(request);                                     \
  }

class SqliteEngine final : public Store,
                           public Remembering,
                           public Receiving,
                           public Delaying,
                           public Unique,
                           public Keeping,
                           public Pausing,
                           public Rationing,
                           public Surveying,
                           public Sharing,
                           public Watching,
                           public Logged,
                           public Packing,
                           public Unhurried,
                           public Upkeep {
 public:
  explicit SqliteEngine(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)), tables_(connection_->database()) {}

  WEIR_REQUESTS(WEIR_RUN)

  Result<AddAnswers> append(std::span<const Xadd> entries) override;
  Result<std::vector<Result<Reply>>> transact(std::span<const Request> requests, OnRefusal on_refusal) override;

  Result<Names> names_from(std::string_view prefix, std::size_t most) override;
  Result<RememberedKeys> remembered(const std::string& stream) override;
  Result<void> remember(const std::string& stream, const RememberedKeys& keys) override;
  Result<std::string> source_name(const std::string& stream) override;
  Result<bool> acknowledge_source(const std::string& name, const Xack& request) override;
  Result<std::optional<Id>> received(const std::string& stream, const std::string& source) override;
  Result<Received> receive(const std::string& source, std::optional<Id> place, std::span<const Xadd> entries,
                           std::span<const Id> places) override;
  Result<std::vector<std::optional<Handle>>> delay(std::span<const Xadd> entries, const Due& due) override;
  Result<std::vector<DelayedMessage>> delayed(const std::string& stream, const std::optional<Handle>& after,
                                              std::uint64_t count) override;
  Result<DelayedCount> count_delayed(const std::string& stream) override;
  Result<Count> cancel_delayed(const std::string& stream, std::span<const Handle> handles) override;
  Result<Count> append_delayed(const std::string& stream, std::span<const Handle> handles) override;
  Result<Count> take_over_delayed(const std::string& stream, std::span<const DelayedMessage> messages) override;
  Result<std::optional<Placed>> add_unique(const Xadd& entry, const std::string& key,
                                           const std::optional<Due>& due) override;
  Result<std::vector<UniqueKey>> unique_keys(const std::string& stream) override;
  Result<void> set_unique_keys(const std::string& stream, std::span<const UniqueKey> keys) override;
  Result<std::optional<std::uint64_t>> keep(const std::string& stream, const KeepPolicy& policy) override;
  Result<std::optional<KeepPolicy>> kept(const std::string& stream) override;
  Result<Count> apply_keep(const std::string& stream) override;
  Result<Count> would_apply_keep(const std::string& stream) override;
  Result<void> pause(const std::string& stream, const std::string& group, const std::optional<Millis>& time) override;
  Result<void> resume(const std::string& stream, const std::string& group) override;
  Result<std::optional<Pause>> paused(const std::string& stream, const std::string& group) override;
  Result<Rationed> take(const Ration& ration) override;
  Result<std::vector<Surveyed>> survey(std::span<const std::string> streams) override;
  Result<void> together(const std::function<Result<void>()>& work) override;
  Result<bool> together_at_once(const std::function<Result<void>()>& work) override;
  bool make_room() override { return connection_->make_room(); }
  Result<std::uint64_t> count_streams() override;
  void bound_answers(std::uint64_t bytes) override { tables_.bound_answers(bytes); }
  Result<std::string> state_of(const std::string& stream) override;
  Result<void> fix_starts(Xread& request) override;
  Result<std::unique_ptr<Lines>> lines() override;
  Result<TurnToRead> read_in_turn(const Xreadgroup& request, std::span<const Standing> standing, Lines& lines) override;
  Result<Seen> look(std::span<const Awaited> awaited, Lines& lines) override;
  Result<Verified> verify(bool repair, const std::function<void(const Finding&)>& tell) override;
  Result<void> backup(int to, const std::string& name, const std::function<Result<void>()>& go_on) override;
  Result<Compactable> compactable() override;
  Result<Compacted> compact(bool at_once, const std::function<void()>& tell) override;
  Result<void> may_replace(const std::string& path) override;
  Result<void> may_make(const std::string& path) override;
  Result<void> note_backup(UnixMs begun) override;
  Result<std::optional<UnixMs>> last_backup() override;
  void while_working(std::function<void()> tell) override;
  Result<bool> await_more(Millis most) override { return await_change(most); }
  Result<void> watch() override;
  Result<bool> await_change(Millis most) override;
  Result<std::string> identity() override { return connection_->identity(); }
  Result<std::uint64_t> log_size() override { return connection_->log_size(); }
  Result<std::size_t> pack(const Xrange& request, PackedEntries& page) override;
  void set_interrupt(int fd) override { interrupt_ = fd; }
  void set_slow_interrupt(int fd) override { slow_interrupt_ = fd; }

 private:
  friend class BlockedGroupRead;

  /// Answers a request in one transaction, of the kind that the type of its run() in tables/ asks for.
  template <typename R>
  Result<typename R::Reply> answer(const R& request) {
    return whole([&] { return tables_.run(request); });
  }
  // Without a transaction: a single statement sees one moment anyway.
  Result<Xlen::Reply> answer(const Xlen& request) {
    return up_to_date([&] { return at_a_glance(request); });
  }
  Result<Type::Reply> answer(const Type& request) { return at_a_glance(request); }
  Result<Keys::Reply> answer(const Keys& request) { return at_a_glance(request); }
  // Requests that take more than one transaction, or wait in between.
  Result<Xadd::Reply> answer(const Xadd& request);
  Result<Xpending::Reply> answer(const Xpending& request);
  Result<Xread::Reply> answer(const Xread& request);
  Result<Xreadgroup::Reply> answer(const Xreadgroup& request);

  /// Runs `part` in one transaction. If it returns a Result of a Change, in a write transaction, which is committed if
  /// there is no failure and something was changed; otherwise in a read transaction.
  template <typename Part>
  auto whole(Part part) {
    if constexpr (kWrites<std::invoke_result_t<Part>>) {
      return changed(part);
    } else {
      return up_to_date([&] {
        const ReadTransaction transaction(*connection_);
        return sound(part());
      });
    }
  }
  template <typename R>
  Result<typename R::Reply> at_a_glance(const R& request) {
    if (!connection_->is_in_parts()) {
      connection_->check_files_now_and_then();
    }
    return sound(tables_.run(request));
  }
  /// Looks again if delayed messages were due at the first look, once they are appended.
  template <typename Look>
  auto up_to_date(Look look) -> decltype(look()) {
    auto found = look();
    while (append_due_if_stale()) {
      found = look();
    }
    return found;
  }
  template <typename Part>
  auto changed(Part part) {
    return with_room([&] { return changed_once(part); });
  }
  template <typename Part>
  auto changed_once(Part part) -> Result<decltype(part()->reply)> {
    WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*connection_));
    WEIR_ASSIGN(auto change, sound(part()));
    if (change.worth == Worth::sync) {
      WEIR_TRY(transaction.commit());
    } else if (change.worth == Worth::commit) {
      WEIR_TRY(transaction.commit_without_sync());
    }
    return std::move(change.reply);
  }
  /// If the disk is full, and room can be made, tries once more.
  template <typename Attempt>
  auto with_room(Attempt attempt) -> decltype(attempt()) {
    auto done = attempt();
    if (!done && done.error().cause == Cause::no_room && connection_->make_room()) {
      done = attempt();
    }
    return done;
  }
  /// Passes `found` on, unless a statement failed, or a file that should not change did: then the result is void.
  template <typename T>
  Result<T> sound(Result<T> found) {
    if (auto unchanged = connection_->check_unchanged(); !unchanged) {
      if (connection_->database().failed()) {
        connection_->database().take_failure();  // drops the failure that the change caused
      }
      return tl::unexpected<Error>(std::move(unchanged).error());
    }
    if (Database& db = connection_->database(); db.failed()) {
      return tl::unexpected<Error>(db.take_failure());
    }
    return found;
  }

  /// Appends delayed messages that a look found to be due. False: there were none, or they cannot be appended; a user
  /// who may not write sees only what has been appended.
  bool append_due_if_stale();

  Result<std::vector<Result<Reply>>> transact_once(std::span<const Request> requests, OnRefusal on_refusal);

  // sharing.cc
  Result<void> in_parts(WriteTransaction transaction, const std::function<Result<void>()>& work);

  // read_blocking.cc
  /// Whether a blocked read has to end before its deadline. Asked whenever the read wakes.
  bool is_over() const;
  Result<StreamEntries> read_after(const Xread& request, const std::vector<Id>& after);
  Result<StreamEntries> deliver(const Xreadgroup& request, const std::vector<Tables::Served>& served);

  std::unique_ptr<Connection> connection_;
  Tables tables_;
  AppendTogether append_together_{*connection_, tables_};
  int interrupt_ = -1;
  int slow_interrupt_ = -1;
  std::function<void()> tell_work_;
  std::optional<BellWaiter> watcher_;  ///< made by the first `watch`; uses the connection's lock file
  std::int64_t watched_version_ = 0;
};

#undef WEIR_RUN

}  // namespace weir::sqlite
