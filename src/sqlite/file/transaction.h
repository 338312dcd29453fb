// Transactions of a connection. A transaction is either committed, or undone when its object ends.
#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include "sqlite/file/connection.h"
#include "stream/result.h"

namespace weir::sqlite {

/// A consistent view for several statements, until the object ends. The database keeps failures. When the object ends,
/// no statement begun within it may still be in use.
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

/// A write transaction. It begins when its turn has come, for which it waits up to `lock_timeout`. It is undone unless
/// `commit` returns without an error.
class WriteTransaction {
 public:
  /// `waited`: the part of `lock_timeout` that is over already.
  static Result<WriteTransaction> begin(Connection& connection, std::chrono::milliseconds waited = {});
  /// Begins without waiting. Nothing: somebody else writes.
  static Result<std::optional<WriteTransaction>> begin_at_once(Connection& connection);
  ~WriteTransaction();
  WriteTransaction(WriteTransaction&& other) noexcept;
  WriteTransaction(const WriteTransaction&) = delete;
  WriteTransaction& operator=(const WriteTransaction&) = delete;
  WriteTransaction& operator=(WriteTransaction&&) = delete;

  /// Fails if anything failed since `begin`. When this returns, the changes are as safe as the durability says.
  Result<void> commit() { return finish(true); }
  /// As `commit`, with `steps` on the way; moving the log afterwards may take a while. Requires: not inside a
  /// PartsOfOne.
  Result<void> commit(const CommitSteps& steps) { return finish(true, steps); }
  /// For changes that are promised to nobody, such as the time when a consumer was last seen.
  Result<void> commit_without_sync() { return finish(false); }

 private:
  WriteTransaction(Connection& connection, bool own) : connection_(&connection), own_(own) {}
  Result<void> finish(bool worth_a_sync, const CommitSteps& steps = {});
  Connection* connection_;
  bool own_;
};

/// While an object lives, every transaction that begins is a part of the existing one: its commit takes effect only
/// with the whole, and its end undoes nothing. Objects may be nested. Requires: a WriteTransaction, which outlives the
/// object.
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

  /// What the parts have asked for so far.
  using Outcome = Connection::Parts;
  Outcome outcome() const { return connection_.parts_; }

 private:
  Connection& connection_;
  bool nested_;
};

}  // namespace weir::sqlite
