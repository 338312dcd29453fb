#include "sqlite/database/failure.h"

#include <cerrno>
#include <string>

#include "catch.h"

using namespace weir;
using namespace weir::sqlite;

namespace {

std::string told(int code, int system_error) {
  const Error error = describe_failure({code, system_error, "detail"}, "/d/q.db");
  CHECK(error.failure == Failure::store);
  return error.message;
}

}  // namespace

TEST_CASE("A failure of SQLite is told with the system's reason") {
  CHECK(told(SQLITE_FULL, 0) == "/d/q.db: the disk is full");
  CHECK(told(SQLITE_IOERR_WRITE, ENOSPC) == "/d/q.db: the disk is full");
  CHECK(told(SQLITE_IOERR_SHMSIZE, ENOSPC) == "/d/q.db: the disk is full");
  CHECK(told(SQLITE_IOERR_FSYNC, EDQUOT) == "/d/q.db: the disk quota is used up");
  CHECK(told(SQLITE_IOERR_WRITE, EFBIG) == "/d/q.db: the file size limit (ulimit -f) is reached");
  CHECK(told(SQLITE_IOERR_FSYNC, EIO) ==
        "/d/q.db: the disk does not say that it has stored what was written: Input/output error");
  CHECK(told(SQLITE_IOERR_READ, EIO) == "/d/q.db: cannot be read: Input/output error");
  CHECK(told(SQLITE_IOERR_LOCK, 0) == "/d/q.db: disk I/O error");
  CHECK(told(SQLITE_IOERR_NOMEM, 0) == "/d/q.db: out of memory");
  CHECK(told(SQLITE_CANTOPEN, EMFILE) ==
        "/d/q.db: cannot be opened: too many files are open in this process (ulimit -n)");
  CHECK(told(SQLITE_CANTOPEN, ENOSPC) == "/d/q.db: cannot be written: the disk is full");
  CHECK(told(SQLITE_CORRUPT, 0) == "/d/q.db: the database is damaged (detail)");
}

TEST_CASE("Only where permissions are to blame is the user sent to look at them") {
  CHECK(describe_failure({SQLITE_CANTOPEN, EACCES, ""}, "/d/q.db").hint ==
        "look at the permissions of the file and of its folder");
  CHECK(describe_failure({SQLITE_CANTOPEN, EMFILE, ""}, "/d/q.db").hint.empty());
}

TEST_CASE("A failure that the connection does not know of is told by its code") {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK);
  CHECK(last_failure(db, SQLITE_IOERR_FSYNC).detail == "disk I/O error");
  CHECK(sqlite3_exec(db, "SELECT missing", nullptr, nullptr, nullptr) == SQLITE_ERROR);
  CHECK(last_failure(db, SQLITE_ERROR).detail == "no such column: missing");
  sqlite3_close_v2(db);
  CHECK(last_failure(nullptr, SQLITE_NOMEM).detail == "out of memory");
}

TEST_CASE("A path longer than SQLite takes is told so, with and without the file") {
  const std::string path = "/" + std::string(5000, 'd') + "/q.db";
  const auto fits = check_length(path);
  REQUIRE(!fits);
  CHECK(fits.error().message == path + ": the path is too long: 5006 bytes, SQLite takes " +
                                    std::to_string(sqlite3_vfs_find(nullptr)->mxPathname - 8));
  CHECK(told(SQLITE_CANTOPEN, 0) == "/d/q.db: cannot be opened");
  CHECK(describe_failure({SQLITE_CANTOPEN, 0, ""}, path).message == fits.error().message);
}
