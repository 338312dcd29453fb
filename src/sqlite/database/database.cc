#include "sqlite/database/database.h"

#include <cctype>

#include "sqlite/database/descriptor_file.h"
#include "sqlite/database/failure.h"
#include "sqlite/database/file_system.h"
#include "sqlite/database/id_halves.h"
#include "text/utf8.h"

namespace weir::sqlite {
namespace {

constexpr const char* kEncoding = "PRAGMA encoding";

std::string uri_of(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    constexpr const char* kDigits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '/' || c == '.' || c == '-' || c == '_') {
      uri += c;
    } else {
      uri.append({'%', kDigits[byte >> 4U], kDigits[byte & 0xFU]});
    }
  }
  return uri;
}

}  // namespace

Result<Database> Database::open(const std::string& path) {
  return open_as(path, path, SQLITE_OPEN_READWRITE);
}

Result<Database> Database::open_unchanging(const std::string& path) {
  return open_as(uri_of(path) + "?immutable=1", path, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

Result<Database> Database::open_unchanging(int fd, const std::string& name) {
  return open_as(uri_of(name) + "?immutable=1&" + kDescriptorParameter + "=" + std::to_string(fd), name,
                 SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

Result<Database> Database::open_as(const std::string& name, const std::string& path, int flags) {
  // SQLite's memory statistics cost a global lock for every allocation. By default, a statement's undo data goes to a
  // temporary file from 64 KB on, so acknowledging some hundred entries would make a file each time. The undo data is
  // written in pieces of this size. SQLite cuts a write at 128 KB, and with a larger piece would report a full disk. It
  // does no harm if these settings come too late, since another part of the process has used SQLite before.
  constexpr int kMostInMemory = 127 * 1024;
  static const int configured =
      sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) | sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, kMostInMemory);
  (void)configured;
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(name.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, file_system());
  Database db(handle);
  if (code != SQLITE_OK) {
    return tl::unexpected(describe_failure(last_failure(handle, code), path));
  }
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  return db;
}

Query Database::query(const char* sql) {
  if (failed()) {
    return {*this, nullptr};
  }
  auto& statement = statements_[sql];
  if (!statement) {
    statement = compiled(sql);
  }
  return {*this, statement.get()};
}

/// Null: the statement could not be compiled.
std::unique_ptr<sqlite3_stmt, Database::Finalizer> Database::compiled(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (const int code = sqlite3_prepare_v3(handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
      code != SQLITE_OK) {
    note_failure(code);
  }
  return std::unique_ptr<sqlite3_stmt, Finalizer>(statement);
}

void Database::execute(const char* sql) {
  if (failed()) {
    return;
  }
  if (const int code = sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr); code != SQLITE_OK) {
    note_failure(code);
  }
}

void Database::begin(const char* how) {
  undo();  // a transaction left open would cause an error that nobody understands
  if (!(undo_ && end_) && !failed()) {
    undo_ = compiled("ROLLBACK");
    end_ = compiled("COMMIT");
  }
  query(how).run();
  if (failed()) {
    undo();
  }
}

void Database::undo() {
  end_by(undo_);
}

void Database::end() {
  end_by(end_);
  undo();
}

void Database::end_by(const std::unique_ptr<sqlite3_stmt, Finalizer>& statement) {
  if (statement && sqlite3_get_autocommit(handle()) == 0) {
    sqlite3_step(statement.get());
    sqlite3_reset(statement.get());
  }
}

Error Database::take_failure() {
  Error error = std::move(*failure_);
  failure_.reset();
  return error;
}

void Database::note_failure(int code) {
  if (!failed()) {
    failure_ = describe_failure(last_failure(handle(), code), path());
  }
}

void Database::note_failure(Error error) {
  if (!failed()) {
    failure_ = std::move(error);
  }
}

void Database::note_stale(std::string_view stream) {
  if (!stale_) {
    stale_.emplace(stream);
  }
}

void Database::note_damage(const std::string& what) {
  if (!failed()) {
    failure_ = describe_failure({SQLITE_CORRUPT, 0, what}, path());
  }
}

tl::unexpected<Error> Database::refuse(std::string message) {
  if (failed()) {
    return tl::unexpected<Error>(take_failure());
  }
  return fail(Failure::refused, std::move(message));
}

bool Database::keeps(std::string_view utf8) {
  if (utf8.find("\xef\xbf\xbe") == std::string_view::npos && utf8.find("\xef\xbf\xbf") == std::string_view::npos) {
    return true;
  }
  if (!is_utf16_) {
    Query encoding = query(kEncoding);
    is_utf16_ = encoding.next() && encoding.bytes(0) != "UTF-8";
  }
  return !*is_utf16_;
}

Query& Query::bind(std::int64_t value) {
  ++bound_;
  if (statement_ != nullptr) {
    sqlite3_bind_int64(statement_, bound_, value);
  }
  return *this;
}

Query& Query::bind(std::optional<std::int64_t> value) {
  if (value) {
    return bind(*value);
  }
  ++bound_;
  if (statement_ != nullptr) {
    sqlite3_bind_null(statement_, bound_);
  }
  return *this;
}

Query& Query::bind_limit(std::optional<std::uint64_t> count) {
  constexpr std::int64_t kAll = -1;
  return bind(count ? static_cast<std::int64_t>(std::min<std::uint64_t>(*count, INT64_MAX)) : kAll);
}

Query& Query::bind(Id id) {
  if (statement_ != nullptr) {
    note(bind_half(statement_, bound_ + 1, id.ms));
    note(bind_half(statement_, bound_ + 2, id.seq));
  }
  bound_ += 2;
  return *this;
}

Query& Query::bind_name(std::string_view bytes) {
  if (is_utf8(bytes) && bytes.find('\0') == std::string_view::npos && db_->keeps(bytes)) {
    return bind_text(bytes);
  }
  return bind_blob(bytes);
}

Query& Query::bind_blob(std::string_view bytes) {
  ++bound_;
  if (statement_ != nullptr) {
    note(sqlite3_bind_blob64(statement_, bound_, bytes.data(), bytes.size(), SQLITE_STATIC));
  }
  return *this;
}

Query& Query::bind_text(std::string_view utf8) {
  ++bound_;
  if (statement_ != nullptr) {
    note(sqlite3_bind_text64(statement_, bound_, utf8.data() != nullptr ? utf8.data() : "", utf8.size(), SQLITE_STATIC,
                             SQLITE_UTF8));
  }
  return *this;
}

/// A value that is not bound would be NULL: nothing would be found, or something else stored.
void Query::note(int code) {
  if (code != SQLITE_OK) {
    db_->note_failure(code);
  }
}

bool Query::next() {
  if (statement_ == nullptr || db_->failed()) {
    return false;
  }
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) {
    return true;
  }
  if (code != SQLITE_DONE) {
    db_->note_failure(code);
  }
  return false;
}

std::string_view Query::bytes(int column) const {
  const int type = sqlite3_column_type(statement_, column);
  if (type == SQLITE_NULL) {
    return "";
  }
  // An application's database may be UTF-16: text must be read as text, since as a blob it would be UTF-16.
  const void* data = type == SQLITE_BLOB ? sqlite3_column_blob(statement_, column)
                                         : static_cast<const void*>(sqlite3_column_text(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  if (data != nullptr) {
    return {static_cast<const char*>(data), size};
  }
  if (sqlite3_errcode(db_->handle()) == SQLITE_NOMEM) {
    db_->note_failure(SQLITE_NOMEM);
  }
  return "";
}

Id Query::id(int column) const {
  return {column_half(statement_, column), column_half(statement_, column + 1)};
}

}  // namespace weir::sqlite
