// Opening a store, and the commands that take more than one transaction.
#include "sqlite/sqlite_engine.h"

#include "sqlite/file/backup.h"
#include "sqlite/file/compact.h"
#include "sqlite/file/left_log.h"
#include "sqlite/file/schema.h"
#include "sqlite/sqlite_store.h"
#include "sqlite/verify/verify.h"

namespace weir::sqlite {

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, const StoreOptions& options,
                                                 const FileLimits& limits) {
  WEIR_ASSIGN(std::unique_ptr<Connection> connection, Connection::open(path, options, limits));
  return std::make_unique<SqliteEngine>(std::move(connection));
}

Result<Xadd::Reply> SqliteEngine::answer(const Xadd& request) {
  WEIR_ASSIGN(AddAnswers answers, append(std::span(&request, 1)));
  return std::move(answers.front());
}

Result<Store::AddAnswers> SqliteEngine::append(std::span<const Xadd> entries) {
  constexpr std::size_t kMany = 1000;
  if (entries.size() == 1 && append_together_.may_append(entries.front())) {
    auto answer = with_room([&] { return append_together_.append(entries.front()); });
    if (!answer && answer.error().failure != Failure::refused) {
      return tl::unexpected(std::move(answer).error());
    }
    AddAnswers answers;
    answers.push_back(std::move(answer));
    return answers;
  }
  if (entries.size() >= kMany) {
    connection_->enlarge_cache();
  }
  return whole([&] { return tables_.append(entries); });
}

Result<Xpending::Reply> SqliteEngine::answer(const Xpending& request) {
  WEIR_ASSIGN(PendingNow found, whole([&] { return tables_.run(request); }));
  if (found.from_the_future && connection_->options().access == Access::make) {
    // Otherwise a client that lists entries in order to take them would wait for as long as the clock was set back.
    return whole([&] { return tables_.mend(request); });
  }
  return std::move(found.entries);
}

Result<std::size_t> SqliteEngine::pack(const Xrange& request, PackedEntries& page) {
  return whole([&] { return tables_.pack(request, page); });
}

Result<Names> SqliteEngine::names_from(std::string_view prefix, std::size_t most) {
  return whole([&] { return tables_.names_from(prefix, most); });
}

Result<RememberedKeys> SqliteEngine::remembered(const std::string& stream) {
  return whole([&] { return tables_.remembered(stream); });
}

Result<void> SqliteEngine::remember(const std::string& stream, const RememberedKeys& keys) {
  WEIR_TRY(whole([&] { return tables_.remember(stream, keys); }));
  return {};
}

Result<std::string> SqliteEngine::source_name(const std::string& stream) {
  return whole([&] { return tables_.source_name(stream); });
}

Result<bool> SqliteEngine::acknowledge_source(const std::string& name, const Xack& request) {
  return whole([&] { return tables_.acknowledge_source(name, request); });
}

Result<std::optional<Id>> SqliteEngine::received(const std::string& stream, const std::string& source) {
  return whole([&] { return tables_.received(stream, source); });
}

Result<Received> SqliteEngine::receive(const std::string& source, std::optional<Id> place,
                                       std::span<const Xadd> entries, std::span<const Id> places) {
  return whole([&] { return tables_.receive(source, place, entries, places); });
}

Result<std::vector<std::optional<Handle>>> SqliteEngine::delay(std::span<const Xadd> entries, const Due& due) {
  return whole([&] { return tables_.delay(entries, due); });
}

Result<std::vector<DelayedMessage>> SqliteEngine::delayed(const std::string& stream, const std::optional<Handle>& after,
                                                          std::uint64_t count) {
  return whole([&] { return tables_.delayed(stream, after, count); });
}

Result<DelayedCount> SqliteEngine::count_delayed(const std::string& stream) {
  return whole([&] { return tables_.count_delayed(stream); });
}

Result<Count> SqliteEngine::cancel_delayed(const std::string& stream, std::span<const Handle> handles) {
  return whole([&] { return tables_.cancel_delayed(stream, handles); });
}

Result<Count> SqliteEngine::append_delayed(const std::string& stream, std::span<const Handle> handles) {
  return whole([&] { return tables_.append_delayed(stream, handles); });
}

Result<Count> SqliteEngine::take_over_delayed(const std::string& stream, std::span<const DelayedMessage> messages) {
  return whole([&] { return tables_.take_over_delayed(stream, messages); });
}

Result<std::vector<UniqueKey>> SqliteEngine::unique_keys(const std::string& stream) {
  return whole([&] { return tables_.unique_keys(stream); });
}

Result<void> SqliteEngine::set_unique_keys(const std::string& stream, std::span<const UniqueKey> keys) {
  WEIR_TRY(whole([&] { return tables_.set_unique_keys(stream, keys); }));
  return {};
}

Result<std::optional<Placed>> SqliteEngine::add_unique(const Xadd& entry, const std::string& key,
                                                       const std::optional<Due>& due) {
  return whole([&] { return tables_.add_unique(entry, key, due); });
}

Result<std::optional<std::uint64_t>> SqliteEngine::keep(const std::string& stream, const KeepPolicy& policy) {
  return whole([&] { return tables_.keep(stream, policy); });
}

Result<std::optional<KeepPolicy>> SqliteEngine::kept(const std::string& stream) {
  return whole([&] { return tables_.kept(stream); });
}

Result<Count> SqliteEngine::apply_keep(const std::string& stream) {
  return whole([&] { return tables_.apply_keep(stream); });
}

Result<Count> SqliteEngine::would_apply_keep(const std::string& stream) {
  std::optional<Count> gone;
  const auto undone = whole([&]() -> Result<Change<Count>> {
    WEIR_ASSIGN(const Change<Count> change, tables_.apply_keep(stream));
    gone = change.reply;
    return fail(Failure::refused, "only tried");
  });
  const bool tried = gone && undone.error().failure == Failure::refused;
  return tried ? Result<Count>(*gone) : undone;
}

Result<void> SqliteEngine::pause(const std::string& stream, const std::string& group,
                                 const std::optional<Millis>& time) {
  WEIR_TRY(whole([&] { return tables_.pause(stream, group, time); }));
  return {};
}

Result<void> SqliteEngine::resume(const std::string& stream, const std::string& group) {
  WEIR_TRY(whole([&] { return tables_.resume(stream, group); }));
  return {};
}

Result<std::optional<Pause>> SqliteEngine::paused(const std::string& stream, const std::string& group) {
  return whole([&] { return tables_.paused(stream, group); });
}

Result<Rationed> SqliteEngine::take(const Ration& ration) {
  WEIR_TRY(watch());
  return whole([&] { return tables_.take(ration); });
}

Result<std::vector<Surveyed>> SqliteEngine::survey(std::span<const std::string> streams) {
  return whole([&] { return tables_.survey(streams); });
}

Result<Verified> SqliteEngine::verify(bool repair, const std::function<void(const Finding&)>& tell) {
  Database& db = connection_->database();
  const auto of_this_version = [&]() -> Result<void> {
    WEIR_ASSIGN(const SchemaState state, schema_state(db));
    return state == SchemaState::current
               ? Result<void>()
               : fail(Failure::refused, "the file was made by an older weir, and is checked once it is migrated",
                      "any command that writes migrates it; weir verify --repair does");
  };
  if (!repair) {
    const ReadTransaction transaction(*connection_);
    WEIR_TRY(of_this_version());
    return sound(sqlite::verify(db, false, tell));
  }
  connection_->enlarge_cache();
  WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*connection_));
  WEIR_ASSIGN(Verified verified, sqlite::verify(db, true, tell));
  if (verified.found > 0) {
    WEIR_TRY(transaction.commit());
  }
  return verified;
}

Result<void> SqliteEngine::backup(int to, const std::string& name, const std::function<Result<void>()>& go_on) {
  WEIR_TRY(write_backup(*connection_, to, go_on));
  WEIR_TRY(connection_->check_unchanged());
  WEIR_ASSIGN(Database copy, Database::open_unchanging(to, name));
  std::optional<Finding> first;
  copy.begin("BEGIN");
  const auto note = [&](const Finding& finding) { first = first.value_or(finding); };
  WEIR_ASSIGN(const SchemaState state, schema_state(copy));
  WEIR_TRY(state == SchemaState::old ? verify_old(copy, note) : sqlite::verify(copy, false, note));
  if (first) {
    return fail(Failure::store, "the backup is not in order, and was not kept: " + first->rule + ": " + first->what,
                "weir verify tells whether the file itself is");
  }
  return {};
}

Result<Compactable> SqliteEngine::compactable() {
  return look_what_to_compact(*connection_);
}

Result<Compacted> SqliteEngine::compact(bool at_once, const std::function<void()>& tell) {
  return sqlite::compact(*connection_, at_once, tell);
}

Result<void> SqliteEngine::may_replace(const std::string& path) {
  WEIR_TRY(check_log_is_spare(path));
  WEIR_ASSIGN(Database db, Database::open(path));
  WEIR_ASSIGN(const SchemaState state, schema_state(db));
  if (state == SchemaState::absent) {
    return fail(Failure::store, path + " is no database of weir: it is not replaced");
  }
  // Without a log nothing lies beside the database that SQLite could mix up with the next file of this name.
  bool is_alone = false;
  {
    Query mode = db.query("PRAGMA journal_mode = DELETE");
    is_alone = mode.next() && mode.bytes(0) == "delete";
  }
  if (db.failed()) {
    db.take_failure();
  }
  return is_alone ? Result<void>() : fail(Failure::store, path + " is in use: it is not replaced", "name another file");
}

Result<void> SqliteEngine::may_make(const std::string& path) {
  return check_left_log(path, connection_->database().path());
}

Result<void> SqliteEngine::note_backup(UnixMs begun) {
  Database& db = connection_->database();
  WEIR_ASSIGN(const SchemaState state, schema_state(db));
  if (state != SchemaState::current || sqlite3_db_readonly(db.handle(), "main") != 0) {
    return {};
  }
  WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*connection_));
  db.query("INSERT OR REPLACE INTO weir_meta VALUES ('backup', ?)").bind(begun.count()).run();
  return transaction.commit();
}

Result<std::optional<UnixMs>> SqliteEngine::last_backup() {
  Database& db = connection_->database();
  std::optional<UnixMs> last;
  WEIR_ASSIGN(const SchemaState state, schema_state(db));
  if (state == SchemaState::absent) {
    return last;
  }
  {
    Query query = db.query("SELECT value FROM weir_meta WHERE key = 'backup' AND typeof(value) = 'integer'");
    if (query.next()) {
      last = UnixMs(query.integer(0));
    }
  }
  return db.failed() ? Result<std::optional<UnixMs>>(tl::unexpected(db.take_failure())) : last;
}

void SqliteEngine::while_working(std::function<void()> tell) {
  constexpr int kSteps = 1'000'000;  // steps of SQLite's machine: some ten milliseconds
  tell_work_ = std::move(tell);
  const auto call = [](void* what) {
    (*static_cast<const std::function<void()>*>(what))();
    return 0;
  };
  if (tell_work_) {
    sqlite3_progress_handler(connection_->database().handle(), kSteps, call, &tell_work_);
  } else {
    sqlite3_progress_handler(connection_->database().handle(), 0, nullptr, nullptr);
  }
}

bool SqliteEngine::append_due_if_stale() {
  const auto stream = connection_->database().take_stale();
  if (!stream) {
    return false;
  }
  const auto appended = whole([&] { return tables_.append_due_of(*stream); });
  return appended && *appended;
}

Result<std::vector<Result<Reply>>> SqliteEngine::transact(std::span<const Request> requests, OnRefusal on_refusal) {
  return with_room([&] { return transact_once(requests, on_refusal); });
}

Result<std::vector<Result<Reply>>> SqliteEngine::transact_once(std::span<const Request> requests,
                                                               OnRefusal on_refusal) {
  WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*connection_));
  std::vector<Result<Reply>> replies;
  replies.reserve(requests.size());
  {
    const Tables::SameGroups same_groups(tables_, requests);
    const PartsOfOne parts(*connection_);
    for (const Request& request : requests) {
      replies.push_back(execute(request));
      if (replies.back()) {
        continue;
      }
      if (replies.back().error().failure == Failure::store) {
        return tl::unexpected<Error>(std::move(replies.back()).error());
      }
      if (on_refusal == OnRefusal::undo) {
        return replies;  // the transaction object ends here, which undoes everything
      }
    }
  }
  WEIR_TRY(transaction.commit());
  return replies;
}

int schema_version() {
  return kSchemaVersion;
}

std::string library_version() {
  return sqlite3_libversion();
}

}  // namespace weir::sqlite
