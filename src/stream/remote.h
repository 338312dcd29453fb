// What only a store behind a connection has: time between a question and its answer, limits of its own, and a
// connection that can be lost.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "stream/store.h"

namespace weir {

/// Entries to be added by one call of Remote::append; some of them may have been sent already. That call uses the batch
/// up. The entries belong to the caller, and must not change until they are answered.
class Batch {
 public:
  Batch() = default;
  explicit Batch(std::span<const Xadd> entries) : entries_(entries) {}
  Batch(Batch&& other) noexcept
      : entries_(std::exchange(other.entries_, {})), sending_(std::exchange(other.sending_, 0)) {}
  Batch& operator=(Batch&& other) noexcept {
    entries_ = std::exchange(other.entries_, {});
    sending_ = std::exchange(other.sending_, 0);
    return *this;
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  ~Batch() = default;

  std::span<const Xadd> entries() const { return entries_; }
  /// The store's own mark: which of these entries it may have sent; 0: none.
  std::uint64_t sending() const { return sending_; }
  void note_sending(std::uint64_t sending) { sending_ = sending; }

 private:
  std::span<const Xadd> entries_;
  std::uint64_t sending_ = 0;
};

/// Implemented by a `Store` behind a connection. Threads, blocking and failures are those of the Store.
class Remote {
 public:
  virtual ~Remote() = default;

  /// As Store::append, but while answers are under way it may send entries of `next`. The following call must be
  /// `append` again, with `next`: its answer says what became of those entries. After any other call, or without
  /// `next`, nobody learns which of the entries that were sent have been added, and the connection is made anew.
  virtual Result<Store::AddAnswers> append(Batch batch, Batch& next) = 0;

  /// Whether `transact` with `undo` takes so many requests at once. Fails as `transact` would, without asking the
  /// store.
  virtual Result<void> fits(std::span<const Request> requests) const = 0;

  /// Fails if this user may not run scripts, or the server has none: then only Redis's own commands can be used.
  virtual Result<void> check_scripts() = 0;

  /// False after the connection was lost and not found again: a call may then wait for as long as `lock_timeout`.
  virtual bool is_at_hand() const = 0;

 protected:
  Remote() = default;
  Remote(const Remote&) = default;
  Remote(Remote&&) = default;
  Remote& operator=(const Remote&) = default;
  Remote& operator=(Remote&&) = default;
};

/// As Remote::fits; a file takes any transaction.
inline Result<void> fits(const Store& store, std::span<const Request> requests) {
  const auto* remote = dynamic_cast<const Remote*>(&store);
  return remote == nullptr ? Result<void>() : remote->fits(requests);
}

/// As Remote::check_scripts; a file needs no scripts.
inline Result<void> check_scripts(Store& store) {
  auto* remote = dynamic_cast<Remote*>(&store);
  return remote == nullptr ? Result<void>() : remote->check_scripts();
}

/// As Remote::is_at_hand; a file always is.
inline bool is_at_hand(const Store& store) {
  const auto* remote = dynamic_cast<const Remote*>(&store);
  return remote == nullptr || remote->is_at_hand();
}

}  // namespace weir
