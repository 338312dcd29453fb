// What a store at the other end of a connection has, and a file has not: time between a question and its answer, limits
// of its own, and a connection that can be lost.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "stream/store.h"

namespace weir {

/// Entries to be added by one call of Remote::append; some of them may have been sent already. It is spent by the call
/// that takes it. The entries stay the caller's, and must not change until they are answered.
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
  /// The store's own mark on what it may have sent of these; 0: nothing.
  std::uint64_t sending() const { return sending_; }
  void note_sending(std::uint64_t sending) { sending_ = sending; }

 private:
  std::span<const Xadd> entries_;
  std::uint64_t sending_ = 0;
};

/// The capability. Threads, blocking and failures are those of the Store.
class Remote {
 public:
  virtual ~Remote() = default;

  /// As Store::append, and while answers are under way it may send entries of `next`. Give `next` to the following
  /// call, which must be this one: it tells what became of them. After any other call, or without `next`, nobody learns
  /// which of those that were sent have been added, and the connection is made anew.
  virtual Result<Store::AddAnswers> append(Batch batch, Batch& next) = 0;

  /// Whether `transact` with `undo` takes so much at once: fails as it would, without asking the store.
  virtual Result<void> fits(std::span<const Request> requests) const = 0;

  /// Fails where this user may not run scripts, or there are none: then there is only what Redis has by itself.
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

/// A file takes any transaction.
inline Result<void> fits(const Store& store, std::span<const Request> requests) {
  const auto* remote = dynamic_cast<const Remote*>(&store);
  return remote == nullptr ? Result<void>() : remote->fits(requests);
}

/// A file does without.
inline Result<void> check_scripts(Store& store) {
  auto* remote = dynamic_cast<Remote*>(&store);
  return remote == nullptr ? Result<void>() : remote->check_scripts();
}

/// A file always is.
inline bool is_at_hand(const Store& store) {
  const auto* remote = dynamic_cast<const Remote*>(&store);
  return remote == nullptr || remote->is_at_hand();
}

}  // namespace weir
