#include "sqlite/file/look_inside.h"

#include <sys/stat.h>
#include <unistd.h>

#include "sqlite/database/database.h"
#include "sqlite/database/uncounted.h"
#include "sqlite/file/left_log.h"
#include "sqlite/file/lock_file.h"
#include "sqlite/file/old_log.h"
#include "sqlite/file/schema.h"

namespace weir::sqlite {
namespace {

constexpr const char* kAbout = "SELECT key, value FROM weir_meta";
// Reads a row for each stream, which is seldom done: an index would cost every append.
constexpr const char* kLatest =
    "SELECT ifnull(ms, last_ms) AS latest, name FROM weir_streams s "
    "LEFT JOIN weir_entries ON n = " WEIR_LAST_UNCOUNTED
    " WHERE latest < 4102444800000 "
    "ORDER BY latest DESC LIMIT 1";

/// Makes SQLite leave the log as it is when it closes.
void leave_alone(const Database& db) {
  int keep_log = 1;
  sqlite3_db_config(db.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_file_control(db.handle(), "main", SQLITE_FCNTL_PERSIST_WAL, &keep_log);
  sqlite3_busy_timeout(db.handle(), 1000);
}

void read_about(Database& db, Inside& inside) {
  Query query = db.query(kAbout);
  while (query.next()) {
    const std::string key(query.bytes(0));
    if (key == "version") {
      inside.version = static_cast<int>(query.integer(1));
    } else if (key == "made_by") {
      inside.made_by = query.bytes(1);
    } else if (key == "migrated_by") {
      inside.migrated_by = query.bytes(1);
    }
  }
}

void read_latest(Database& db, Inside& inside) {
  Query query = db.query(kLatest);
  if (query.next()) {
    inside.last_ms = query.integer(0);
    inside.last_stream = query.bytes(1);
  }
}

}  // namespace

Result<Inside> look_inside(const std::string& path) {
  Inside inside;
  struct stat log {};
  const bool has_log = stat((path + "-wal").c_str(), &log) == 0;
  const bool has_index = access((path + "-shm").c_str(), F_OK) == 0;
  if (has_log && log.st_size > 0 && !has_index) {
    return inside;
  }
  WEIR_TRY(check_log_is_spare(path));
  const bool complete = !has_index || !has_log;
  WEIR_ASSIGN(Database db, complete ? Database::open_unchanging(path) : Database::open(path));
  leave_alone(db);
  const std::string lock_path = path + "-lock";
  if (!complete && access(lock_path.c_str(), R_OK | W_OK) == 0) {
    if (const auto lock_file = LockFile::open(path)) {
      WEIR_TRY(check_log_is_its_own(db, *lock_file));
    }
  }
  WEIR_ASSIGN(const SchemaState state, schema_state(db));
  inside.read = true;
  inside.streams = state != SchemaState::absent;
  inside.old = state == SchemaState::old;
  if (inside.streams) {
    read_about(db, inside);
    read_latest(db, inside);
  }
  return db.failed() ? Result<Inside>(tl::unexpected(db.take_failure())) : Result<Inside>(std::move(inside));
}

bool is_older_than_built_with() {
  return sqlite3_libversion_number() < SQLITE_VERSION_NUMBER;
}

std::string built_with() {
  return SQLITE_VERSION;
}

}  // namespace weir::sqlite
