// Transactions of a connection. Each is final: committed, or undone by the end of the object.
#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include "sqlite/file/connection.h"
#include "stream/result.h"

namespace weir::sqlite {

/// A consistent view for several statements. Ends with the object. Failures are kept by the database. No statement of
/// its time may be in use when it ends.
class ReadTransaction {
 public:
  explicit ReadTransaction(Connection& connection);
  ~ReadTransaction();
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;

 private:
  Connection& connection_;
  bool own_;
};

/// A write. Begins when its turn has come, which `lock_timeout` of the options limits; is undone unless `commit`
/// returned without an error.
class WriteTransaction {
 public:
  /// `waited`: what of that time is over already.
  static Result<WriteTransaction> begin(Connection& connection, std::chrono::milliseconds waited = {});
  /// Without waiting. Nothing: somebody else writes.
  static Result<std::optional<WriteTransaction>> begin_at_once(Connection& connection);
  ~WriteTransaction();
  WriteTransaction(WriteTransaction&& other) noexcept;
  WriteTransaction(const WriteTransaction&) = delete;
  WriteTransaction& operator=(const WriteTransaction&) = delete;
  WriteTransaction& operator=(WriteTransaction&&) = delete;

  /// Fails if anything failed since `begin`. When it returns, what was written is as safe as the durability says.
  Result<void> commit() { return finish(true); }
  /// Likewise. After that the log may be moved, which takes a while. Requires: a transaction of its own.
  Result<void> commit(const CommitSteps& steps) { return finish(true, steps); }
  /// For what nobody is promised: the time when a consumer was last seen.
  Result<void> commit_without_sync() { return finish(false); }

 private:
  WriteTransaction(Connection& connection, bool own) : connection_(&connection), own_(own) {}
  Result<void> finish(bool worth_a_sync, const CommitSteps& steps = {});
  Connection* connection_;
  bool own_;
};

/// While it lives, every transaction that begins is a part of the one that there is: what it commits is kept if that
/// one is committed, and its end undoes nothing. They may be nested. Requires: a WriteTransaction, which outlives it.
class PartsOfOne {
 public:
  explicit PartsOfOne(Connection& connection)
      : connection_(connection), nested_(std::exchange(connection.in_parts_, true)) {
    if (!nested_) {
      connection.parts_ = Connection::Parts::nothing;
    }
  }
  ~PartsOfOne() { connection_.in_parts_ = nested_; }
  PartsOfOne(const PartsOfOne&) = delete;
  PartsOfOne& operator=(const PartsOfOne&) = delete;

  /// What its parts have asked for so far.
  using Outcome = Connection::Parts;
  Outcome outcome() const { return connection_.parts_; }

 private:
  Connection& connection_;
  bool nested_;
};

}  // namespace weir::sqlite
