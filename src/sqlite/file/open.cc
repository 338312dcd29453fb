// Opens a database: refuses names, makes files and tables.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "sqlite/database/failure.h"
#include "sqlite/file/connection.h"
#include "sqlite/file/file_names.h"
#include "sqlite/file/left_log.h"
#include "sqlite/file/log_files.h"
#include "sqlite/file/old_log.h"
#include "sqlite/file/other_name.h"
#include "sqlite/file/schema.h"
#include "system/system_reason.h"

namespace weir::sqlite {
namespace {

// NORMAL even if our own durability is `off`: when we move the log, we also move commits that others have promised to
// keep.
constexpr const char* kSynchronous = "PRAGMA synchronous = NORMAL";
constexpr const char* kDataVersion = "PRAGMA data_version";

constexpr const char* kNameAnother = "name another with --db or WEIR_DB";

Result<void> make_folders(const std::filesystem::path& folder, const std::string& database) {
  if (folder.empty()) {
    return {};
  }
  struct stat status {};
  if (stat(folder.c_str(), &status) == 0) {
    return {};
  }
  WEIR_TRY(make_folders(folder.parent_path(), database));
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail(Failure::store, fmt::format("{}: cannot be made: {}", folder.string(), system_reason(errno)),
                fmt::format("it is for the database {}; {}", database, kNameAnother));
  }
  return {};
}

/// Makes an empty file of mode 0600, which SQLite takes for a new database. (SQLite itself would make it 0644.)
Result<void> make_file(const std::string& path) {
  WEIR_TRY(make_folders(std::filesystem::path(path).parent_path(), path));
  // Makes the file without opening it: another thread may have it open by now, and closing our descriptor would drop
  // its locks.
  if (mknod(path.c_str(), S_IFREG | 0600, 0) == 0 || errno == EEXIST) {
    return {};
  }
  // Some systems and file systems cannot make plain files with mknod.
  const Fd fd = Fd::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (!fd && errno != EEXIST) {
    return fail(Failure::store, fmt::format("{}: cannot be made: {}", path, system_reason(errno)), kNameAnother);
  }
  return {};
}

tl::unexpected<Error> no_database(const std::string& path) {
  std::string message = fmt::format("{}: there is no such database", path);
  std::string hint = std::string(kNameAnother) + ", or add a first message with weir xadd";
  const std::string folder = std::filesystem::path(path).parent_path().string();
  struct stat status {};
  if (!folder.empty() && stat(folder.c_str(), &status) != 0) {
    message += ", and no folder " + folder;
    hint += ", which makes the folder too";
  }
  return fail(Failure::store, std::move(message), std::move(hint));
}

/// Makes the database use a log. SQLite answers with the journal mode that it then has: some files and file systems
/// cannot have a log.
Result<void> switch_to_log(Database& db) {
  // Until the switch the database has a journal. NORMAL syncs a journal only once, together with its number of pages:
  // after loss of power a page may be missing, and the page's checksum, which covers only a few bytes, may not show
  // that.
  db.execute("PRAGMA synchronous = FULL");
  std::string mode;
  {
    Query query = db.query("PRAGMA journal_mode = WAL");
    mode = query.next() ? query.bytes(0) : "";
  }
  db.execute(kSynchronous);
  if (db.failed()) {
    return tl::unexpected(db.take_failure());
  }
  if (mode != "wal") {
    return fail(Failure::store,
                fmt::format("{}: cannot have a write-ahead log, its journal mode stays {}", db.path(), mode),
                "put the database on a disk of this machine");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, const StoreOptions& options,
                                                     const FileLimits& limits) {
  WEIR_TRY(check_name(path));
  const std::string end = end_of_links(path);
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    if (errno != ENOENT) {
      return fail(Failure::store, fmt::format("{}: {}", path, system_reason(errno)));
    }
    if (options.access == Access::look) {
      return no_database(path);
    }
    WEIR_TRY(check_length(end));
    WEIR_TRY(check_log_files(end));
    WEIR_TRY(check_log_is_spare(end));
    WEIR_TRY(make_file(end));
  } else if (S_ISDIR(status.st_mode)) {
    return fail(Failure::store, fmt::format("{}: is a folder, not a database", path));
  } else if (!S_ISREG(status.st_mode)) {
    return fail(Failure::store, fmt::format("{}: is a device, a pipe or a socket, not a database", path));
  }
  WEIR_TRY(check_only_name(path));
  WEIR_TRY(check_log_files(end));
  WEIR_TRY(check_log_is_spare(end));
  std::optional<Unchanging> unchanging;
  if (options.access == Access::look && Unchanging::is(end)) {
    WEIR_ASSIGN(unchanging, Unchanging::open(end));
  }
  WEIR_ASSIGN(Database db, unchanging ? unchanging->database() : Database::open(path));
  std::unique_ptr<Connection> connection(new Connection(std::move(unchanging), std::move(db), options, limits));
  constexpr std::chrono::milliseconds kToMakeLog{2000};
  WEIR_TRY(check_is_not_open_elsewhere(connection->db_, std::min(options.lock_timeout, kToMakeLog)));
  if (const LockFile* lock_file = connection->lock_file_if_there()) {
    WEIR_TRY(check_log_is_its_own(connection->db_, *lock_file));
  }
  WEIR_TRY(connection->prepare_file());
  // The files that SQLite opened may have been put there since the first check. From here on OpenFiles notices changes.
  WEIR_TRY(check_log_files(end));
  shut_files(end);
  connection->open_files_.remember_log(connection->db_.path());
  return connection;
}

void Connection::limit_steps() {
  constexpr int kAtOnce = 1000;
  steps_left_ = limits_.most_steps;
  const auto count = [](void* left) {
    auto& steps = *static_cast<std::uint64_t*>(left);
    steps -= std::min<std::uint64_t>(steps, kAtOnce);
    return steps == 0 ? 1 : 0;
  };
  sqlite3_progress_handler(db_.handle(), kAtOnce, count, &steps_left_);
}

Result<void> Connection::prepare_file() {
  if (limits_.most_steps > 0) {
    limit_steps();
  }
  sqlite3* handle = db_.handle();
  set_busy_timeout();
  // By default the last process to close moves the whole log and deletes it, every time. checkpoint_at_end does that
  // instead, only if the log is long.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  int keep_log = 1;
  sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &keep_log);
  sqlite3_wal_hook(handle, on_commit, this);
  db_.execute(kSynchronous);
  // Overwrites deleted data where that needs no extra writes. Set here because builds of SQLite have different
  // defaults.
  db_.execute("PRAGMA secure_delete = FAST");
  WEIR_ASSIGN(SchemaState state, schema_state(db_));
  sqlite3_file* log = nullptr;
  sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  const bool has_log = log != nullptr && log->pMethods != nullptr;
  if (options_.access == Access::look) {
    if (state == SchemaState::absent) {
      return fail(Failure::store, fmt::format("{}: holds no streams", db_.path()),
                  "name another with --db or WEIR_DB, or add a first message with weir xadd");
    }
    if (state == SchemaState::old) {
      show_old_schema(db_);
      shows_old_schema_ = true;
    }
    return db_.failed() ? Result<void>(tl::unexpected(db_.take_failure())) : Result<void>();
  }
  if (state == SchemaState::current && has_log) {
    return {};
  }
  // Two processes may come here at once: the turn lets one of them make the tables, and the other finds them made.
  WEIR_ASSIGN(const LockFile* lock_file, this->lock_file());
  WEIR_TRY(lock_file->take_turn(options_.lock_timeout));
  if (state == SchemaState::absent) {
    // This lets weir compact move a few pages at a time. It can only be set while a file has no table and no log yet.
    db_.execute("PRAGMA auto_vacuum = INCREMENTAL");
  }
  Result<void> logged = switch_to_log(db_);
  db_.begin("BEGIN IMMEDIATE");
  auto now = logged ? schema_state(db_) : Result<SchemaState>(tl::unexpected(std::move(logged).error()));
  if (now) {
    make_schema(db_, *now);
    db_.execute("COMMIT");
    sync_log(log_end(db_.handle()));
  }
  const bool failed = db_.failed();
  Error error = failed ? db_.take_failure() : Error{};
  db_.undo();  // after a commit there is nothing to undo
  lock_file->end_turn();
  if (!now) {
    return tl::unexpected(std::move(now).error());
  }
  return failed ? Result<void>(tl::unexpected(std::move(error))) : Result<void>();
}

std::string Connection::identity() {
  // Uses stat and does not open the file: closing it would drop SQLite's locks.
  struct stat file {};
  return stat(db_.path().c_str(), &file) == 0 ? fmt::format("file {}:{}", file.st_dev, file.st_ino) : std::string();
}

std::uint64_t Connection::log_size() {
  struct stat file {};
  return stat((db_.path() + "-wal").c_str(), &file) == 0 ? static_cast<std::uint64_t>(file.st_size) : 0;
}

Result<const LockFile*> Connection::lock_file() {
  if (!lock_file_) {
    WEIR_ASSIGN(lock_file_, LockFile::open(db_.path()));
    lock_file_->heed(limits_.hurry);
    open_files_.remember_lock_file(*lock_file_);
  }
  return &*lock_file_;
}

const LockFile* Connection::lock_file_if_there() {
  const bool is_there = lock_file_ || access((db_.path() + "-lock").c_str(), F_OK) == 0;
  auto file = is_there ? lock_file() : Result<const LockFile*>(nullptr);
  return file ? *file : nullptr;
}

Result<void> Connection::check_files() {
  auto checked = open_files_.check(db_.handle());
  files_lost_ = files_lost_ || !checked;
  return checked;
}

std::int64_t Connection::data_version() {
  Query query = db_.query(kDataVersion);
  return query.next() ? query.integer(0) : 0;
}

void Connection::enlarge_cache() {
  if (!large_cache_) {
    db_.execute("PRAGMA cache_size = -16000");
    large_cache_ = true;
  }
}

}  // namespace weir::sqlite
